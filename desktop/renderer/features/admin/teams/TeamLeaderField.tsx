import { useRef, useState } from 'react'
import type { FoundPerson } from '#desktop/bridge/people'
import { ask } from '../../../app/bridge.ts'
import { Field } from '../../../ui/Field.tsx'
import { usePause } from '../../../ui/pause.ts'

/** Who leads, or the words typed so far where nobody is chosen by them. */
export interface Leader {
  id: string | null
  words: string
}

/** Chooses a person by name; left empty there is no leader. */
export function LeaderField({
  leader,
  error,
  onChange,
}: {
  leader: Leader
  error: string | undefined
  onChange: (leader: Leader) => void
}) {
  const [found, setFound] = useState<readonly FoundPerson[]>([])
  const latest = useRef(0)
  const { after } = usePause(300)
  const find = async (search: string) => {
    const mine = ++latest.current
    const { people } = await ask('people.find', { search }).catch(() => ({ people: [] }))
    if (mine === latest.current) setFound(people)
  }
  const type = (words: string) => {
    latest.current++
    setFound([])
    onChange({ id: null, words })
    after(() => void (words.trim() !== '' && find(words)))
  }
  const choose = ({ id, displayName }: FoundPerson) => {
    setFound([])
    onChange({ id, words: displayName })
  }
  return (
    <div>
      <Field
        label="Leader"
        error={error}
        hint="Type a name and choose from who is found; leave it empty for none."
      >
        {(control) => (
          <input
            type="text"
            {...control}
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            value={leader.words}
            onChange={(event) => type(event.target.value)}
          />
        )}
      </Field>
      {found.length > 0 && (
        <ul
          aria-label="People found"
          className="mt-1 max-h-40 overflow-y-auto rounded-md border border-line-strong py-1"
        >
          {found.map((person) => (
            <li key={person.id}>
              <button
                type="button"
                className="block w-full truncate px-2.5 py-1 text-left hover:bg-surface-2"
                onClick={() => choose(person)}
              >
                {person.displayName}
                {person.detail && <span className="ml-1.5 text-sm text-muted">{person.detail}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
