/** Ticking rows: one by one, from the one before up to here, a page. All of them answer the new set. */

type Chosen = ReadonlySet<string>

/** Where the last tick was made: a range begins there. */
let anchor: string | null = null

export function toggle(chosen: Chosen, id: string): Chosen {
  anchor = id
  const next = new Set(chosen)
  if (!next.delete(id)) next.add(id)
  return next
}

/** Adds all from the last tick up to `id`; without a last tick in sight, `id` alone. */
export function chooseUpTo(chosen: Chosen, shown: readonly string[], id: string): Chosen {
  const to = shown.indexOf(id)
  const from = anchor === null ? -1 : shown.indexOf(anchor)
  if (from < 0 || to < 0) {
    anchor = id
    return new Set([...chosen, id])
  }
  return new Set([...chosen, ...shown.slice(Math.min(from, to), Math.max(from, to) + 1)])
}

export const isWhole = (chosen: Chosen, shown: readonly string[]) =>
  shown.length > 0 && shown.every((id) => chosen.has(id))

/** All of `shown`, or none of them where all were ticked. */
export function togglePage(chosen: Chosen, shown: readonly string[]): Chosen {
  if (!isWhole(chosen, shown)) return new Set([...chosen, ...shown])
  const next = new Set(chosen)
  for (const id of shown) next.delete(id)
  return next
}
