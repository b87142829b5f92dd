import type { Question, Survey, SurveyHead, SurveyVersion } from '#common/contract/surveys'
import { canonicalJson } from '../../shared/canonical-json.ts'
import type { Transaction } from '../../shared/transaction.ts'

/** The questions that are not among the others, or not the same there. */
export function withoutEqual(questions: readonly Question[], others: readonly Question[]): Question[] {
  const known = new Set(others.map(canonicalJson))
  return questions.filter((question) => !known.has(canonicalJson(question)))
}

interface DraftRow {
  id: string
  name: string
  description: string
  active: boolean
  published_number: number | null
  published_at: Date | null
  has_changes: boolean
  version: number
  questions: Question[]
}

interface VersionRow extends Omit<SurveyVersion, 'publishedAt'> {
  publishedAt: Date
}

const questionsOf = `(
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'id', q.id, 'type', q.type, 'text', q.text, 'help', q.help, 'required', q.required,
    'min', q.min, 'max', q.max, 'showIf', q.show_if,
    'options', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'label', o.label) ORDER BY o.position), '[]')
      FROM question_options o WHERE o.tenant_id = q.tenant_id AND o.question_id = q.id
    )) ORDER BY q.position), '[]')
  FROM survey_questions q WHERE q.tenant_id = s.tenant_id AND q.survey_id = s.id)`

const toDraft = ({ published_number, published_at, has_changes, ...row }: DraftRow): Survey => ({
  ...row,
  publishedNumber: published_number,
  publishedAt: published_at?.toISOString() ?? null,
  hasChanges: has_changes,
})

const toVersion = ({ publishedAt, ...row }: VersionRow): SurveyVersion => ({
  ...row,
  publishedAt: publishedAt.toISOString(),
})

export const createSurveysRepository = ({ db, scope }: Transaction) => {
  const drafts = async (where = '', values: Record<string, string> = {}): Promise<Survey[]> => {
    const { rows } = await db.raw<{ rows: DraftRow[] }>(
      `SELECT s.id, s.name, s.description, s.active, s.published_number, v.published_at, s.has_changes, s.version,
         ${questionsOf} AS questions
       FROM surveys s
       LEFT JOIN survey_versions v ON v.tenant_id = s.tenant_id AND v.survey_id = s.id AND v.number = s.published_number
       ${where} ORDER BY folded(s.name) COLLATE "C", s.id`,
      values,
    )
    return rows.map(toDraft)
  }
  const versions = () =>
    db('survey_versions as v').select({
      id: 'v.id',
      surveyId: 'v.survey_id',
      number: 'v.number',
      name: 'v.name',
      description: 'v.description',
      questions: 'v.questions',
      publishedAt: 'v.published_at',
    })
  /** What is published now of each. */
  const published = () =>
    versions().join('surveys as s', (join) =>
      join.on('s.tenant_id', 'v.tenant_id').on('s.id', 'v.survey_id').on('s.published_number', 'v.number'),
    )

  return {
    list: () => drafts(),

    async find(id: string): Promise<Survey | null> {
      const [draft] = await drafts('WHERE s.id = :id', { id })
      return draft ?? null
    },

    /** Whoever writes surveys does so one after the other. */
    async takeTurns(): Promise<void> {
      await db.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`surveys of ${scope.tenantId}`])
    },

    /** As devices hold them: those with these ids that are published, under the names they have there; null: all. */
    async heads(ids: readonly string[] | null): Promise<SurveyHead[]> {
      const query = published()
        .clearSelect()
        .select({ id: 's.id', name: 'v.name', active: 's.active', publishedNumber: 's.published_number' })
        .orderBy('s.id')
      return (await (ids ? query.whereIn('s.id', ids) : query)) as SurveyHead[]
    },

    /** Those with these ids of their own. */
    async versions(ids: readonly string[]): Promise<SurveyVersion[]> {
      const query = versions().whereIn('v.id', ids).orderBy(['v.survey_id', 'v.number'])
      return ((await query) as VersionRow[]).map(toVersion)
    },

    /** As many as may be, the latest first, before one of them. */
    async newestVersions(before: string | null, limit: number): Promise<SurveyVersion[]> {
      const query = versions().orderBy('v.id', 'desc').limit(limit)
      return ((await (before ? query.where('v.id', '<', before) : query)) as VersionRow[]).map(toVersion)
    },

    async countVersions(): Promise<number> {
      const [row] = await db('survey_versions').count<{ count: string }[]>('* as count')
      return Number(row!.count)
    },

    async version(surveyId: string, number: number): Promise<SurveyVersion | null> {
      const [row] = (await versions().where({ survey_id: surveyId, number })) as VersionRow[]
      return row ? toVersion(row) : null
    },

    /** What is published of those that are offered, or of one of them. */
    async offered(id?: string): Promise<(SurveyVersion & { version: number })[]> {
      const query = published()
        .select({ version: 's.version' })
        .where({ 's.active': true, ...(id && { 's.id': id }) })
        .orderByRaw('folded(v.name) COLLATE "C", v.survey_id')
      const rows = (await query) as (VersionRow & { version: number })[]
      return rows.map(({ version, ...row }) => ({ ...toVersion(row), version }))
    },

    async insert({ id, name, description }: Survey): Promise<void> {
      await db('surveys').insert({ tenant_id: scope.tenantId, id, name, description })
    },

    async update({ id, name, description, active, publishedNumber, hasChanges, version }: Survey) {
      await db('surveys').where({ id }).update({
        name,
        description,
        active,
        published_number: publishedNumber,
        has_changes: hasChanges,
        version,
      })
    },

    async remove(id: string): Promise<void> {
      await db('surveys').where({ id }).delete()
    },

    /** Of these, those that are questions of another survey. */
    takenElsewhere: (surveyId: string, ids: readonly string[]): Promise<string[]> =>
      db('survey_questions').whereIn('id', ids).whereNot({ survey_id: surveyId }).pluck('id'),

    async surveyOf(questionId: string): Promise<string | null> {
      const row = await db('survey_questions')
        .where({ id: questionId })
        .first<{ survey_id: string } | undefined>('survey_id')
      return row?.survey_id ?? null
    },

    /** Writes what of `before` is not as it is to be. */
    async writeQuestions(
      surveyId: string,
      before: readonly Question[],
      questions: readonly Question[],
    ): Promise<void> {
      const outdated = withoutEqual(before, questions)
      const fresh = withoutEqual(questions, before)
      if (outdated.length > 0) {
        const ids = outdated.map(({ id }) => id)
        await db('survey_questions').where({ survey_id: surveyId }).whereIn('id', ids).delete()
      }
      await db.raw(
        `UPDATE survey_questions q SET position = place.position - 1
         FROM unnest(:ids::uuid[]) WITH ORDINALITY AS place (id, position)
         WHERE q.survey_id = :surveyId AND q.id = place.id AND q.position <> place.position - 1`,
        { surveyId, ids: questions.map(({ id }) => id) } as never,
      )
      if (fresh.length === 0) return
      const positions = new Map(questions.map(({ id }, position) => [id, position]))
      await db('survey_questions').insert(
        fresh.map(({ id, type, text, help, required, min, max, showIf }) => ({
          tenant_id: scope.tenantId,
          survey_id: surveyId,
          id,
          position: positions.get(id),
          type,
          text,
          help,
          required,
          min,
          max,
          show_if: showIf && JSON.stringify(showIf),
        })),
      )
      const options = fresh.flatMap(({ id: questionId, options }) =>
        options.map(({ id, label }, position) => ({
          tenant_id: scope.tenantId,
          question_id: questionId,
          id,
          position,
          label,
        })),
      )
      // 200 questions of 50 choices have more values than one statement takes.
      if (options.length > 0) await db.batchInsert('question_options', options, 1000)
    },

    async publish(
      { id, surveyId, number, name, description, questions }: Omit<SurveyVersion, 'publishedAt'>,
      by: string | null,
    ) {
      const [row] = await db('survey_versions')
        .insert({
          tenant_id: scope.tenantId,
          survey_id: surveyId,
          number,
          id,
          name,
          description,
          questions: JSON.stringify(questions),
          published_by: by,
        })
        .returning<{ published_at: Date }[]>('published_at')
      return row!.published_at.toISOString()
    },
  }
}
