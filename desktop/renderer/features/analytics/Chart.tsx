import { BarChart, HeatmapChart, LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import { type ECharts, init, use as withParts } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import type { EChartsOption } from 'echarts'
import { type Ref, useEffect, useEffectEvent, useImperativeHandle, useRef } from 'react'
import { type Colours, useColours } from './chart-colours.ts'

withParts([
  BarChart,
  LineChart,
  HeatmapChart,
  GridComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
])

export interface ChartHandle {
  /** What is drawn, twice as large. */
  canvas: (background: string) => HTMLCanvasElement
}

export type Draw = (colours: Colours) => EChartsOption

/**
 * A chart on a canvas. What it says must be there in words too: `label` for those who do not see it, and a table beside
 * it. Nothing of it is HTML, which the content security policy would not let be styled.
 */
export function Chart({
  label,
  draw,
  height,
  onPick,
  ref,
}: {
  label: string
  draw: Draw
  height: number
  /** A bar, a point or a cell was clicked: which, of its series. */
  onPick?: ((index: number, series: number) => void) | undefined
  ref?: Ref<ChartHandle>
}) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<ECharts>(null)
  const colours = useColours()
  const pick = useEffectEvent((index: number, series: number) => onPick?.(index, series))
  useImperativeHandle(ref, () => ({
    canvas: (backgroundColor) => chart.current!.renderToCanvas({ pixelRatio: 2, backgroundColor }),
  }))
  useEffect(() => {
    const made = init(box.current, null, { renderer: 'canvas' })
    chart.current = made
    made.on('click', ({ dataIndex, seriesIndex }) => pick(dataIndex, seriesIndex ?? 0))
    const watcher = new ResizeObserver(() => made.resize())
    watcher.observe(box.current!)
    return () => {
      watcher.disconnect()
      made.dispose()
    }
  }, [])
  useEffect(() => {
    chart.current!.setOption(
      {
        animation: false,
        textStyle: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontSize: 11 },
        ...draw(colours),
      },
      { notMerge: true },
    )
  }, [draw, colours])
  return <div ref={box} role="img" aria-label={label} className="w-full" style={{ height }} />
}

/** What stands at the pointer, in the colours of the app. */
export const tooltip = (colours: Colours) => ({
  renderMode: 'richText' as const,
  confine: true,
  backgroundColor: colours.surface,
  borderColor: colours.line,
  borderWidth: 1,
  padding: [6, 9],
  textStyle: { color: colours.text, fontSize: 12, fontFamily: "'Inter Variable', system-ui, sans-serif" },
  shadowBlur: 12,
  shadowColor: 'rgb(0 0 0 / 0.16)',
})

/** The axis along which steps or names stand. */
export const namesAxis = (colours: Colours, data: readonly string[]) => ({
  type: 'category' as const,
  data: [...data],
  axisTick: { show: false },
  axisLine: { show: false },
  axisLabel: { color: colours.muted, hideOverlap: true },
})

/** The axis of whole numbers or percent. */
export const valuesAxis = (colours: Colours, { percent = false } = {}) => ({
  type: 'value' as const,
  minInterval: percent ? 0 : 1,
  splitNumber: 4,
  splitLine: { lineStyle: { color: colours.line } },
  axisLabel: {
    color: colours.muted,
    formatter: (value: number) => (percent ? `${value} %` : value.toLocaleString('en-GB')),
  },
})
