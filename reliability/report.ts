import type { Part } from './part.ts'

const markers = (name: string) => [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`] as const

/** The page with what stands between a part's markers renewed. */
export function replaceGenerated(page: string, name: string, text: string): string {
  const [begin, end] = markers(name)
  const [head, rest] = page.split(begin)
  const tail = rest?.split(end)[1]
  if (tail === undefined) throw new Error(`The page has no place for ${name}: ${begin} … ${end}`)
  return `${head}${begin}\n\n${text}\n\n${end}${tail}`
}

export function reportOf({ figures, table: more }: Part): string {
  const rows = Object.entries(figures).map(
    ([what, figure]) => [what, typeof figure === 'number' ? figure.toLocaleString('en') : figure] as const,
  )
  return [table(['what', 'figure'], rows), ...(more ? [more] : [])].join('\n\n')
}

/** As Prettier leaves it, so that renewing it changes only what is new. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')),
  )
  const widths = head.map((_, index) => Math.max(3, ...cells.map((row) => row[index]!.length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, index) => cell.padEnd(widths[index]!)).join(' | ')} |`
  const [first, ...others] = cells
  return [line(first!), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n')
}
