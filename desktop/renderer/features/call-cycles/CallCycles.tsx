import { Plus, Repeat, SearchX } from 'lucide-react'
import { useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { ListedCycle, WholeCycle } from '#common/contract/call-cycles'
import type { SiteMembership } from '#common/contract/sites'
import { AdminScreen, Failed, Loading } from '../../app/AdminScreen.tsx'
import { AssigneeIcon } from '../../app/AssigneeSearch.tsx'
import { ask } from '../../app/bridge.ts'
import { useCommands } from '../../app/commands.ts'
import { useMay, useSession } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { showScreen, useWorkspace, whenClean } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { Choice } from '../../ui/Choice.tsx'
import { countWords, numberWords } from '../../ui/date-words.ts'
import { capital } from '../../ui/field-rows.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Pages } from '../../ui/Pages.tsx'
import { today } from '../../ui/periods.ts'
import { SearchBox } from '../../ui/SearchBox.tsx'
import { State } from '../../ui/State.tsx'
import { stepThrough } from '../../ui/step-through.ts'
import { cell, head } from '../../ui/table.ts'
import { allCycles, CyclePage, NewCyclePage } from './CyclePage.tsx'
import { daysWords, recurrenceWords } from './cycle-words.ts'
import { copyOf, type CycleValues, emptyCycle, valuesOf } from './cycle-values.ts'

interface Query {
  search: string
  siteId: string | null
  /** Null: those that go on or are still to begin. */
  state: 'ended' | 'all' | null
  page: number
}

/** What stands in place of the list. */
type Opened = { id: string } | { key: string; siteId: string; start: CycleValues }

/** Which shops are visited in every period, and by whom. */
export function CallCycles({ site }: { site: SiteMembership }) {
  const sought = useWorkspace((workspace) => workspace.cycleSought)
  const [opened, setOpened] = useState<Opened | null>(() => (sought === null ? null : { id: sought }))
  const isSought = opened !== null && 'id' in opened && opened.id === sought
  const close = () => (isSought ? showScreen('today') : setOpened(null))
  const copy = (whole: WholeCycle) =>
    setOpened({
      key: uuidv7(),
      siteId: whole.cycle.siteId,
      start: copyOf(valuesOf(whole), today(), uuidv7),
    })
  return (
    <>
      {/* Stays behind what is opened, so that the place in it is kept. */}
      <div className={opened ? 'hidden' : 'contents'}>
        <CyclesList
          isShown={opened === null}
          onAdd={() =>
            whenClean(() => setOpened({ key: uuidv7(), siteId: site.id, start: emptyCycle(today()) }))
          }
          onOpen={(id) => setOpened({ id })}
        />
      </div>
      {opened && 'id' in opened && (
        <CyclePage
          key={opened.id}
          id={opened.id}
          backTo={isSought ? 'Today' : allCycles}
          onCopy={copy}
          onClose={close}
        />
      )}
      {opened && 'start' in opened && (
        <NewCyclePage
          key={opened.key}
          siteId={opened.siteId}
          start={opened.start}
          onSaved={(id) => setOpened({ id })}
          onClose={close}
        />
      )}
    </>
  )
}

function CyclesList({
  isShown,
  onAdd,
  onOpen,
}: {
  isShown: boolean
  onAdd: () => void
  onOpen: (id: string) => void
}) {
  const online = useSync((sync) => sync.online)
  const mayAdd = useMay('callCycle.create')
  const [query, setQuery] = useState<Query>({ search: '', siteId: null, state: null, page: 1 })
  const onQuery = (changes: Partial<Query>) => setQuery((before) => ({ ...before, page: 1, ...changes }))
  const sites = useSession(({ user }) => user?.sites) ?? []
  const { value, problem, reload } = useAnswer(`${online} ${isShown} ${JSON.stringify(query)}`, () =>
    ask('cycles.list', {
      ...(query.search.trim() && { search: query.search.trim() }),
      ...(query.siteId && { siteId: query.siteId }),
      state: query.state ?? 'current',
      page: query.page,
      pageSize: 50,
    }),
  )
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const found = failed ? null : value
  const isAll = query.search.trim() === '' && query.siteId === null && query.state === null
  useCommands('call-cycles', () =>
    online && mayAdd ? [{ id: 'call-cycles.add', words: 'Add a call cycle', run: onAdd }] : [],
  )
  return (
    <AdminScreen
      title="Call cycles"
      actions={
        <>
          <SearchBox label="Search call cycles" className="w-56" onSearch={(search) => onQuery({ search })} />
          {mayAdd && (
            <Button look="primary" disabled={!online} onClick={onAdd}>
              <Plus aria-hidden size={15} /> Add call cycle
            </Button>
          )}
        </>
      }
    >
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <Choice
          label="When"
          none="Current and to come"
          value={query.state}
          options={[
            ['ended', 'Ended'],
            ['all', 'All'],
          ]}
          onChange={(state) => onQuery({ state })}
        />
        {sites.length > 1 && (
          <Choice
            label="Site"
            none="Any site"
            value={query.siteId}
            options={sites.map(({ id, name }) => [id, name])}
            onChange={(siteId) => onQuery({ siteId })}
          />
        )}
        <span role="status" className="ml-auto text-muted tabular-nums">
          {found && (isAll ? countWords(found.total, 'call cycle') : `${numberWords(found.total)} found`)}
        </span>
      </div>
      {failed && (
        <Failed problem={failed} title="The call cycles could not be read" onRetry={() => void reload()} />
      )}
      {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
      {!value && !problem && <Loading words="Reading the call cycles" />}
      {found && found.cycles.length === 0 && (
        <NoCycles isAll={isAll} online={online} onAdd={mayAdd ? onAdd : null} />
      )}
      {found && found.cycles.length > 0 && <CyclesTable cycles={found.cycles} onOpen={onOpen} />}
      {found && <Pages {...found} page={query.page} onPage={(page) => onQuery({ page })} />}
    </AdminScreen>
  )
}

const NoCycles = ({
  isAll,
  online,
  onAdd,
}: {
  isAll: boolean
  online: boolean
  onAdd: (() => void) | null
}) =>
  isAll ? (
    <State icon={Repeat} title="There are no call cycles yet">
      <p>A call cycle says which shops somebody visits in every period, such as every second week.</p>
      {onAdd && (
        <Button look="primary" className="mt-2" disabled={!online} onClick={onAdd}>
          <Plus aria-hidden size={15} /> Add call cycle
        </Button>
      )}
    </State>
  ) : (
    <State icon={SearchX} title="No call cycle found">
      <p>Try other words, another site, or look at all.</p>
    </State>
  )

const column = `${head} sticky top-0 bg-surface`
const roomy = '@max-[52rem]:hidden'

const CyclesTable = ({
  cycles,
  onOpen,
}: {
  cycles: readonly ListedCycle[]
  onOpen: (id: string) => void
}) => (
  <div className="@container">
    <table className="w-full table-fixed border-separate border-spacing-0">
      <caption className="sr-only">Call cycles</caption>
      <thead>
        <tr>
          <th scope="col" className={column}>
            Name
          </th>
          <th scope="col" className={`${column} w-[22%]`}>
            Made by
          </th>
          <th scope="col" className={`${column} w-[12%] ${roomy}`}>
            Site
          </th>
          <th scope="col" className={`${column} w-36`}>
            How often
          </th>
          <th scope="col" className={`${column} w-20 text-right`}>
            Shops
          </th>
          <th scope="col" className={`${column} w-52 ${roomy}`}>
            Days
          </th>
        </tr>
      </thead>
      <tbody onKeyDown={stepThrough}>
        {cycles.map((cycle) => (
          <tr key={cycle.id} className="cursor-pointer hover:bg-surface-2" onClick={() => onOpen(cycle.id)}>
            <th scope="row" className={`${cell} text-left font-[550]`}>
              <button type="button" className="block w-full truncate rounded-sm text-left" title={cycle.name}>
                {cycle.name}
              </button>
            </th>
            <td className={cell}>
              <span className="flex items-center gap-1.5">
                <AssigneeIcon assignee={cycle} />
                <span className="truncate" title={cycle.ownerName}>
                  {cycle.ownerName}
                </span>
              </span>
            </td>
            <td className={`${cell} truncate text-muted ${roomy}`}>{cycle.siteName}</td>
            <td className={`${cell} text-muted`}>{capital(recurrenceWords(cycle.recurrence))}</td>
            <td className={`${cell} text-right tabular-nums`}>{numberWords(cycle.shops)}</td>
            <td className={`${cell} truncate text-muted tabular-nums ${roomy}`}>{daysWords(cycle)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
