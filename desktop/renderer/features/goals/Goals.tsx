import { Plus, SearchX, Target } from 'lucide-react'
import { useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import { AdminScreen, Failed, Loading } from '../../app/AdminScreen.tsx'
import { ask } from '../../app/bridge.ts'
import { useCommands } from '../../app/commands.ts'
import { useMay } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { whenClean } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { Choice } from '../../ui/Choice.tsx'
import { countWords, numberWords } from '../../ui/date-words.ts'
import { Freshness } from '../../ui/Freshness.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { ifStill } from '../../ui/opened-panel.ts'
import { Pages } from '../../ui/Pages.tsx'
import { SearchBox } from '../../ui/SearchBox.tsx'
import { focusPanel, WithPanel } from '../../ui/SidePanel.tsx'
import { State } from '../../ui/State.tsx'
import { GoalPanel } from './GoalPanel.tsx'
import { goalRowId, GoalsList } from './GoalsList.tsx'

interface Query {
  search: string
  /** Null: those that go on. */
  state: 'upcoming' | 'ended' | 'all' | null
  page: number
}

/** What is to be reached, by whom and until when, and how far that has come. */
export function Goals() {
  const online = useSync((sync) => sync.online)
  const mayManage = useMay('goal.manage')
  const [query, setQuery] = useState<Query>({ search: '', state: null, page: 1 })
  const { value, problem, reload } = useAnswer(`${online} ${JSON.stringify(query)}`, () =>
    ask('goals.list', {
      ...(query.search.trim() && { search: query.search.trim() }),
      state: query.state ?? 'current',
      page: query.page,
      pageSize: 50,
    }),
  )
  const [opened, setOpened] = useState<{ key: string; id: string | null; focus: boolean } | null>(null)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const found = failed ? null : value
  const isAll = query.search.trim() === ''

  const open = (id: string, focus: boolean) =>
    id === opened?.id ? focus && focusPanel() : whenClean(() => setOpened({ key: id, id, focus }))
  const close = () =>
    whenClean(() => {
      setOpened(null)
      if (opened?.id) document.getElementById(goalRowId(opened.id))?.focus()
    })
  const add = () => whenClean(() => setOpened({ key: uuidv7(), id: null, focus: true }))
  const mayAdd = mayManage && online
  useCommands('goals', () => (mayAdd ? [{ id: 'goals.add', words: 'Add a goal', run: add }] : []))
  return (
    <WithPanel isOpen={opened !== null} onClose={close}>
      <AdminScreen
        title="Goals"
        actions={
          <>
            <SearchBox
              label="Search goals"
              className="w-56"
              onSearch={(search) => setQuery((before) => ({ ...before, search, page: 1 }))}
            />
            {mayManage && (
              <Button look="primary" disabled={!online} onClick={add}>
                <Plus aria-hidden size={15} /> Add goal
              </Button>
            )}
          </>
        }
      >
        <div className="mb-2 flex flex-wrap items-center gap-2">
          <Choice
            label="When"
            none="Current"
            value={query.state}
            options={[
              ['upcoming', 'Still to begin'],
              ['ended', 'Ended'],
              ['all', 'All'],
            ]}
            onChange={(state) => setQuery((before) => ({ ...before, state, page: 1 }))}
          />
          <span role="status" className="ml-auto text-muted tabular-nums">
            {found && (isAll ? countWords(found.total, 'goal') : `${numberWords(found.total)} found`)}
          </span>
          <Freshness asOf={found?.asOf ?? null} onRefresh={() => void reload()} />
        </div>
        {failed && (
          <Failed problem={failed} title="The goals could not be read" onRetry={() => void reload()} />
        )}
        {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
        {!value && !problem && <Loading words="Reading the goals" />}
        {found && found.goals.length === 0 && (
          <NoGoals query={query} mayManage={mayManage} online={online} onAdd={add} />
        )}
        {found && found.goals.length > 0 && (
          <GoalsList goals={found.goals} opened={opened?.id ?? null} onOpen={open} />
        )}
        {found && (
          <Pages
            {...found}
            page={query.page}
            onPage={(page) => setQuery((before) => ({ ...before, page }))}
          />
        )}
      </AdminScreen>
      {opened && (
        <GoalPanel
          key={opened.key}
          id={opened.id}
          focus={opened.focus}
          onSaved={(goal) => {
            setOpened(ifStill(opened, (now) => ({ ...now, id: goal.id })))
            void reload()
          }}
          onDeleted={() => {
            setOpened(ifStill(opened, () => null))
            void reload()
          }}
          onClose={close}
        />
      )}
    </WithPanel>
  )
}

function NoGoals({
  query: { search, state },
  mayManage,
  online,
  onAdd,
}: {
  query: Query
  mayManage: boolean
  online: boolean
  onAdd: () => void
}) {
  if (search.trim() !== '')
    return (
      <State icon={SearchX} title="No goal found">
        <p>No goal fits this search. Try fewer or other words, or look at all goals.</p>
      </State>
    )
  if (state === 'ended' || state === 'upcoming')
    return (
      <State icon={Target} title={state === 'ended' ? 'No goal has ended' : 'No goal is still to begin'} />
    )
  return (
    <State icon={Target} title={state === 'all' ? 'There are no goals yet' : 'No goal goes on at the moment'}>
      {mayManage ? (
        <>
          <p>Set one for people or teams, such as 1,500 visits this month.</p>
          <Button look="primary" className="mt-2" disabled={!online} onClick={onAdd}>
            <Plus aria-hidden size={15} /> Add goal
          </Button>
        </>
      ) : (
        <p>Goals that are set for you or your team are listed here.</p>
      )}
    </State>
  )
}
