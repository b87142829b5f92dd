import type { AnyMutation, SentMutation } from '#common/contract/sync'
import type { FieldItem, LocalInteraction, QueueItem } from '#desktop/bridge/channels'
import type { Plan } from '#desktop/main/outbox/entry'
import { Queue } from '#desktop/main/store/queue'
import type { World } from './world.ts'

/** What devices have been told is saved, and what became of it. */

export interface Saved {
  mutationId: string
  entityId: string
  op: string
  /** The values it gives to fields. */
  patch: object
}

/** Where a device stands when all is quiet. */
export interface Standing {
  deviceId: string
  userId: string
  siteIds: string[]
  rows: LocalInteraction[]
  items: (QueueItem | FieldItem)[]
  saved: Saved[]
  /** Taken back by the person, or replaced by another edit of theirs. */
  removed: string[]
}

/** Hears of every change a person makes to a queue in this process, once it is on the disk. */
export function watchPlans(onPlan: (deviceId: string, plan: Plan<AnyMutation>) => void): void {
  const { carryOut } = Queue.prototype
  Queue.prototype.carryOut = function (this: Queue, ...args) {
    carryOut.apply(this, args)
    onPlan(this.meta().deviceId, args[0])
  }
}

interface Receipt {
  device_id: string
  mutation_id: string
  user_id: string
  status: string
}

/**
 * What is wrong when all is quiet: each saved edit has to be on the server, or in front of the person, or taken back
 * by them, and one of these only; each device has to equal the server where it holds no edit.
 */
export async function brokenPromises(world: World, standings: readonly Standing[]): Promise<string[]> {
  const wrong: string[] = []
  const receipts = await world.rows<Receipt>(
    `SELECT device_id, mutation_id, user_id, result ->> 'status' AS status FROM sync_receipts
     WHERE device_id = ANY($1)`,
    [standings.map(({ deviceId }) => deviceId)],
  )
  const applied = new Map(
    receipts.filter(({ status }) => status === 'applied').map((row) => [row.mutation_id, row]),
  )
  for (const standing of standings) {
    const held = new Map(standing.items.map((item) => [item.mutationId, item]))
    const removed = new Set(standing.removed)
    for (const { mutationId, entityId } of standing.saved) {
      const receipt = applied.get(mutationId)
      const ends = [
        receipt && 'applied',
        held.get(mutationId)?.state,
        removed.has(mutationId) && 'taken back',
      ]
      const named = ends.filter(Boolean)
      if (named.length !== 1)
        wrong.push(`Edit ${mutationId} of ${entityId} ended as ${named.join(' and ') || 'nothing'}`)
      if (named[0] === 'waiting') wrong.push(`Edit ${mutationId} still waits`)
    }
    for (const { user_id, mutation_id, device_id } of receipts) {
      if (device_id === standing.deviceId && user_id !== standing.userId)
        wrong.push(`Edit ${mutation_id} travelled under the name of another user`)
    }
    wrong.push(...(await differences(world, standing)))
  }
  return wrong
}

async function differences(world: World, { siteIds, rows, items }: Standing): Promise<string[]> {
  const wrong: string[] = []
  const live = await world.rows<Pick<LocalInteraction, 'id' | 'version' | 'title' | 'location' | 'notes'>>(
    `SELECT id, version, title, location, notes FROM interactions
     WHERE site_id = ANY($1) AND deleted_at IS NULL`,
    [siteIds],
  )
  const held = new Set(items.map(({ entityId }) => entityId))
  const due = new Map(live.map((record) => [record.id, record]))
  for (const row of rows) {
    if (held.has(row.id)) continue
    const record = due.get(row.id)
    const same =
      record !== undefined &&
      (['version', 'title', 'location', 'notes'] as const).every((field) => row[field] === record[field])
    if (!same)
      wrong.push(`The device shows ${row.id} otherwise than the server: ${shown(row)}, ${shown(record)}`)
    if (row.unsent || row.needsAttention) wrong.push(`${row.id} is marked though nothing of it waits`)
  }
  const seen = new Set(rows.map(({ id }) => id))
  for (const { id } of live) if (!seen.has(id) && !held.has(id)) wrong.push(`The device does not show ${id}`)
  return wrong
}

/** Records whose versions were not written one after the other, each once. */
export async function brokenVersions(world: World, siteIds: readonly string[]): Promise<string[]> {
  const rows = await world.rows<{ id: string }>(
    `SELECT i.id FROM interactions i JOIN audit_logs a ON a.entity_id = i.id
       AND a.action IN ('interaction.created', 'interaction.updated', 'interaction.deleted')
     WHERE i.site_id = ANY($1)
     GROUP BY i.id, i.version HAVING count(*) <> i.version
       OR count(DISTINCT a.new_values ->> 'version') <> count(*) FILTER (WHERE a.action <> 'interaction.deleted')`,
    [siteIds],
  )
  return rows.map(({ id }) => `The versions of ${id} are not those of its writes`)
}

const shown = (row?: Pick<LocalInteraction, 'version' | 'title' | 'location' | 'notes'>) =>
  row ? `${row.version} ${row.title} ${row.location} ${row.notes}` : 'gone'

/** Values written once that took effect more often. Only where nobody writes a value of somebody else's again. */
export async function doubledEffects(world: World): Promise<string[]> {
  const doubled = await world.rows<{ what: string }>(
    `SELECT entity_id || ' ' || field || ' ' || value AS what FROM (
       SELECT entity_id, field, new_values ->> field AS value FROM audit_logs,
         unnest(ARRAY['title', 'location', 'notes']) AS field
       WHERE action IN ('interaction.created', 'interaction.updated') AND new_values ->> field LIKE 'token %'
         AND new_values ->> field IS DISTINCT FROM old_values ->> field
     ) AS effects GROUP BY entity_id, field, value HAVING count(*) > 1`,
  )
  return doubled.map(({ what }) => `Took effect twice: ${what}`)
}

/**
 * Edits whose receipt and traces in the audit trail are not one and one, or none and none: there is an effect without
 * its receipt, a receipt without its effect, or the edit was gone through twice. Only where every value is written once.
 */
export async function unmatchedReceipts(world: World, standings: readonly Standing[]): Promise<string[]> {
  const edits = standings.flatMap(({ deviceId, userId, saved }) =>
    saved.map((edit) => ({ ...edit, deviceId, userId })),
  )
  const unmatched = await world.rows<{ what: string }>(
    `SELECT format('Edit %s (%s of %s) has receipts: %s; in the audit trail: %s', "mutationId", op, "entityId",
       count(DISTINCT receipt.mutation_id), coalesce(string_agg(action, ', ' ORDER BY position), 'nothing')) AS what
     FROM jsonb_to_recordset($1) AS edit ("mutationId" uuid, "entityId" uuid, op text, patch jsonb,
       "deviceId" uuid, "userId" uuid)
     LEFT JOIN sync_receipts AS receipt ON mutation_id = "mutationId" AND device_id = "deviceId"
     LEFT JOIN audit_logs AS entry ON entry.entity_id = "entityId" AND (
       new_values ->> 'mutationId' = "mutationId"::text
       OR action = 'interaction.' || op || 'd' AND CASE op
         WHEN 'delete' THEN actor_id = "userId"
         ELSE new_values @> patch AND (old_values @> patch) IS NOT TRUE END)
     GROUP BY "mutationId", op, "entityId"
     HAVING count(DISTINCT receipt.mutation_id) <> count(entry.id)`,
    [JSON.stringify(edits)],
  )
  return unmatched.map(({ what }) => what)
}

export const savedBy = (add: readonly SentMutation[]): Saved[] =>
  (add as (SentMutation & Saved)[]).map(({ mutationId, entityId, op, patch }) => ({
    mutationId,
    entityId,
    op,
    patch,
  }))
