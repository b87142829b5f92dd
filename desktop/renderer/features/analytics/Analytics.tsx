import { AdminScreen, Failed } from '../../app/AdminScreen.tsx'
import { ask } from '../../app/bridge.ts'
import { useMay } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { Freshness } from '../../ui/Freshness.tsx'
import { type Days, today } from '../../ui/periods.ts'
import { daysOf, ownProblem, queryOf, refresh, useFilters } from './analytics-filters.ts'
import { CoverageCard, useCoverage } from './CoverageCard.tsx'
import { FilterBar } from './FilterBar.tsx'
import { GoalsCard } from './GoalsCard.tsx'
import { InteractionsCard } from './InteractionsCard.tsx'
import { Kpis } from './Kpis.tsx'
import { ShelfShareCards } from './ShelfShareCards.tsx'
import { ShopsCard } from './ShopsCard.tsx'
import { useFigures } from './use-figures.ts'
import { VisitsCard } from './VisitsCard.tsx'

/** Figures of field work and of interactions, as pictures; each opens the rows behind it. */
export function Analytics() {
  const online = useSync((sync) => sync.online)
  const ofOthers = useMay('analytics.read', { userId: '', inTeam: true })
  const ofOwn = useMay('visit.work')
  const hasVisits = ofOthers || ofOwn
  const filters = useFilters()
  const days = daysOf(filters, today())
  const problem = filters.period === 'own' ? ownProblem(filters.own) : null
  const choices = useAnswer(`${online}`, () => ask('analytics.choices', {}))
  const asked = problem ? daysOf({ ...filters, period: 'last30' }, today()) : days
  const query = { ...queryOf(filters, asked), ...(filters.brand && { brandId: filters.brand.id }) }
  const overview = useFigures(query, () => ask('analytics.overview', query))
  const failed = choices.problem ?? overview.problem
  const isAway = failed?.code === 'SERVICE_UNAVAILABLE'
  return (
    <AdminScreen
      title="Analytics"
      actions={<Freshness asOf={isAway ? null : (overview.value?.asOf ?? null)} onRefresh={refresh} />}
    >
      <FilterBar days={days} problem={problem} choices={choices.value} hasVisits={hasVisits} />
      {failed && isAway ? (
        <Failed
          problem={failed}
          title="The figures could not be counted"
          onRetry={() => {
            void choices.reload()
            refresh()
          }}
        />
      ) : (
        !problem && (
          <div className="mt-3 space-y-3">
            {hasVisits && <VisitFigures days={days} overview={overview} />}
            {!hasVisits && <InteractionsCard days={days} />}
          </div>
        )
      )}
    </AdminScreen>
  )
}

type OverviewFigures = Parameters<typeof Kpis>[0]['overview']

function VisitFigures({ days, overview }: { days: Days; overview: OverviewFigures }) {
  const mayCoverage = useMay('analytics.coverage')
  return (
    <>
      {mayCoverage ? (
        <KpisWithCoverage days={days} overview={overview} />
      ) : (
        <Kpis days={days} overview={overview} coverage={null} />
      )}
      <div className="grid gap-3 min-[64rem]:grid-cols-2">
        <VisitsCard days={days} className="min-[64rem]:col-span-2" />
        <ShelfShareCards days={days} />
        <ShopsCard days={days} />
        {mayCoverage && <CoverageCard days={days} />}
        <InteractionsCard days={days} />
        {/* Where it would stand alone it has the whole row. */}
        <GoalsCard className="min-[64rem]:[&:last-child:nth-child(even)]:col-span-2" />
      </div>
    </>
  )
}

function KpisWithCoverage({ days, overview }: { days: Days; overview: OverviewFigures }) {
  const coverage = useCoverage(days, 'owner', 1)
  return <Kpis days={days} overview={overview} coverage={coverage} />
}
