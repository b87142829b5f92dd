import type { Interaction } from '#common/contract/interactions'
import {
  type Change,
  entities,
  type Entity,
  type InteractionType,
  type MutationResult,
  type Person,
  type PullPage,
} from '#common/contract/sync'
import type { Client } from './app.ts'

/** A device's copy, kept by the rules of SYNC.md: rows and cursor together, newer versions win, removals remove. */
export function createReplica(client: Client, deviceId?: string) {
  const kept = Object.fromEntries(entities.map((entity) => [entity, new Map()])) as {
    [E in Entity]: Map<string, Extract<Change, { entity: E }>['record']>
  }
  const records: Map<string, Interaction> = kept.interaction
  const types: Map<string, InteractionType> = kept.interactionType
  const people: Map<string, Person> = kept.person
  const receipts: MutationResult[] = []
  let cursor: string | undefined

  function apply(page: PullPage): void {
    if (page.reset) for (const entity of entities) kept[entity].clear()
    const allowed = new Set(page.sites.map(({ id }) => id))
    for (const held of [records, kept.shop, kept.visit, kept.photo])
      for (const [id, { siteId }] of held) if (!allowed.has(siteId)) held.delete(id)
    for (const { entity, record } of page.changes) {
      const held: Map<string, typeof record> = kept[entity]
      const before = held.get(record.id)
      const isOlder = before && 'version' in before && 'version' in record && record.version < before.version
      if (!isOlder) held.set(record.id, record)
    }
    for (const { entity, id } of page.removals) kept[entity].delete(id)
    receipts.push(...page.receipts)
    cursor = page.cursor
  }

  async function pull(limit = 1000): Promise<PullPage> {
    const page = await client.pull({ limit, ...(deviceId && { deviceId }), ...(cursor && { cursor }) })
    apply(page)
    return page
  }

  return {
    /** All it holds, by entity and id. */
    kept,
    records,
    types,
    people,
    receipts,
    pull,
    /** Asks until there is no more; answers with every page. */
    async catchUp(limit?: number): Promise<PullPage[]> {
      const pages = [await pull(limit)]
      while (pages.at(-1)!.hasMore) {
        if (pages.length > 2000) throw new Error('There seems to be no end to it')
        pages.push(await pull(limit))
      }
      return pages
    },
    /** What it holds of a site, by id. */
    of: (siteId: string) =>
      Object.fromEntries([...records].filter(([, record]) => record.siteId === siteId).sort()) as Record<
        string,
        Interaction
      >,
  }
}
