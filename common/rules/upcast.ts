import { schemaVersion } from '../contract/sync.ts'

/**
 * Raises a mutation written by an older version of the app, step by step, to the shape of today. What is not a known
 * shape comes back as it is, for the schema to refuse. The mutation itself is never rewritten: device and server keep
 * and compare what was written, and raise it only to read it.
 */

type Shape = Readonly<Record<string, unknown>>

/** Step n raises version n + 1 to version n + 2. Steps already shipped never change. */
const steps: readonly ((mutation: Shape) => Shape)[] = [
  // 2: a deletion says what was seen, and an edit that settles a conflict which one, and what both sides had.
  (mutation) => ({ ...mutation, seen: null, resolves: null }),
]

export function upcast(mutation: unknown): unknown {
  if (typeof mutation !== 'object' || mutation === null) return mutation
  const { schemaVersion: version } = mutation as Shape
  if (!Number.isInteger(version) || Number(version) < 1 || Number(version) >= schemaVersion) return mutation
  const raised = steps.slice(Number(version) - 1).reduce((shape, step) => step(shape), mutation as Shape)
  return { ...raised, schemaVersion }
}
