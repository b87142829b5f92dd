import { Network, Plus } from 'lucide-react'
import { useState } from 'react'
import type { Team } from '#common/contract/teams'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useCommands } from '../../../app/commands.ts'
import { useMay } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { Button } from '../../../ui/Button.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { State } from '../../../ui/State.tsx'
import { focusPanel, WithPanel } from '../../../ui/SidePanel.tsx'
import { TeamDialog } from './TeamDialog.tsx'
import { TeamPanel } from './TeamPanel.tsx'
import { TeamTree, teamRowId } from './TeamTree.tsx'

/** What the dialog is about: a new team, perhaps below another, or one that is there. */
type Writing = { team: Team | null; below: Team | null }

/** The team tree: for admins all of it, for those who lead what is at or below theirs. */
export function Teams() {
  const online = useSync((sync) => sync.online)
  const mayManage = useMay('team.manage')
  const seesAll = useMay('team.list', { inTeam: false })
  const { value, problem, reload } = useAnswer(`${online}`, () => ask('teams.list', {}))
  const [opened, setOpened] = useState<{ id: string; focus: boolean } | null>(null)
  const [writing, setWriting] = useState<Writing | null>(null)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const teams = value?.teams ?? []
  const team = teams.find(({ id }) => id === opened?.id)
  const mayAdd = mayManage && online && (seesAll || teams.length > 0)

  const open = (id: string, focus: boolean) =>
    id === opened?.id ? focus && focusPanel() : setOpened({ id, focus })
  const close = () => {
    setOpened(null)
    if (opened) document.getElementById(teamRowId(opened.id))?.focus()
  }
  const add = (below: Team | null) => setWriting({ team: null, below })
  useCommands('teams', () => (mayAdd ? [{ id: 'teams.add', words: 'Add a team', run: () => add(null) }] : []))
  return (
    <WithPanel isOpen={team !== undefined} onClose={close}>
      <AdminScreen
        title="Teams"
        about="Whoever leads a team sees the field work of its people and of all teams below it."
        actions={
          mayManage && (
            <Button look="primary" disabled={!mayAdd} onClick={() => add(null)}>
              <Plus aria-hidden size={15} /> Add team
            </Button>
          )
        }
      >
        {failed && (
          <Failed problem={failed} title="The teams could not be read" onRetry={() => void reload()} />
        )}
        {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
        {!value && !problem && <Loading words="Reading the teams" />}
        {value && !failed && teams.length === 0 && <NoTeams seesAll={seesAll} />}
        {value && !failed && teams.length > 0 && <TeamTree teams={teams} opened={team?.id} onOpen={open} />}
      </AdminScreen>
      {opened && team && !failed && (
        <TeamPanel
          key={team.id}
          team={team}
          parent={teams.find(({ id }) => id === team.parentId) ?? null}
          focus={opened.focus}
          onAddBelow={() => add(team)}
          onChange={() => setWriting({ team, below: null })}
          onChanged={() => void reload()}
          onClose={close}
        />
      )}
      {writing && (
        <TeamDialog
          {...writing}
          teams={teams}
          onClose={() => setWriting(null)}
          onDone={(id) => {
            setWriting(null)
            setOpened({ id, focus: false })
            void reload()
          }}
        />
      )}
    </WithPanel>
  )
}

const NoTeams = ({ seesAll }: { seesAll: boolean }) =>
  seesAll ? (
    <State icon={Network} title="There are no teams yet">
      <p>Add the highest one first, such as a nation or a region; the others go below it.</p>
    </State>
  ) : (
    <State icon={Network} title="You lead no team">
      <p>Once an admin of your organisation makes you the leader of one, it shows here with all below it.</p>
    </State>
  )
