import { canonicalJson, sha256 } from '../shared/canonical-json.ts'

/** An entry of the audit, as it is stored. */
export interface AuditRow {
  feed_id: string
  position: string
  id: string
  at: Date
  actor_id: string | null
  entered_by: string | null
  action: string
  entity: string | null
  entity_id: string | null
  old_values: unknown
  new_values: unknown
  address: string
  device: string | null
  request_id: string
  hash: Buffer
  blanked: boolean
  forgotten: boolean
}

type Read = <R>(sql: string, values?: unknown[]) => Promise<R[]>

/**
 * The first entry of each feed that is not what its hash says, or missing: its feed and position, or `end`. Worked out from
 * the rows alone.
 */
export async function brokenChains(rows: Read): Promise<string[]> {
  const found: string[] = []
  const heads = await rows<{ feed_id: string; audit_count: string; audit_hash: Buffer }>(
    'SELECT * FROM feed_heads',
  )
  for (const head of heads) {
    let hash: Buffer = sha256('fieldbook')
    let position = 0
    const entries = await rows<AuditRow>('SELECT * FROM audit_logs WHERE feed_id = $1 ORDER BY position', [
      head.feed_id,
    ])
    const left = new Map<string, string>()
    for (const { action, new_values } of entries) {
      if (action !== 'audit.blanked') continue
      for (const [at, what] of (new_values as { entries?: [number, string][] }).entries ?? [])
        left.set(String(at), what)
    }
    const isBroken = entries.some((row) => {
      const isLess = row.blanked || row.forgotten
      const before = isLess ? row.hash : hash
      const made = sha256(before, canonicalJson(entryOf(row)))
      hash = row.hash
      const isAsWritten = isLess ? left.get(row.position) === made.toString('hex') : made.equals(row.hash)
      return Number(row.position) !== ++position || !isAsWritten
    })
    if (isBroken) found.push(`${head.feed_id} ${position}`)
    else if (position !== Number(head.audit_count) || !hash.equals(head.audit_hash))
      found.push(`${head.feed_id} end`)
  }
  return found
}

const entryOf = (row: AuditRow) => ({
  id: row.id,
  at: row.at.toISOString(),
  actorId: row.actor_id,
  ...(row.entered_by && { enteredBy: row.entered_by }),
  action: row.action,
  entity: row.entity,
  entityId: row.entity_id,
  oldValues: row.old_values,
  newValues: row.new_values,
  address: row.address,
  device: row.device,
  requestId: row.request_id,
})
