import { useState } from 'react'
import type { Answer } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { useSession } from '../../app/session.ts'
import { countWords, numberWords } from '../../ui/date-words.ts'
import type { Days } from '../../ui/periods.ts'
import { unitOf, useFilters } from './analytics-filters.ts'
import { type Draw, namesAxis, tooltip, valuesAxis } from './Chart.tsx'
import { seriesColours } from './chart-colours.ts'
import { ChartCard, type Shown } from './ChartCard.tsx'
import { countCell } from './figure-table.ts'
import { axisWords, changeOf, stepWords, unitWords } from './figure-words.ts'
import { SegmentedChoice } from './SegmentedChoice.tsx'
import { CountsDialog, type InteractionsSought, openSought, SitesDialog } from './SitesDialog.tsx'
import { useFigures } from './use-figures.ts'

type Interactions = Answer<'analytics.interactions'>
type Volume = Interactions['types'][number]
type By = 'time' | 'types' | 'leads' | 'sites'

/** Types that are told apart over time; the others are one. */
const mostTypes = 5
const mostBars = 12

/** How many interactions there were: over time, by type, by lead and by site. */
export function InteractionsCard({ days }: { days: Days }) {
  const site = useFilters((filters) => filters.site)
  const sites = useSession(({ user }) => user?.sites)
  const unit = unitOf(days)
  const [by, setBy] = useState<By>('time')
  const query = { ...days, ...(site && { siteId: site.id }), unit }
  const figures = useFigures(query, () => ask('analytics.interactions', query))
  const [behind, setBehind] = useState<InteractionsSought | null>(null)
  const [others, setOthers] = useState<Interactions['points'][number] | null>(null)
  // The Finder shows one site at a time.
  const only = site?.id ?? (sites?.length === 1 ? sites[0]!.id : null)
  const find = (of: Omit<InteractionsSought, keyof Days>, { from, to }: Days = days, at = only) => {
    const sought = { ...of, from, to }
    return () => (at === null ? setBehind(sought) : openSought(at, sought))
  }

  const overTime = ({ points, types }: Interactions): Shown => {
    const names = types.slice(0, mostTypes).map(({ name }) => name)
    const countOthers = (point: Interactions['points'][number]) =>
      point.types.reduce((sum, { name, count }) => (names.includes(name) ? sum : sum + count), 0)
    const openOthers = (point: Interactions['points'][number]) =>
      setOthers({
        ...point,
        types: point.types
          .filter(({ name }) => !names.includes(name))
          .toSorted((one, other) => other.count - one.count),
      })
    const countOf = (point: Interactions['points'][number], name: string) =>
      point.types.find((each) => each.name === name)?.count ?? 0
    const shown = [
      ...names.map((name) => ({ name, counts: points.map((point) => countOf(point, name)) })),
      ...(points.some((point) => countOthers(point) > 0)
        ? [{ name: 'Other types', counts: points.map(countOthers) }]
        : []),
    ]
    return {
      table: {
        head: ['Days', 'All', ...shown.map(({ name }) => name)],
        rows: points.map((point, index) => ({
          key: point.from,
          cells: [
            stepWords(point),
            countCell(point.count, find({}, point)),
            ...shown.map(({ name, counts }) =>
              countCell(
                counts[index]!,
                names.includes(name) ? find({ type: name }, point) : () => openOthers(point),
              ),
            ),
          ],
        })),
      },
      chart: {
        label: `Interactions over time, by type: ${types
          .slice(0, mostTypes)
          .map(({ name, count }) => `${name} ${numberWords(count)}`)
          .join(', ')}`,
        height: 240,
        onPick: (index, series) => {
          const [point, name] = [points[index], names[series]]
          if (!point) return
          if (name === undefined) openOthers(point)
          else find({ type: name }, point)()
        },
        draw: (colours) => ({
          grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
          xAxis: namesAxis(
            colours,
            points.map((point) => axisWords(point, unit)),
          ),
          yAxis: valuesAxis(colours),
          tooltip: {
            ...tooltip(colours),
            trigger: 'axis',
            axisPointer: { type: 'shadow' },
            formatter: (items) => {
              const index = [items].flat()[0]?.dataIndex ?? 0
              const point = points[index]
              if (!point) return ''
              return [
                `${stepWords(point)}: ${numberWords(point.count)}`,
                ...shown
                  .filter(({ counts }) => counts[index]! > 0)
                  .map(({ name, counts }) => `${name}: ${numberWords(counts[index]!)}`),
              ].join('\n')
            },
          },
          series: shown.map(({ name, counts }, index) => ({
            type: 'bar' as const,
            stack: 'all',
            barMaxWidth: 28,
            data: counts,
            color: name === 'Other types' ? colours['line-strong'] : seriesColours(colours)[index]!,
          })),
        }),
      },
      note: <TypeLegend names={shown.map(({ name }) => name)} />,
    }
  }
  const ranked = (
    volumes: readonly (Volume & { id?: string })[],
    what: string,
    openerOf: (volume: Volume & { id?: string }, days?: Days) => () => void,
    before: Days,
    note: string,
  ): Shown => ({
    table: {
      head: [what, 'Interactions', 'Before'],
      rows: volumes.map((each) => ({
        key: each.id ?? each.name,
        cells: [
          each.name || 'None',
          countCell(each.count, openerOf(each)),
          countCell(each.before, openerOf(each, before)),
        ],
      })),
    },
    note,
    chart: {
      label: `Interactions by ${what.toLowerCase()}: ${volumes
        .slice(0, 5)
        .map(({ name, count }) => `${name} ${numberWords(count)}`)
        .join(', ')}`,
      height: Math.max(72, Math.min(volumes.length, mostBars) * 24 + 8),
      onPick: (index) => {
        const each = volumes[index]
        if (each) openerOf(each)()
      },
      draw: bars(volumes.slice(0, mostBars)),
    },
  })
  const show = (value: Interactions): Shown => {
    switch (by) {
      case 'time':
        return overTime(value)
      case 'types':
        return ranked(
          value.types,
          'Type',
          ({ name }, within) => find({ type: name }, within),
          value.before,
          changeWords(value),
        )
      case 'leads':
        return ranked(
          value.leads,
          'Lead',
          ({ name }, within) => find({ lead: name }, within),
          value.before,
          value.leadsInAll > value.leads.length
            ? `The ${value.leads.length} with most, of ${countWords(value.leadsInAll, 'lead')}`
            : changeWords(value),
        )
      case 'sites':
        return ranked(
          value.sites,
          'Site',
          ({ id }, within) => find({}, within, id ?? null),
          value.before,
          changeWords(value),
        )
    }
  }
  return (
    <>
      <ChartCard
        title={`Interactions ${by === 'time' ? unitWords[unit] : `by ${by.slice(0, -1)}`}`}
        about={figures.value ? numberWords(figures.value.total) : ''}
        actions={
          <SegmentedChoice
            label="Interactions by"
            value={by}
            options={[
              ['time', 'Time'],
              ['types', 'Type'],
              ['leads', 'Lead'],
              ...(site ? [] : ([['sites', 'Site']] as const)),
            ]}
            onChange={setBy}
          />
        }
        figures={figures}
        empty="No interactions in these days."
        isEmpty={({ total }) => total === 0}
        show={show}
      />
      {others && (
        <CountsDialog
          title="Other types"
          days={others}
          of="Type"
          counts={others.types.map(({ name, count }) => ({
            name,
            count,
            onOpen: () => {
              setOthers(null)
              find({ type: name }, others)()
            },
          }))}
          onClose={() => setOthers(null)}
        />
      )}
      {behind && <SitesDialog sought={behind} onClose={() => setBehind(null)} />}
    </>
  )
}

function changeWords({ total, before }: Interactions): string {
  const { words, way } = changeOf(total, before.total)
  if (way === 0 || before.total === 0) return `${countWords(total, 'interaction')}, ${words}`
  return `${countWords(total, 'interaction')}, ${words} ${way === 1 ? 'more' : 'fewer'} than before`
}

const legendColours = ['bg-accent', 'bg-orange', 'bg-blue', 'bg-violet', 'bg-green']

const TypeLegend = ({ names }: { names: readonly string[] }) => (
  <span aria-hidden className="flex flex-wrap gap-x-4 gap-y-1">
    {names.map((name, index) => (
      <span key={name} className="flex items-center gap-1.5">
        <span
          className={`size-2.5 rounded-full ${name === 'Other types' ? 'bg-line-strong' : legendColours[index]}`}
        />
        {name}
      </span>
    ))}
  </span>
)

const bars =
  (volumes: readonly Volume[]): Draw =>
  (colours) => ({
    grid: { left: 4, right: 48, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: 'value', min: 0, show: false },
    yAxis: {
      ...namesAxis(
        colours,
        volumes.map(({ name }) => name || 'None'),
      ),
      inverse: true,
      axisLabel: { color: colours.text, width: 130, overflow: 'truncate', fontSize: 12 },
    },
    tooltip: {
      ...tooltip(colours),
      trigger: 'item',
      formatter: (item) => {
        const each = volumes[[item].flat()[0]!.dataIndex]!
        return `${each.name}: ${numberWords(each.count)}\nbefore: ${numberWords(each.before)}`
      },
    },
    series: [
      {
        type: 'bar',
        barMaxWidth: 14,
        color: colours.accent,
        itemStyle: { borderRadius: 3 },
        data: volumes.map(({ count }) => count),
        label: {
          show: true,
          position: 'right',
          color: colours.text,
          fontSize: 12,
          formatter: ({ value }) => numberWords(Number(value)),
        },
      },
    ],
  })
