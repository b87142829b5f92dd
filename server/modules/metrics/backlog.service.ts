import { Gauge, type Registry } from 'prom-client'
import type { createBacklogRepository } from './backlog.repository.ts'

/** Milliseconds: what waits is asked of the database as often at the most, however many scrape. */
const keptFor = 10_000

/**
 * Measures what waits in queues and on devices, whenever what this answers with is called. A database that does not
 * answer takes these measures away, and fails nobody.
 */
export function createBacklog(backlog: Backlog, registry: Registry): () => Promise<void> {
  const tell = createGauges(registry)
  let asked: Promise<void> | null = null
  let askedAt = -Infinity
  return () => {
    if (asked && performance.now() - askedAt < keptFor) return asked
    askedAt = performance.now()
    return (asked = Promise.all([backlog.queues(), backlog.devices()]).then(
      (told) => tell(...told),
      () => tell(null, null),
    ))
  }
}

type Backlog = ReturnType<typeof createBacklogRepository>

function createGauges(registry: Registry) {
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name: `fieldbook_${name}`, help, labelNames, registers: [registry] })
  const jobs = gauge('jobs', 'Jobs by queue: waiting, active, or given up in the last day', 'queue', 'state')
  const oldestJob = gauge(
    'jobs_oldest_seconds',
    'Since when the first job of a queue waits that is due',
    'queue',
  )
  const devices = gauge('devices', 'Where people are signed in: with work that is not sent, or not', 'state')
  const edits = gauge('device_outbox_edits', 'Edits that devices have not sent, as they last told')
  const oldestEdit = gauge('device_outbox_oldest_seconds', 'Since when the first of them waits')

  return (
    queues: Awaited<ReturnType<Backlog['queues']>> | null,
    fleet: Awaited<ReturnType<Backlog['devices']>> | null,
  ): void => {
    for (const each of [jobs, oldestJob, devices]) each.reset()
    // Without labels there is one value, which `reset` would set to 0.
    for (const each of [edits, oldestEdit]) each.remove()
    for (const { queue, waiting, active, failed, oldestSeconds } of queues ?? []) {
      jobs.set({ queue, state: 'waiting' }, waiting)
      jobs.set({ queue, state: 'active' }, active)
      jobs.set({ queue, state: 'failed' }, failed)
      oldestJob.set({ queue }, oldestSeconds)
    }
    if (!fleet) return
    devices.set({ state: 'waiting' }, fleet.waiting)
    devices.set({ state: 'sent' }, fleet.devices - fleet.waiting)
    edits.set(fleet.edits)
    oldestEdit.set(fleet.oldestSeconds)
  }
}
