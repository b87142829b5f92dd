import type { VisitFigures } from '#common/contract/analytics'
import { ask } from '../../app/bridge.ts'
import { openVisits, type VisitsSought } from '../../app/workspace.ts'
import { countWords, dayRangeWords, numberWords } from '../../ui/date-words.ts'
import { before, type Days } from '../../ui/periods.ts'
import { queryOf, soughtOf, unitOf, useFilters } from './analytics-filters.ts'
import { namesAxis, tooltip, valuesAxis } from './Chart.tsx'
import { ChartCard } from './ChartCard.tsx'
import { countCell } from './figure-table.ts'
import { axisWords, stepWords, unitWords } from './figure-words.ts'
import { useFigures } from './use-figures.ts'

type Point = VisitFigures & Days

/** Completed visits over time, and dashed those of as many days before. */
export function VisitsCard({ days, className }: { days: Days; className: string }) {
  const filters = useFilters()
  const unit = unitOf(days)
  const query = queryOf(filters, days)
  const figures = useFigures(query, async () => {
    const [now, then] = await Promise.all([
      ask('analytics.visits', { ...query, unit }),
      ask('analytics.visits', { ...query, ...before(days), unit }),
    ])
    return { now, then }
  })
  const sought = soughtOf(filters, days)
  const list = (
    { from, to }: Days,
    status?: 'completed' | 'cancelled',
    only: Pick<VisitsSought, 'isFar' | 'hasSurvey'> = {},
  ) => openVisits({ ...sought, from, until: to, ...(status && { status }), ...only })
  return (
    <ChartCard
      title={`Visits ${unitWords[unit]}`}
      about={`dashed: ${dayRangeWords(before(days).from, before(days).to)}`}
      figures={figures}
      empty="No visits in these days."
      isEmpty={({ now, then }) => now.total.started === 0 && then.total.started === 0}
      className={className}
      show={({ now, then }) => ({
        table: {
          head: ['Days', 'Completed', 'Started', 'Cancelled', 'Far from the shop', 'With a survey'],
          rows: now.points.map((point) => ({
            key: point.from,
            cells: [
              stepWords(point),
              countCell(point.completed, () => list(point, 'completed')),
              countCell(point.started, () => list(point)),
              countCell(point.cancelled, () => list(point, 'cancelled')),
              countCell(point.far, () => list(point, 'completed', { isFar: true })),
              countCell(point.surveys, () => list(point, 'completed', { hasSurvey: true })),
            ],
          })),
        },
        chart: {
          label: labelOf(now.points, now.total.completed, then.total.completed),
          height: 220,
          onPick: (index, series) => {
            const point = series === 0 ? now.points[index] : undefined
            if (point) list(point, 'completed')
          },
          draw: (colours) => ({
            grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
            xAxis: {
              ...namesAxis(
                colours,
                now.points.map((point) => axisWords(point, unit)),
              ),
              boundaryGap: now.points.length === 1,
            },
            yAxis: valuesAxis(colours),
            tooltip: {
              ...tooltip(colours),
              trigger: 'axis',
              axisPointer: { lineStyle: { color: colours['line-strong'] } },
              formatter: (items) => {
                const [{ dataIndex = 0 } = {}] = [items].flat()
                return tipOf(now.points[dataIndex], then.points[dataIndex])
              },
            },
            series: [
              {
                type: 'line',
                data: now.points.map(({ completed }) => completed),
                color: colours.accent,
                lineStyle: { width: 2 },
                areaStyle: { opacity: 0.12 },
                // One alone would have no line to be seen by.
                showSymbol: now.points.length <= 45,
                symbol: 'circle',
                symbolSize: now.points.length === 1 ? 9 : 6,
              },
              {
                type: 'line',
                data: now.points.map((_, index) => then.points[index]?.completed ?? null),
                color: colours.faint,
                lineStyle: { width: 1.5, type: 'dashed' },
                showSymbol: now.points.length === 1,
                symbol: 'circle',
                silent: true,
              },
            ],
          }),
        },
      })}
    />
  )
}

function labelOf(points: readonly Point[], now: number, then: number): string {
  const most = points.toSorted((one, other) => other.completed - one.completed)[0]
  const peak =
    most && most.completed > 0 ? `, most ${stepWords(most)} with ${numberWords(most.completed)}` : ''
  return `Visits over time: ${countWords(now, 'completed visit')}${peak}; ${numberWords(then)} in as many days before`
}

const tipOf = (now: Point | undefined, then: Point | undefined): string =>
  [
    ...(now
      ? [`${stepWords(now)}: ${numberWords(now.completed)} completed`, `${numberWords(now.started)} started`]
      : []),
    ...(then ? [`${stepWords(then)}: ${numberWords(then.completed)} completed`] : []),
  ].join('\n')
