import { User, UsersRound } from 'lucide-react'
import { type KeyboardEvent, useRef, useState } from 'react'
import type { Assignee } from '#common/contract/goals'
import { fold, searchTerms } from '#common/rules/folding'
import { stepThrough } from '../ui/step-through.ts'
import { usePause } from '../ui/pause.ts'
import { Field } from '../ui/Field.tsx'
import { ask } from './bridge.ts'
import { useAnswer } from './use-answer.ts'

/** A person or a team, with what it is called. */
export interface NamedAssignee extends Assignee {
  name: string
}

export const assigneeKey = ({ userId, teamId }: Assignee): string => userId ?? teamId!

/** As many of each as one looks through before typing more. */
const mostFound = 8

/** Finds people and teams at or below one's own, and chooses one after the other. */
export function AssigneeSearch({
  label,
  hint = 'Type a name and choose from what is found.',
  error,
  without,
  withTeams = true,
  onChoose,
}: {
  label: string
  hint?: string
  error: string | undefined
  /** Keys of those that are chosen already. */
  without: readonly string[]
  withTeams?: boolean
  onChoose: (assignee: NamedAssignee) => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const [typed, setTyped] = useState('')
  const [search, setSearch] = useState('')
  const { after, flush, cancel } = usePause(300)
  const teams = useAnswer('', () => ask('teams.list', {})).value?.teams ?? []
  const { value, problem } = useAnswer(search, () => findPeople(search))
  const terms = searchTerms(search)
  const found: NamedAssignee[] =
    terms.length === 0
      ? []
      : [
          ...teams
            .filter(
              ({ active, name }) => withTeams && active && terms.every((term) => fold(name).includes(term)),
            )
            .slice(0, mostFound)
            .map(({ id, name }) => ({ userId: null, teamId: id, name })),
          ...(value?.search === search ? value.people : []),
        ].filter((each) => !without.includes(assigneeKey(each)))
  const choose = (assignee: NamedAssignee) => {
    cancel()
    setTyped('')
    setSearch('')
    onChoose(assignee)
    box.current?.querySelector('input')?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      // It is no wish to save the form.
      event.preventDefault()
      flush()
      if (found.length === 1 && search === typed) choose(found[0]!)
    } else if (event.key === 'ArrowDown' && found.length > 0) {
      event.preventDefault()
      box.current?.querySelector<HTMLElement>('ul button')?.focus()
    } else if (event.key === 'Escape' && typed !== '') {
      event.preventDefault()
      event.stopPropagation()
      cancel()
      setTyped('')
      setSearch('')
    }
  }
  return (
    <div ref={box}>
      <Field label={label} error={error ?? problem?.message} hint={hint}>
        {(control) => (
          <input
            type="search"
            {...control}
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            value={typed}
            onChange={(event) => {
              const words = event.target.value
              setTyped(words)
              after(() => setSearch(words))
            }}
            onKeyDown={onKeyDown}
          />
        )}
      </Field>
      <p role="status" className={found.length > 0 || terms.length === 0 ? 'sr-only' : 'mt-1 text-muted'}>
        {terms.length > 0 &&
          value?.search === search &&
          (found.length === 0 ? 'Nobody found who is not chosen already.' : `${found.length} found`)}
      </p>
      {found.length > 0 && (
        <ul
          aria-label={withTeams ? 'People and teams found' : 'People found'}
          className="mt-1 max-h-56 overflow-y-auto rounded-md border border-line-strong py-1"
          onKeyDown={stepThrough}
        >
          {found.map((each) => (
            <li key={assigneeKey(each)}>
              <button
                type="button"
                className="flex w-full items-center gap-2 px-2.5 py-1 text-left hover:bg-surface-2"
                onClick={() => choose(each)}
              >
                <AssigneeIcon assignee={each} />
                <span className="min-w-0 truncate">{each.name}</span>
                {each.teamId && <span className="text-sm text-muted">Team</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

export function AssigneeIcon({ assignee }: { assignee: Assignee }) {
  const Icon = assignee.teamId ? UsersRound : User
  return <Icon aria-hidden size={14} className="shrink-0 text-faint" />
}

async function findPeople(search: string) {
  if (search.trim() === '') return { search, people: [] }
  const { users } = await ask('people.list', {
    search,
    role: null,
    siteId: null,
    status: null,
    sort: 'displayName',
    page: 1,
  })
  const people = users
    .filter(({ status }) => status !== 'disabled' && status !== 'forgotten')
    .slice(0, mostFound)
    .map(({ id, displayName }) => ({ userId: id, teamId: null, name: displayName }))
  return { search, people }
}
