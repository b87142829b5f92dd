import { SearchX, UserPlus, UserRoundX, UsersRound } from 'lucide-react'
import { useState } from 'react'
import type { Team, TeamMember } from '#common/contract/teams'
import type { Problem } from '#desktop/bridge/channels'
import { Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useMay } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { tell } from '../../../app/workspace.ts'
import { Button } from '../../../ui/Button.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { Pages } from '../../../ui/Pages.tsx'
import { Pill } from '../../../ui/Pill.tsx'
import { SearchBox } from '../../../ui/SearchBox.tsx'
import { State } from '../../../ui/State.tsx'
import { SidePanel, PanelHead } from '../../../ui/SidePanel.tsx'
import { levelWords } from './team-words.ts'
import { TeamMemberDialog } from './TeamMemberDialog.tsx'

/** One team beside the tree: who leads it, what it is below, and its people. */
export function TeamPanel({
  team,
  parent,
  focus,
  onAddBelow,
  onChange,
  onChanged,
  onClose,
}: {
  team: Team
  parent: Team | null
  /** Put the cursor here: it was opened by keyboard. */
  focus: boolean
  onAddBelow: () => void
  onChange: () => void
  onChanged: () => void
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  const mayManage = useMay('team.manage')
  const [query, setQuery] = useState({ search: '', page: 1 })
  const { value, problem, reload } = useAnswer(`${online} ${team.version} ${JSON.stringify(query)}`, () =>
    ask('teams.members', { id: team.id, ...query }),
  )
  const [failure, setFailure] = useState<Problem | null>(null)
  const [adding, setAdding] = useState(false)

  const act = async (work: () => Promise<unknown>, words: string, undo?: () => void) => {
    setFailure(null)
    try {
      await work()
      tell(words, undo && { words: 'Undo', onClick: undo })
    } catch (error) {
      setFailure(problemOf(error))
    }
    onChanged()
    await reload()
  }
  const add = ({ id: userId, displayName }: Pick<TeamMember, 'id' | 'displayName'>) =>
    act(() => ask('teams.addMember', { id: team.id, userId }), `${displayName} is in ${team.name}.`)
  const remove = (member: TeamMember) =>
    act(
      () => ask('teams.removeMember', { id: team.id, userId: member.id }),
      `${member.displayName} is no longer in ${team.name}.`,
      member.active && team.active ? () => void add(member) : undefined,
    )
  const use = (active: boolean) =>
    act(
      () => ask('teams.update', { id: team.id, version: team.version, active }),
      `${team.name} is ${active ? 'in use again' : 'out of use'}.`,
    )
  const { tone, words } = levelWords[team.level]
  return (
    <SidePanel label="Team">
      <PanelHead title={team.name} badge={<Pill tone={tone}>{words}</Pill>} focus={focus} onClose={onClose} />
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto p-4">
        <dl className="grid grid-cols-[5.5rem_1fr] gap-y-1.5">
          <dt className="text-muted">Leader</dt>
          <dd className="min-w-0 break-words">{team.leaderName ?? 'None yet'}</dd>
          <dt className="text-muted">Below</dt>
          <dd className="min-w-0 break-words">
            {parent?.name ?? (team.parentId ? 'A team of others' : 'None: at the top')}
          </dd>
          {!team.active && (
            <>
              <dt className="text-muted">State</dt>
              <dd>Out of use: its leader sees nobody through it</dd>
            </>
          )}
        </dl>
        {mayManage && (
          <div className="mt-3 flex flex-wrap gap-2">
            <Button disabled={!online} onClick={onChange}>
              Change…
            </Button>
            {team.level !== 'team' && team.active && (
              <Button disabled={!online} onClick={onAddBelow}>
                Add below…
              </Button>
            )}
            <Button look="quiet" disabled={!online} onClick={() => void use(!team.active)}>
              {team.active ? 'Take out of use' : 'Use again'}
            </Button>
          </div>
        )}
        {failure && <ProblemNotice problem={failure} className="mt-3" />}
        <div className="mt-5 mb-2 flex flex-wrap items-center gap-2">
          <h3 className="font-semibold">People</h3>
          <span className="flex-1" />
          <Button disabled={!online || !team.active} onClick={() => setAdding(true)}>
            <UserPlus aria-hidden size={14} /> Add people…
          </Button>
        </div>
        {(team.members > 10 || query.search !== '') && (
          <div className="mb-2">
            <SearchBox label="Search its people" onSearch={(search) => setQuery({ search, page: 1 })} />
          </div>
        )}
        {problem && (
          <Failed problem={problem} title="Its people could not be read" onRetry={() => void reload()} />
        )}
        {!value && !problem && <Loading words="Reading its people" />}
        {value && !problem && value.total === 0 && <Nobody search={query.search} />}
        {value && !problem && value.users.length > 0 && (
          <ul aria-label={`People of ${team.name}`} className="border-t border-line">
            {value.users.map((member) => (
              <li key={member.id} className="flex h-11 items-center gap-2 border-b border-line">
                <span className="min-w-0 flex-1">
                  <span className="block truncate">{member.displayName}</span>
                  <span className="block truncate text-sm text-muted">
                    {member.username}
                    {!member.active && ' · cannot sign in'}
                  </span>
                </span>
                <Button
                  look="icon"
                  aria-label={`Remove ${member.displayName}`}
                  title="Remove"
                  disabled={!online}
                  onClick={() => void remove(member)}
                >
                  <UserRoundX aria-hidden size={15} />
                </Button>
              </li>
            ))}
          </ul>
        )}
        {value && !problem && (
          <Pages {...value} page={query.page} onPage={(page) => setQuery({ ...query, page })} />
        )}
      </div>
      {adding && (
        <TeamMemberDialog
          team={team}
          onClose={() => setAdding(false)}
          onAdded={() => {
            onChanged()
            void reload()
          }}
        />
      )}
    </SidePanel>
  )
}

const Nobody = ({ search }: { search: string }) =>
  search.trim() === '' ? (
    <State icon={UsersRound} title="Nobody is in it yet">
      <p>Add the people its leader looks after.</p>
    </State>
  ) : (
    <State icon={SearchX} title="Nobody found">
      <p>Try fewer or other words.</p>
    </State>
  )
