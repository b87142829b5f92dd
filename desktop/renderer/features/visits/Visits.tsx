import { SearchX, Store } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import { type VisitStatus, visitStatuses } from '#common/contract/visits'
import { AdminScreen, Failed, Loading } from '../../app/AdminScreen.tsx'
import { ask } from '../../app/bridge.ts'
import { useDataChanges } from '../../app/data-changes.ts'
import { useMay, useSession } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { openVisit, showScreen, type Sought, useWorkspace } from '../../app/workspace.ts'
import { afterDrawing } from '../../ui/after-drawing.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Choice } from '../../ui/Choice.tsx'
import { countWords, numberWords } from '../../ui/date-words.ts'
import { DateInput } from '../../ui/DateInput.tsx'
import { focusScreen } from '../../ui/focus-back.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Pages } from '../../ui/Pages.tsx'
import { SearchBox } from '../../ui/SearchBox.tsx'
import { State } from '../../ui/State.tsx'
import { Tags } from '../../ui/Tags.tsx'
import { momentOfDay } from './visit-words.ts'
import { VisitScreen } from './VisitScreen.tsx'
import { type ShownVisit, VisitsTable } from './VisitsTable.tsx'
import { statusWords } from '../../ui/visit-labels.ts'

interface Query {
  whose: 'mine' | 'team'
  search: string
  status: VisitStatus | null
  /** In which site, among those of the team. */
  siteId: string | null
  /**
   * Days, both included; empty bounds nothing. Of one's own by the clocks here, of those of the team by the clocks where
   * each began.
   */
  from: string
  until: string
  /** What a figure was about whose visits these are. */
  about: Partial<Record<About, Sought> & Record<Only, true>>
  page: number
}

const abouts = ['shop', 'agent', 'team', 'brand'] as const
type About = (typeof abouts)[number]

const onlyWords = {
  isFar: 'Far from the shop',
  hasSurvey: 'With a survey',
  marked: 'With marks on a photo',
} as const
type Only = keyof typeof onlyWords
const onlys = Object.keys(onlyWords) as Only[]

const everything = { status: null, siteId: null, from: '', until: '', about: {} }
const pageSize = 50

const isNarrow = ({ status, siteId, from, until, about }: Query) =>
  status !== null || siteId !== null || from !== '' || until !== '' || Object.keys(about).length > 0

/** Visits that were made: one's own, from this device, and for those who lead others theirs, from the server. */
export function Visits({ site }: { site: SiteMembership | null }) {
  const visit = useWorkspace((workspace) => workspace.visit)
  const mayOwn = useMay('visit.work') && site !== null
  const mayTeam = useMay('visit.read', { userId: '', inTeam: true })
  const sought = useWorkspace((workspace) => workspace.visitsSought)
  const [query, setQuery] = useState<Query>(() => {
    const start = { ...everything, search: '', page: 1 }
    if (!sought) return { ...start, whose: mayOwn ? 'mine' : 'team' }
    const { from, until, status = null, siteId = null, ...about } = sought
    return { ...start, whose: 'team', from, until, status, siteId, about }
  })
  if (visit) return <VisitScreen key={visit} id={visit} from="visits" />
  return (
    <VisitLists
      site={site}
      query={query}
      choice={mayOwn && (mayTeam || sought !== null)}
      onChange={(changes) => setQuery((before) => ({ ...before, page: 1, ...changes }))}
    />
  )
}

function VisitLists({
  site,
  query,
  choice,
  onChange,
}: {
  site: SiteMembership | null
  query: Query
  /** There are visits of one's own and of others. */
  choice: boolean
  onChange: (changes: Partial<Query>) => void
}) {
  const isTeam = query.whose === 'team'
  const online = useSync((sync) => sync.online)
  const { value, problem, reload } = useAnswer(`${isTeam && online} ${JSON.stringify(query)}`, () =>
    read(query, site),
  )
  useDataChanges(site?.id ?? null, () => !isTeam && void reload())
  useEffect(() => afterDrawing(focusScreen), [])
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const found = value?.whose === query.whose && !failed ? value : null
  return (
    <AdminScreen
      title="Visits"
      actions={
        <>
          {choice && (
            <WhoseChoice whose={query.whose} onChange={(whose) => onChange({ ...everything, whose })} />
          )}
          <SearchBox
            label={isTeam ? 'Search shops and people' : 'Search shops'}
            onSearch={(search) => onChange({ search })}
          />
        </>
      }
    >
      <Filters query={query} found={found} onChange={onChange} />
      {failed && (
        <Failed problem={failed} title="The visits could not be read" onRetry={() => void reload()} />
      )}
      {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
      {!found && !problem && <Loading words="Reading the visits" />}
      {found && found.visits.length === 0 && (
        <NoVisits query={query} site={site} onClear={() => onChange(everything)} />
      )}
      {found && found.visits.length > 0 && (
        <VisitsTable
          visits={found.visits}
          showsAgent={isTeam}
          showsSite={isTeam && query.siteId === null}
          onOpen={(id) => openVisit(id, 'visits')}
        />
      )}
      {found && <Pages {...found} page={query.page} onPage={(page) => onChange({ page })} />}
    </AdminScreen>
  )
}

interface Found {
  whose: Query['whose']
  visits: ShownVisit[]
  total: number
  /** There are more than were counted. */
  totalIsCapped?: true
  pageSize: number
}

async function read(
  { whose, search, status, siteId, from, until, about, page }: Query,
  site: SiteMembership | null,
) {
  const found: Omit<Found, 'whose' | 'pageSize'> =
    whose === 'mine'
      ? await ask('visits.mine', {
          siteId: site!.id,
          search: search.trim(),
          status,
          from: momentOfDay(from),
          to: momentOfDay(until, 1),
          offset: (page - 1) * pageSize,
          limit: pageSize,
        })
      : await ask('visits.list', {
          ...(search.trim() && { search: search.trim() }),
          ...(status && { status }),
          ...(siteId && { siteId }),
          ...(from && { fromDay: from }),
          ...(until && { toDay: until }),
          ...(about.shop && { shopId: about.shop.id }),
          ...(about.agent && { agentId: about.agent.id }),
          ...(about.team && { teamId: about.team.id }),
          ...(about.brand && { brandId: about.brand.id }),
          ...(about.isFar && { isFar: 'true' as const }),
          ...(about.hasSurvey && { hasSurvey: 'true' as const }),
          ...(about.marked && { marked: 'true' as const }),
          page,
          pageSize,
        })
  return { whose, ...found, pageSize }
}

function WhoseChoice({
  whose,
  onChange,
}: {
  whose: Query['whose']
  onChange: (whose: Query['whose']) => void
}) {
  return (
    <div role="group" aria-label="Whose visits" className="flex rounded-md bg-surface-2 p-0.5">
      {(['mine', 'team'] as const).map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={whose === each}
          className="h-[27px] rounded-[5px] px-3 font-[550] text-muted hover:text-text aria-pressed:bg-surface aria-pressed:text-text aria-pressed:shadow-[0_0_0_1px_var(--line)]"
          onClick={() => onChange(each)}
        >
          {each === 'mine' ? 'Mine' : 'Team'}
        </button>
      ))}
    </div>
  )
}

/** What the list is narrowed to, and how many that leaves. */
function Filters({
  query,
  found,
  onChange,
}: {
  query: Query
  found: Found | null
  onChange: (changes: Partial<Query>) => void
}) {
  const sites = useSession(({ user }) => user?.sites ?? noSites)
  const { whose, status, siteId, from, until, search, about } = query
  const filters = useRef<HTMLDivElement>(null)
  const tags = [...abouts, ...onlys].flatMap((name) => {
    const { [name]: one, ...others } = about
    if (!one) return []
    const words = one === true ? onlyWords[name as Only] : one.name
    return [{ key: name, words, onRemove: () => onChange({ about: others }) }]
  })
  const isAll = !isNarrow(query) && search.trim() === ''
  return (
    <div
      ref={filters}
      role="group"
      aria-label="Filters"
      tabIndex={-1}
      className="mb-2 flex flex-wrap items-center gap-2 outline-none"
    >
      <Choice
        label="Status"
        none="Any status"
        value={status}
        options={visitStatuses.map((name) => [name, statusWords[name].words])}
        onChange={(next) => onChange({ status: next })}
      />
      {whose === 'team' && sites.length > 1 && (
        <Choice
          label="Site"
          none="Any site"
          value={siteId}
          options={sites.map(({ id, name }) => [id, name])}
          onChange={(next) => onChange({ siteId: next })}
        />
      )}
      <Day
        label="From"
        empty="From any day"
        value={from}
        max={until}
        onChange={(day) => onChange({ from: day })}
      />
      <Day
        label="Until"
        empty="Until any day"
        value={until}
        min={from}
        onChange={(day) => onChange({ until: day })}
      />
      <Tags tags={tags} onClear={() => onChange(everything)} chosenAt={filters} />
      {isNarrow(query) && tags.length === 0 && (
        <TextButton look="faint" className="text-sm" onClick={() => onChange(everything)}>
          Clear filters
        </TextButton>
      )}
      <span role="status" className="ml-auto text-muted tabular-nums">
        {found?.totalIsCapped && `${numberWords(found.total)}+ ${isAll ? 'visits' : 'found'}`}
        {found &&
          !found.totalIsCapped &&
          (isAll ? countWords(found.total, 'visit') : `${numberWords(found.total)} found`)}
      </span>
    </div>
  )
}

const noSites: readonly SiteMembership[] = []

const Day = ({
  label,
  empty,
  value,
  min,
  max,
  onChange,
}: {
  label: string
  empty: string
  value: string
  min?: string
  max?: string
  onChange: (day: string) => void
}) => (
  <span className={`control flex w-36 items-center pr-1 ${value ? 'border-accent' : ''}`}>
    <DateInput
      aria-label={label}
      value={value}
      empty={empty}
      {...(min && { min })}
      {...(max && { max })}
      className="flex-1"
      onChange={({ target }) => onChange(target.value)}
    />
  </span>
)

function NoVisits({
  query,
  site,
  onClear,
}: {
  query: Query
  site: SiteMembership | null
  onClear: () => void
}) {
  const mayStart = useMay('visit.start')
  const isNarrowed = isNarrow(query)
  if (isNarrowed || query.search.trim() !== '')
    return (
      <State icon={SearchX} title="No visit found">
        <p>
          {isNarrowed
            ? 'The filters may leave some out.'
            : 'No visit fits this search. Try fewer or other words.'}
        </p>
        {isNarrowed && (
          <Button className="mt-2" onClick={onClear}>
            Clear filters
          </Button>
        )}
      </State>
    )
  if (query.whose === 'team')
    return (
      <State icon={Store} title="No visits yet">
        <p>Visits of the people you lead are listed here once they have been sent.</p>
      </State>
    )
  return (
    <State icon={Store} title={`You have made no visits at ${site?.name} yet`}>
      <p>Visits start on the screen Today.</p>
      {mayStart && (
        <Button className="mt-2" onClick={() => showScreen('today')}>
          Go to Today
        </Button>
      )}
    </State>
  )
}
