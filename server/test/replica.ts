import type { Interaction } from '#common/contract/interactions'
import type { InteractionType, MutationResult, Person, PullPage } from '#common/contract/sync'
import type { Client } from './app.ts'

/** A device's copy, kept by the rules of SYNC.md: rows and cursor together, newer versions win, removals remove. */
export function createReplica(client: Client, deviceId?: string) {
  const records = new Map<string, Interaction>()
  const types = new Map<string, InteractionType>()
  const people = new Map<string, Person>()
  const receipts: MutationResult[] = []
  let cursor: string | undefined

  function apply(page: PullPage): void {
    if (page.reset) for (const kept of [records, types, people]) kept.clear()
    const allowed = new Set(page.sites.map(({ id }) => id))
    for (const [id, { siteId }] of records) if (!allowed.has(siteId)) records.delete(id)
    for (const change of page.changes) {
      if (change.entity === 'person') people.set(change.record.id, change.record)
      else if (change.entity === 'interactionType') types.set(change.record.id, change.record)
      else if (change.record.version >= (records.get(change.record.id)?.version ?? 0)) {
        records.set(change.record.id, change.record)
      }
    }
    for (const { entity, id } of page.removals) {
      const kept = { interaction: records, interactionType: types, person: people }[entity]
      kept.delete(id)
    }
    receipts.push(...page.receipts)
    cursor = page.cursor
  }

  async function pull(limit = 1000): Promise<PullPage> {
    const page = await client.pull({ limit, ...(deviceId && { deviceId }), ...(cursor && { cursor }) })
    apply(page)
    return page
  }

  return {
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
