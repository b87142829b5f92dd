import { useState } from 'react'
import { type coverageRows, longestCoverage } from '#common/contract/analytics'
import type { Adherence } from '#common/contract/call-cycles'
import type { Answer } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { countWords, dayRangeWords, numberWords } from '../../ui/date-words.ts'
import { Pages } from '../../ui/Pages.tsx'
import { type Days, daysUpTo, lengthOf } from '../../ui/periods.ts'
import { queryOf, useFilters } from './analytics-filters.ts'
import { namesAxis, tooltip } from './Chart.tsx'
import { ChartCard } from './ChartCard.tsx'
import type { Cell } from './figure-table.ts'
import { axisWords, shareWords, stepWords } from './figure-words.ts'
import { SegmentedChoice } from './SegmentedChoice.tsx'
import { SlotsDialog } from './SlotsDialog.tsx'
import { type Figures, useFigures } from './use-figures.ts'

type Coverage = Answer<'analytics.coverage'>
type Rows = (typeof coverageRows)[number]

const pageSize = 10

/** Stands for a cell in which nothing was covered or missed. */
const nothingOver = -1

/** Coverage is counted for half a year at most: for the last of longer times. */
export const coveredDays = (days: Days): Days =>
  lengthOf(days) > longestCoverage ? daysUpTo(days.to, longestCoverage) : days

const unitOf = (days: Days) => (lengthOf(days) > 100 ? 'month' : 'week')

/** What the main figure and the heat map both ask for first. */
export function useCoverage(days: Days, rows: Rows, page: number): Figures<Coverage> {
  const filters = useFilters()
  const covered = coveredDays(days)
  const query = { ...queryOf(filters, covered), rows, unit: unitOf(covered), page, pageSize } as const
  return useFigures(query, () => ask('analytics.coverage', query))
}

interface Opened {
  title: string
  days: Days
  rowId: string | null
}

/** A heat map of how call cycles are kept: whose, or which, by weeks or months. The worst kept come first. */
export function CoverageCard({ days }: { days: Days }) {
  const filters = useFilters()
  const [rows, setRows] = useState<Rows>('owner')
  const asked = JSON.stringify([filters.site, filters.team, filters.agent, days, rows])
  const [at, setAt] = useState({ asked, page: 1 })
  const page = at.asked === asked ? at.page : 1
  const [opened, setOpened] = useState<Opened | null>(null)
  const covered = coveredDays(days)
  const unit = unitOf(covered)
  const figures = useCoverage(days, rows, page)
  return (
    <>
      <ChartCard
        title="Call cycles kept"
        about={covered.from === days.from ? '' : dayRangeWords(covered.from, covered.to)}
        actions={
          <SegmentedChoice
            label="Rows"
            value={rows}
            options={[
              ['owner', 'People and teams'],
              ['cycle', 'Cycles'],
              ['shop', 'Shops'],
            ]}
            onChange={setRows}
          />
        }
        figures={figures}
        empty="No visit of a call cycle was due in these days."
        isEmpty={({ total }) => total === 0}
        show={(coverage) => {
          const { columns } = coverage
          const open = (row: Coverage['rows'][number] | null, column: Days | null) =>
            setOpened({
              title: row?.name ?? 'Visits of call cycles',
              days: column ?? covered,
              rowId: row?.id ?? null,
            })
          return {
            table: {
              head: ['', 'All', ...columns.map((column) => axisWords(column, unit))],
              rows: [
                ...coverage.rows.map((row) => ({
                  key: row.id,
                  cells: [
                    row.name,
                    kept(row.total, () => open(row, null)),
                    ...row.cells.map((each, index) => kept(each, () => open(row, columns[index]!))),
                  ],
                })),
                {
                  key: 'all',
                  cells: [
                    'All',
                    kept(coverage.all, () => open(null, null)),
                    ...coverage.totals.map((each, index) => kept(each, () => open(null, columns[index]!))),
                  ],
                },
              ],
            },
            note: (
              <div className="flex items-center justify-between gap-3 [&_nav]:mt-0">
                <span>
                  {shareWords(coverage.all.adherence)} kept in all
                  {coverage.before.all.adherence !== null &&
                    `, ${shareWords(coverage.before.all.adherence)} before`}
                </span>
                <Pages
                  label="Pages of call cycles"
                  page={page}
                  pageSize={pageSize}
                  total={coverage.total}
                  onPage={(next) => setAt({ asked, page: next })}
                />
              </div>
            ),
            chart: {
              label: `How call cycles are kept: ${shareWords(coverage.all.adherence)} in all; ${coverage.rows
                .slice(0, 5)
                .map(({ name, total }) => `${name} ${shareWords(total.adherence)}`)
                .join(', ')}`,
              height: Math.max(90, coverage.rows.length * 26 + 34),
              onPick: (index) => {
                const [column, row] = placeOf(index, columns.length)
                if (coverage.rows[row]) open(coverage.rows[row], columns[column]!)
              },
              draw: (colours) => ({
                grid: { left: 4, right: 4, top: 4, bottom: 4, containLabel: true },
                xAxis: namesAxis(
                  colours,
                  columns.map((column) => axisWords(column, unit)),
                ),
                yAxis: {
                  ...namesAxis(
                    colours,
                    coverage.rows.map(({ name }) => name),
                  ),
                  inverse: true,
                  axisLabel: { color: colours.text, width: 120, overflow: 'truncate', fontSize: 12 },
                },
                visualMap: {
                  show: false,
                  // Values below the least one of all would count as the least in range.
                  min: nothingOver,
                  max: 100,
                  range: [0, 100],
                  dimension: 2,
                  inRange: { color: [colours['accent-soft'], colours.accent] },
                  outOfRange: { color: colours['surface-2'] },
                },
                tooltip: {
                  ...tooltip(colours),
                  trigger: 'item',
                  formatter: (item) => {
                    const [column, row] = placeOf([item].flat()[0]!.dataIndex, columns.length)
                    const its = coverage.rows[row]
                    return its
                      ? `${its.name}, ${stepWords(columns[column]!)}\n${countsOf(its.cells[column]!)}`
                      : ''
                  },
                },
                series: [
                  {
                    type: 'heatmap',
                    data: coverage.rows.flatMap(({ cells }, row) =>
                      cells.map(({ adherence }, column) => [
                        column,
                        row,
                        adherence === null ? nothingOver : Math.round(adherence * 100),
                      ]),
                    ),
                    itemStyle: { borderColor: colours.surface, borderWidth: 3, borderRadius: 5 },
                    emphasis: { itemStyle: { borderColor: colours['line-strong'], borderWidth: 1 } },
                  },
                ],
              }),
            },
          }
        }}
      />
      {opened && <SlotsDialog {...opened} rows={rows} onClose={() => setOpened(null)} />}
    </>
  )
}

/** Cells are drawn row by row. */
const placeOf = (index: number, columns: number): [column: number, row: number] => [
  index % columns,
  Math.floor(index / columns),
]

const kept = (of: Adherence, onOpen: () => void): Cell => ({
  words: shareWords(of.adherence),
  plain: of.adherence === null ? '' : String(Math.round(of.adherence * 10_000) / 100),
  onOpen: of.covered + of.missed + of.due + of.planned > 0 ? onOpen : undefined,
})

const countsOf = ({ covered, missed, excused, due, planned, adherence }: Adherence): string =>
  [
    adherence === null ? 'Nothing was covered or missed' : `${shareWords(adherence)} kept`,
    `${numberWords(covered)} covered, ${numberWords(missed)} missed${excused > 0 ? ` (${numberWords(excused)} with a reason)` : ''}`,
    ...(due + planned > 0 ? [`${countWords(due + planned, 'visit')} still to come`] : []),
  ].join('\n')
