import type { Knex } from 'knex'

export interface QueueBacklog {
  queue: string
  waiting: number
  active: number
  /** Given up in the last day. */
  failed: number
  /** Seconds since the first of those was due that could be done now; 0 where there are none. */
  oldestSeconds: number
}

export interface DeviceBacklog {
  /** Where somebody is signed in. */
  devices: number
  /** Of them, with work that is not sent, as they last told. */
  waiting: number
  edits: number
  /** Seconds since the first of it was saved; 0 where there is none. */
  oldestSeconds: number
}

/** What waits, over all organisations: counts and ages, and nothing of whose it is. */
export const createBacklogRepository = (db: Knex) => ({
  async queues(): Promise<QueueBacklog[]> {
    const { rows } = await db.raw<{ rows: QueueBacklog[] }>(`
      SELECT q.name AS queue,
        count(*) FILTER (WHERE j.state IN ('created', 'retry'))::int AS waiting,
        count(*) FILTER (WHERE j.state = 'active')::int AS active,
        count(*) FILTER (WHERE j.state = 'failed' AND j.completed_on > now() - interval '1 day')::int AS failed,
        coalesce(extract(epoch FROM now() - min(j.start_after)
          FILTER (WHERE j.state IN ('created', 'retry') AND j.start_after <= now())), 0)::float AS "oldestSeconds"
      FROM pgboss.queue q LEFT JOIN pgboss.job j ON j.name = q.name AND j.state IN ('created', 'retry', 'active', 'failed')
      GROUP BY q.name ORDER BY q.name`)
    return rows
  },

  async devices(): Promise<DeviceBacklog> {
    const { rows } = await db.raw<{ rows: [DeviceBacklog] }>(
      'SELECT devices, waiting, edits::float, oldest_seconds AS "oldestSeconds" FROM device_backlog()',
    )
    return rows[0]
  },
})
