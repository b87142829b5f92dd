import { Check, Plus } from 'lucide-react'
import { useState } from 'react'
import type { Team, TeamCandidate } from '#common/contract/teams'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { Button } from '../../../ui/Button.tsx'
import { Field } from '../../../ui/Field.tsx'
import { FormDialog } from '../../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { usePause } from '../../../ui/pause.ts'

/** Finds people and puts them into a team, one after the other. */
export function TeamMemberDialog({
  team,
  onClose,
  onAdded,
}: {
  team: Team
  onClose: () => void
  onAdded: () => void
}) {
  const [typed, setTyped] = useState('')
  const [search, setSearch] = useState('')
  const { after, flush } = usePause(300)
  const { value, problem } = useAnswer(search, () => ask('teams.candidates', { id: team.id, search }))
  const [added, setAdded] = useState<ReadonlySet<string>>(new Set())
  const [busy, setBusy] = useState<string | null>(null)
  const [failure, setFailure] = useState<Problem | null>(null)
  const users = search.trim() === '' ? [] : (value?.users ?? [])

  const add = async ({ id: userId }: TeamCandidate) => {
    setBusy(userId)
    setFailure(null)
    try {
      await ask('teams.addMember', { id: team.id, userId })
      setAdded(new Set([...added, userId]))
      onAdded()
    } catch (error) {
      setFailure(problemOf(error))
    }
    setBusy(null)
  }
  return (
    <FormDialog
      title={`Add people to ${team.name}`}
      intro={<p>Its leader, and the leaders above, then see their field work.</p>}
      send={null}
      busy={false}
      onSend={flush}
      onClose={onClose}
    >
      <Field label="Find people" hint="By name, user name or e-mail address" className="mt-4">
        {(control) => (
          <input
            type="search"
            {...control}
            autoFocus
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            value={typed}
            onChange={(event) => {
              const words = event.target.value
              setTyped(words)
              after(() => setSearch(words))
            }}
          />
        )}
      </Field>
      {(failure ?? problem) && <ProblemNotice problem={(failure ?? problem)!} className="mt-3" />}
      <p role="status" className="mt-3 text-muted">
        {search.trim() !== '' && value && users.length === 0 && 'Nobody found who is not in it already.'}
      </p>
      {users.length > 0 && (
        <ul aria-label="People found" className="max-h-72 overflow-y-auto border-t border-line">
          {users.map((user) => (
            <li key={user.id} className="flex h-11 items-center gap-2 border-b border-line">
              <span className="min-w-0 flex-1">
                <span className="block truncate">{user.displayName}</span>
                <span className="block truncate text-sm text-muted">{user.username}</span>
              </span>
              {added.has(user.id) ? (
                <span className="flex items-center gap-1 px-3 text-sm text-muted">
                  <Check aria-hidden size={14} /> Added
                </span>
              ) : (
                <Button
                  aria-label={`Add ${user.displayName}`}
                  disabled={busy !== null}
                  onClick={() => void add(user)}
                >
                  <Plus aria-hidden size={14} /> Add
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </FormDialog>
  )
}
