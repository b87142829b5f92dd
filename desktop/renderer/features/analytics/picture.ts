import type { Colours } from './chart-colours.ts'

const margin = 32

/** A chart with what it is called above it, as PNG. */
export async function pictureOf(
  chart: HTMLCanvasElement,
  { title, about, colours }: { title: string; about: string; colours: Colours },
): Promise<Uint8Array> {
  const head = about ? 92 : 64
  const canvas = document.createElement('canvas')
  canvas.width = chart.width + 2 * margin
  canvas.height = chart.height + head + margin
  const context = canvas.getContext('2d')!
  context.fillStyle = colours.surface
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.fillStyle = colours.text
  context.font = "600 28px 'Inter Variable', system-ui, sans-serif"
  context.fillText(title, margin, 48, chart.width)
  context.fillStyle = colours.muted
  context.font = "24px 'Inter Variable', system-ui, sans-serif"
  context.fillText(about, margin, 80, chart.width)
  context.drawImage(chart, margin, head)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  return new Uint8Array(await blob!.arrayBuffer())
}
