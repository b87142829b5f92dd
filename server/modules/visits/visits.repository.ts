import type { Answers, Position, Visit, VisitStatus, VisitType } from '#common/contract/visits'
import { dateIn } from '#common/rules/calendar'
import type { distanceFrom } from '#common/rules/visit-rules'
import type { Transaction } from '../../shared/transaction.ts'

interface Row {
  id: string
  site_id: string
  agent_id: string
  shop_id: string | null
  survey_id: string | null
  survey_number: number | null
  visit_type: VisitType
  status: VisitStatus
  started_at: Date
  completed_at: Date | null
  timezone: string
  latitude: number | null
  longitude: number | null
  accuracy: number | null
  position_source: Position['source'] | null
  notes: string
  version: number
  created_at: Date
  updated_at: Date
  answers: Answers
}

const positionOf = ({ latitude, longitude, accuracy, position_source: source }: Row): Visit['position'] =>
  source && { latitude: latitude!, longitude: longitude!, accuracy, source }

const toVisit = (row: Row): Visit => ({
  id: row.id,
  siteId: row.site_id,
  agentId: row.agent_id,
  shopId: row.shop_id,
  surveyId: row.survey_id,
  surveyNumber: row.survey_number,
  visitType: row.visit_type,
  status: row.status,
  startedAt: row.started_at.toISOString(),
  completedAt: row.completed_at?.toISOString() ?? null,
  timezone: row.timezone,
  position: positionOf(row),
  notes: row.notes,
  answers: row.answers,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
})

/** How far from its shop a visit began, where both are known. */
export type Distance = ReturnType<typeof distanceFrom>

/** What an edit may change of a row. */
const changing = (visit: Visit) => ({
  shop_id: visit.shopId,
  survey_number: visit.surveyNumber,
  status: visit.status,
  completed_at: visit.completedAt,
  latitude: visit.position?.latitude ?? null,
  longitude: visit.position?.longitude ?? null,
  accuracy: visit.position?.accuracy ?? null,
  position_source: visit.position?.source ?? null,
  notes: visit.notes,
  version: visit.version,
  updated_at: visit.updatedAt,
})

const far = (from: Distance) => ({ distance: from?.metres ?? null, is_far: from?.isFar ?? false })

/** Whose a visit is, and where. */
export interface Place {
  siteId: string
  agentId: string
}

/** Where a first sync of somebody's visits goes on: after one that started then. */
export interface After {
  start: string | null
  id: string
}

export const createVisitsRepository = ({ db, scope }: Transaction) => {
  const read = async (where: string, values: object): Promise<Visit[]> => {
    const { rows } = await db.raw<{ rows: Row[] }>(
      `SELECT v.*, (SELECT coalesce(jsonb_object_agg(a.question_id, a.value), '{}') FROM visit_answers a
         WHERE a.tenant_id = v.tenant_id AND a.visit_id = v.id) AS answers
       FROM visits v WHERE v.tenant_id = :tenantId AND ${where}`,
      { tenantId: scope.tenantId, ...values } as never,
    )
    return rows.map(toVisit)
  }
  const find = async (id: string): Promise<Visit | null> => (await read('v.id = :id', { id }))[0] ?? null

  /** By question; null takes an answer back. */
  async function answer(id: string, answers: Answers): Promise<void> {
    const gone = Object.keys(answers).filter((questionId) => answers[questionId] === null)
    const given = Object.entries(answers).filter(([, value]) => value !== null)
    if (gone.length > 0)
      await db('visit_answers').where({ visit_id: id }).whereIn('question_id', gone).delete()
    if (given.length === 0) return
    const rows = given.map(([questionId, value]) => ({
      tenant_id: scope.tenantId,
      visit_id: id,
      question_id: questionId,
      value: JSON.stringify(value),
    }))
    await db('visit_answers')
      .insert(rows)
      .onConflict(['tenant_id', 'visit_id', 'question_id'])
      .merge(['value'])
  }

  return {
    find,

    async place(id: string): Promise<Place | null> {
      const place = await db('visits')
        .where({ id })
        .first<Place | undefined>('site_id as siteId', 'agent_id as agentId')
      return place ?? null
    },

    /** Held until the transaction ends, with its answers and photos, as it is once it is held. */
    async lock(id: string): Promise<Visit | null> {
      const found = await db('visits').where({ id }).forUpdate().first<{ id: string } | undefined>('id')
      return found ? find(id) : null
    },

    /** Whoever starts a visit under this id does so one after the other. */
    async takeTurns(id: string): Promise<void> {
      await db.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`visit ${id}`])
    },

    /** False when the organisation has one under this id already, seen or not. */
    async insert(visit: Visit, from: Distance): Promise<boolean> {
      const row = db('visits').insert({
        tenant_id: scope.tenantId,
        id: visit.id,
        site_id: visit.siteId,
        agent_id: visit.agentId,
        survey_id: visit.surveyId,
        visit_type: visit.visitType,
        started_at: visit.startedAt,
        timezone: visit.timezone,
        day: dateIn(visit.startedAt, visit.timezone),
        created_at: visit.createdAt,
        ...changing(visit),
        ...far(from),
      })
      const { rowCount } = await db.raw<{ rowCount: number }>('? ON CONFLICT (tenant_id, id) DO NOTHING', [
        row,
      ])
      if (rowCount === 0) return false
      await answer(visit.id, visit.answers)
      return true
    },

    /** `answers` are those that change; where it began from is as it was unless it is given. */
    async update(visit: Visit, answers: Answers, from?: Distance): Promise<void> {
      await db('visits')
        .where({ id: visit.id })
        .update({ ...changing(visit), ...(from !== undefined && far(from)) })
      await answer(visit.id, answers)
    },

    async interactionVersion(id: string): Promise<number> {
      const row = await db('visits')
        .where({ id })
        .first<{ version: number }>('interaction_version as version')
      return row.version
    },

    /** The visit has made `now` of the version `was`: it goes on being its own, unless that was somebody else's. */
    async moveInteractionVersion(id: string, was: number, now: number): Promise<void> {
      await db('visits').where({ id, interaction_version: was }).update({ interaction_version: now })
    },

    /** The person's own at the scope's site; of others there is nothing, not even for those who may see them. */
    ofAgent: (agentId: string, ids: readonly string[]): Promise<Visit[]> =>
      read('v.site_id = :siteId AND v.agent_id = :agentId AND v.id = ANY (:ids::uuid[])', {
        siteId: scope.siteId,
        agentId,
        ids,
      }),

    /** The same, the latest first. */
    newestOf: (agentId: string, after: After | null, limit: number): Promise<Visit[]> =>
      read(
        `v.site_id = :siteId AND v.agent_id = :agentId ${after ? 'AND (v.started_at, v.id) < (:start, :id)' : ''}
         ORDER BY v.started_at DESC, v.id DESC LIMIT :limit`,
        { siteId: scope.siteId, agentId, limit, ...(after && { start: after.start, id: after.id }) },
      ),

    async nameOf(userId: string): Promise<string> {
      const row = await db('users').where({ id: userId }).first<{ name: string }>('display_name as name')
      return row.name
    },

    async siteOf(id: string): Promise<{ name: string; timezone: string | null }> {
      return db('sites')
        .where({ id })
        .first<{ name: string; timezone: string | null }>(
          'name',
          db.raw(`settings ->> 'timezone' AS timezone`),
        )
    },
  }
}
