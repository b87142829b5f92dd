import type { ReportSchedule, ScheduleFields } from '#common/contract/reports'
import type { Transaction } from '../../shared/transaction.ts'

interface Columns extends Pick<
  ReportSchedule,
  'id' | 'name' | 'kind' | 'format' | 'every' | 'hour' | 'timezone' | 'recipients' | 'active' | 'version'
> {
  site_id: string | null
  team_id: string | null
  owner_id: string
  owner_name: string
  recipient_names: string[]
  next_at: Date | null
  last_at: Date | null
  last_problem: string | null
}

const scheduleOf = (row: Columns): ReportSchedule => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  format: row.format,
  every: row.every,
  hour: row.hour,
  timezone: row.timezone,
  siteId: row.site_id,
  teamId: row.team_id,
  recipients: row.recipients,
  active: row.active,
  ownerId: row.owner_id,
  ownerName: row.owner_name,
  recipientNames: row.recipient_names,
  nextAt: row.next_at?.toISOString() ?? null,
  lastAt: row.last_at?.toISOString() ?? null,
  lastProblem: row.last_problem,
  version: row.version,
})

/** What is written of one when somebody saves it. */
export type KeptSchedule = ScheduleFields & Pick<ReportSchedule, 'id' | 'nextAt'>

const columnsOf = ({ siteId, teamId, nextAt, id: _, ...rest }: KeptSchedule) => ({
  ...rest,
  site_id: siteId,
  team_id: teamId,
  next_at: nextAt,
})

/** Somebody who can be sent mail. */
export interface Recipient {
  id: string
  name: string
  active: boolean
}

export const createSchedulesRepository = ({ db, scope }: Transaction) => {
  const select = (where: string) =>
    `SELECT s.*, o.display_name AS owner_name,
       ARRAY(SELECT u.display_name FROM unnest(s.recipients) WITH ORDINALITY r (id, place)
         JOIN users u ON u.tenant_id = s.tenant_id AND u.id = r.id ORDER BY r.place) AS recipient_names
     FROM report_schedules s JOIN users o ON o.tenant_id = s.tenant_id AND o.id = s.owner_id
     WHERE ${where}`
  const first = async (sql: string, id: string) => {
    const { rows } = await db.raw<{ rows: Columns[] }>(sql, { id })
    return rows[0] ? scheduleOf(rows[0]) : null
  }

  return {
    async all(): Promise<ReportSchedule[]> {
      const { rows } = await db.raw<{ rows: Columns[] }>(`${select('true')} ORDER BY lower(s.name), s.id`)
      return rows.map(scheduleOf)
    },

    find: (id: string) => first(select('s.id = :id'), id),

    /** Held until the transaction ends. */
    lock: (id: string) => first(`${select('s.id = :id')} FOR UPDATE OF s`, id),

    /** Of all organisations; for this no scope is needed. */
    async tenantIds(): Promise<string[]> {
      const { rows } = await db.raw<{ rows: { id: string }[] }>('SELECT tenant_ids() AS id')
      return rows.map(({ id }) => id)
    },

    /** Those whose time has come, the one that waits longest first. */
    async due(): Promise<string[]> {
      const { rows } = await db.raw<{ rows: { id: string }[] }>(
        `SELECT id FROM report_schedules WHERE active AND next_at <= now() ORDER BY next_at, id`,
      )
      return rows.map(({ id }) => id)
    },

    async countOf(ownerId: string): Promise<number> {
      const [row] = await db('report_schedules')
        .where({ owner_id: ownerId })
        .count<{ count: string }[]>('* as count')
      return Number(row!.count)
    },

    /** False where there is one with this id already, seen or not. */
    async insert(schedule: KeptSchedule): Promise<boolean> {
      const { rowCount } = await db.raw<{ rowCount: number }>('? ON CONFLICT DO NOTHING', [
        db('report_schedules').insert({
          ...columnsOf(schedule),
          tenant_id: scope.tenantId,
          id: schedule.id,
          owner_id: scope.userId,
        }),
      ])
      return rowCount > 0
    },

    /** Takes back what was said of the last time. */
    async update(schedule: KeptSchedule): Promise<void> {
      await db('report_schedules')
        .where({ id: schedule.id })
        .update({ ...columnsOf(schedule), last_problem: null, version: db.raw('version + 1') })
    },

    async remove(id: string): Promise<void> {
      await db('report_schedules').where({ id }).delete()
    },

    /** It was made; without `nextAt` beside those that are due. */
    async made(id: string, problem: string | null, nextAt?: string): Promise<void> {
      await db('report_schedules')
        .where({ id })
        .update({ last_at: db.fn.now(), last_problem: problem, ...(nextAt && { next_at: nextAt }) })
    },

    /** It was not; without `nextAt` it is tried again. */
    async failed(id: string, problem: string, nextAt?: string): Promise<void> {
      await db('report_schedules')
        .where({ id })
        .update({ last_problem: problem, ...(nextAt && { next_at: nextAt }) })
    },

    async pause(id: string, problem: string): Promise<void> {
      await db('report_schedules')
        .where({ id })
        .update({ active: false, next_at: null, last_problem: problem, version: db.raw('version + 1') })
    },

    people: async (ids: readonly string[]): Promise<Recipient[]> =>
      db('users')
        .whereIn('id', ids)
        .select<Recipient[]>({ id: 'id', name: 'display_name', active: 'active' }),

    hasSite: async (id: string): Promise<boolean> =>
      (await db('sites').where({ id, active: true }).first('id')) !== undefined,

    /** In use, and at or below those the scope's person leads unless they look after all. */
    async hasTeam(id: string): Promise<boolean> {
      const { rowCount } = await db.raw<{ rowCount: number }>(
        `SELECT FROM teams WHERE id = ? AND active
           AND ((SELECT scope_may('report.schedule')) OR id = ANY ((SELECT scope_teams())::uuid[]))`,
        [id],
      )
      return rowCount > 0
    },
  }
}
