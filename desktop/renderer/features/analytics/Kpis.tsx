import { ArrowDown, ArrowUp } from 'lucide-react'
import { useState } from 'react'
import type { Overview } from '#common/contract/analytics'
import type { Answer } from '#desktop/bridge/channels'
import { openVisits } from '../../app/workspace.ts'
import { dayRangeWords, numberWords } from '../../ui/date-words.ts'
import type { Days } from '../../ui/periods.ts'
import { soughtOf, useFilters } from './analytics-filters.ts'
import { CardProblem } from './ChartCard.tsx'
import { type Change, changeOf, percentWords, pointsOf, shareWords } from './figure-words.ts'
import { ShopsDialog } from './ShopsDialog.tsx'
import { SlotsDialog } from './SlotsDialog.tsx'
import type { Figures } from './use-figures.ts'

interface Kpi {
  name: string
  figure: string
  change: Change | null
  /** More is good news, bad news or no news. */
  more: 'good' | 'bad' | 'plain'
  detail?: string
  onOpen?: (() => void) | null
}

/** The main figures, each beside what it was in as many days before; the number opens the rows behind it. */
export function Kpis({
  days,
  overview,
  coverage,
}: {
  days: Days
  overview: Figures<Answer<'analytics.overview'>>
  /** Null for those who may not see how others keep their cycles. */
  coverage: Figures<Answer<'analytics.coverage'>> | null
}) {
  const filters = useFilters()
  const [dialog, setDialog] = useState<'shops' | 'slots' | null>(null)
  const { value } = overview
  if (!value)
    return overview.problem ? (
      <CardProblem problem={overview.problem} onRetry={() => void overview.reload()} />
    ) : (
      <div role="status" aria-label="Counting the main figures" className={gridOf(6)}>
        {['a', 'b', 'c', 'd', 'e', 'f'].map((key) => (
          <div key={key} className="skeleton h-[98px]" />
        ))}
      </div>
    )
  const sought = soughtOf(filters, days)
  const kept = coverage?.value ?? null
  const kpis = [
    ...kpisOf(value.figures, value.before.figures, {
      brandName: filters.brand?.name ?? null,
      list: (more) => openVisits({ ...sought, ...more }),
      listShops: () => setDialog('shops'),
    }),
    ...(kept && kept.all.covered + kept.all.missed > 0
      ? [
          {
            name: 'Call cycles kept',
            figure: shareWords(kept.all.adherence),
            change: pointsOf(percentOf(kept.all.adherence), percentOf(kept.before.all.adherence)),
            more: 'good',
            detail: `${numberWords(kept.all.missed)} missed${kept.all.excused > 0 ? `, ${numberWords(kept.all.excused)} with a reason` : ''}`,
            onOpen: () => setDialog('slots'),
          } satisfies Kpi,
        ]
      : []),
  ]
  const beforeWords = dayRangeWords(value.before.from, value.before.to)
  return (
    <>
      <ul
        aria-label="Main figures"
        className={`${gridOf(kpis.length)} ${overview.isOld ? 'opacity-50' : ''}`}
      >
        {kpis.map((kpi) => (
          <li key={kpi.name} className="min-w-0 rounded-lg border border-line bg-surface px-4 py-3">
            <KpiCard kpi={kpi} beforeWords={beforeWords} />
          </li>
        ))}
      </ul>
      {dialog === 'shops' && <ShopsDialog days={days} onClose={() => setDialog(null)} />}
      {dialog === 'slots' && kept && (
        <SlotsDialog
          title="Visits of call cycles"
          days={{ from: kept.from, to: kept.to }}
          rows="owner"
          rowId={null}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  )
}

/** In whole rows: nothing stands alone in the second. */
const gridOf = (count: number): string =>
  `grid gap-3 ${count === 7 ? 'grid-cols-3 min-[72rem]:grid-cols-4 min-[100rem]:grid-cols-7' : count === 5 ? 'grid-cols-3 min-[72rem]:grid-cols-5' : 'grid-cols-3 min-[72rem]:grid-cols-6'}`
const percentOf = (share: number | null) => (share === null ? null : share * 100)

function kpisOf(
  now: Overview,
  before: Overview,
  {
    brandName,
    list,
    listShops,
  }: {
    brandName: string | null
    list: (more: Partial<Parameters<typeof openVisits>[0]>) => void
    listShops: () => void
  },
): Kpi[] {
  return [
    {
      name: 'Visits completed',
      figure: numberWords(now.completed),
      change: changeOf(now.completed, before.completed),
      more: 'good',
      onOpen: now.completed > 0 ? () => list({ status: 'completed' }) : null,
    },
    {
      name: 'Shops visited',
      figure: numberWords(now.shops),
      change: changeOf(now.shops, before.shops),
      more: 'good',
      onOpen: now.shops > 0 ? listShops : null,
    },
    {
      name: 'Share completed',
      figure: shareWords(now.conversion),
      change: pointsOf(percentOf(now.conversion), percentOf(before.conversion)),
      more: 'good',
      detail: `${numberWords(now.started)} started, ${numberWords(now.cancelled)} cancelled`,
      onOpen: now.started > 0 ? () => list({}) : null,
    },
    {
      name: 'With a survey',
      figure: numberWords(now.surveys),
      change: changeOf(now.surveys, before.surveys),
      more: 'good',
      onOpen: now.surveys > 0 ? () => list({ status: 'completed', hasSurvey: true }) : null,
    },
    {
      name: 'Far from the shop',
      figure: numberWords(now.far),
      change: changeOf(now.far, before.far),
      more: 'bad',
      onOpen: now.far > 0 ? () => list({ status: 'completed', isFar: true }) : null,
    },
    ...(brandName !== null
      ? [
          {
            name: `Shelf share, ${brandName}`,
            figure: percentWords(now.shelfShare),
            change: pointsOf(now.shelfShare, before.shelfShare),
            more: 'good',
            detail: `${numberWords(now.photos)} photos with marks`,
            onOpen: now.photos > 0 ? () => list({ status: 'completed', marked: true }) : null,
          } satisfies Kpi,
        ]
      : []),
  ]
}

function KpiCard({ kpi, beforeWords }: { kpi: Kpi; beforeWords: string }) {
  const { name, figure, change, more, detail, onOpen } = kpi
  const isGood = change && change.way !== 0 && more !== 'plain' && (change.way === 1) === (more === 'good')
  const tone =
    !change || change.way === 0 || more === 'plain' ? 'text-muted' : isGood ? 'text-good' : 'text-bad'
  const Arrow = change?.way === 1 ? ArrowUp : ArrowDown
  const big = 'text-2xl font-semibold tracking-tight tabular-nums'
  return (
    <>
      <p className="truncate text-muted" title={name}>
        {name}
      </p>
      {onOpen ? (
        <button
          type="button"
          className={`${big} rounded-sm hover:text-accent hover:underline hover:decoration-2 hover:underline-offset-4`}
          aria-label={`${figure}, ${name}: the rows behind it`}
          onClick={onOpen}
        >
          {figure}
        </button>
      ) : (
        <p className={big}>{figure}</p>
      )}
      {change && (
        <p className={`flex items-center gap-1 truncate ${tone}`} title={`Against ${beforeWords}`}>
          {change.way !== 0 && <Arrow aria-label={change.way === 1 ? 'More by' : 'Less by'} size={13} />}
          {change.words}
          <span className="sr-only"> against {beforeWords}</span>
        </p>
      )}
      {detail && <p className="text-sm text-balance text-muted">{detail}</p>}
    </>
  )
}
