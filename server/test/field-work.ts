import { randomUUID } from 'node:crypto'
import { afterAll } from 'vitest'
import type { SignedIn, TenantRole } from '#common/contract/auth'
import { type PhotoMutation, schemaVersion, type VisitMutation } from '#common/contract/sync'
import type { Brand } from '#common/contract/brands'
import type { Photo } from '#common/contract/photos'
import type { Shop } from '#common/contract/shops'
import type { SiteRole } from '#common/contract/sites'
import type { Question, Survey } from '#common/contract/surveys'
import type { Team, TeamLevel } from '#common/contract/teams'
import type { Visit, VisitFields, VisitStatus } from '#common/contract/visits'
import { plainQuestion } from '#common/rules/survey-draft'
import { visitDifference, visitFieldsOf, withPatch } from '#common/rules/visit-rules'
import { type Client, createTestApp } from './app.ts'
import { password } from './fixture.ts'
import { announcedPicture } from './samples.ts'

/** A question, as far as it is not of the usual kind. */
export const question = (fields: Partial<Question> & Pick<Question, 'type' | 'text'>): Question => ({
  id: randomUUID(),
  ...plainQuestion,
  ...fields,
})

/** What a survey of these tests asks: one of each kind that something hangs on. */
export function questionsOfSurvey() {
  const isOpen = question({ type: 'yes_no', text: 'Is the shop open?', required: true })
  const facings = question({
    type: 'number',
    text: 'How many facings?',
    required: true,
    min: 0,
    max: 500,
    showIf: { questionId: isOpen.id, is: 'equal', value: true },
  })
  const remarks = question({ type: 'text', text: 'Anything else?' })
  const shelf = question({ type: 'photo', text: 'The shelf', min: 1, max: 3 })
  return { isOpen, facings, remarks, shelf }
}

export const home = { latitude: 52.52, longitude: 13.405 }

interface PastVisit {
  day: string
  siteId?: string
  shopId?: string | null
  surveyId?: string | null
  status?: VisitStatus
  photos?: (readonly [brandId: string, areaPercentage: number])[][]
}

/** A site where agents work: with a shop, a brand and a survey, for the length of a test file. */
export async function createFieldWork(options: Parameters<typeof createTestApp>[0] = {}) {
  const server = await createTestApp(options)
  afterAll(() => server.close())
  const { sites, tenants } = server.ids
  const site = sites.Marketing
  const admin = server.as('admin', site)
  const sql = async <Row>(text: string, values: unknown[] = []) =>
    (await server.database.owner.query(text, values)).rows as Row[]

  /** Somebody who has signed in, with these roles. */
  async function person(username: string, roles: readonly TenantRole[], at: Record<string, SiteRole> = {}) {
    const id = randomUUID()
    const tenantId = tenants['Harbour & Vale']
    await sql(
      `INSERT INTO users (tenant_id, id, username, email, display_name, password_hash)
       SELECT $1, $2, $3, $3 || '@example.org', $4, password_hash FROM users WHERE username = 'editor'`,
      [tenantId, id, username, `${username.slice(0, 1).toUpperCase()}${username.slice(1)} Pier`],
    )
    for (const role of roles) await sql('INSERT INTO user_roles VALUES ($1, $2, $3)', [tenantId, id, role])
    for (const [siteId, role] of Object.entries(at))
      await sql('INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, $4)', [
        tenantId,
        id,
        siteId,
        role,
      ])
    const { body } = await server.anonymous().post<SignedIn>('/auth/login', { username, password })
    const { token } = body
    const client = server.anonymous(token)
    const here = { 'x-site-id': Object.keys(at)[0] ?? site }
    return {
      ...client,
      id,
      token,
      post: <T>(url: string, payload: object, headers = {}) =>
        client.post<T>(url, payload, { ...here, ...headers }),
    }
  }

  async function made<T>(client: Client, url: string, body: object, name: string): Promise<T> {
    const answer = await client.post<Record<string, T>>(url, body)
    if (answer.status !== 201) throw new Error(`Not made: ${answer.text}`)
    return answer.body[name]!
  }
  const shop = (fields: Partial<Shop> = {}, at = site) =>
    made<Shop>(
      server.as('admin', at),
      '/shops',
      { name: `Shop ${randomUUID()}`, address: 'Alexanderplatz 1', reference: null, ...home, ...fields },
      'shop',
    )
  const brand = (name: string) =>
    made<Brand>(admin, '/brands', { name, description: '', colour: '#0d6e6e' }, 'brand')
  async function survey(questions: readonly Question[]): Promise<Survey> {
    const draft = await made<Survey>(
      admin,
      '/surveys',
      { name: `Survey ${randomUUID()}`, description: '', questions },
      'survey',
    )
    return publish(draft)
  }
  const publish = ({ id, version }: Survey) =>
    made<Survey>(admin, `/surveys/${id}/publish`, { version }, 'survey')

  const tenantId = tenants['Harbour & Vale']

  const corner = JSON.stringify([0, 1, 2].map((n) => ({ x: Number(n > 0), y: Number(n > 1) })))

  /** A visit as the database has it: of a day, with the shares that brands have on each of its photos. */
  async function pastVisit(agentId: string, given: PastVisit): Promise<string> {
    const { siteId = site, shopId = null, surveyId = null, status = 'completed', photos = [] } = given
    const id = randomUUID()
    const values = [tenantId, siteId, id, agentId, shopId, surveyId, status, given.day]
    await sql(
      `WITH visit AS (
         INSERT INTO visits (tenant_id, site_id, id, agent_id, shop_id, survey_id, survey_number, visit_type, status,
           started_at, completed_at, timezone)
         SELECT $1, $2, $3, $4, $5, $6::uuid, CASE WHEN $6 IS NOT NULL THEN 1 END, 'routine', $7, at,
           CASE WHEN $7 = 'completed' THEN at END, 'UTC' FROM (SELECT ($8 || 'T12:00:00Z')::timestamptz AS at) began
       ), photo AS (
         SELECT gen_random_uuid() AS id, marks FROM jsonb_array_elements($9::jsonb) AS marks
       ), picture AS (
         INSERT INTO pictures (tenant_id, id, visit_id, sha256, size, type, width, height)
         SELECT $1, id, $3, repeat('0', 64), 1, 'image/png', 1, 1 FROM photo
       ), of_visit AS (
         INSERT INTO photos (tenant_id, id, site_id, visit_id, purpose) SELECT $1, id, $2, $3, 'shelf' FROM photo
       )
       INSERT INTO shelf_quadrants (tenant_id, photo_id, id, brand_id, position, polygon, area_percentage)
       SELECT $1, photo.id, gen_random_uuid(), (mark ->> 0)::uuid, place, $10::jsonb, (mark ->> 1)::float8
       FROM photo, jsonb_array_elements(marks) WITH ORDINALITY AS marked (mark, place)`,
      [...values, JSON.stringify(photos), corner],
    )
    return id
  }

  /** A team with these people in it. */
  async function team(given: {
    level?: TeamLevel
    parentId?: string
    leaderId?: string
    members?: string[]
  }) {
    const { level = 'team', parentId = null, leaderId = null, members = [] } = given
    const name = `Team ${randomUUID()}`
    const { id } = await made<Team>(admin, '/teams', { name, level, parentId, leaderId }, 'team')
    for (const userId of members) {
      const { status, text } = await admin.post(`/teams/${id}/members`, { userId })
      if (status !== 200 && status !== 201) throw new Error(`Not added: ${text}`)
    }
    return { id, name }
  }

  return {
    server,
    site,
    admin,
    tenantId,
    pastVisit,
    team,
    sql,
    person,
    shop,
    brand,
    survey,
    publish,
    start: (agent: Client, fields: object = {}) =>
      made<Visit>(agent, '/visits', { visitType: 'routine', ...fields }, 'visit'),
    addPhoto: (agent: Client, visitId: string, fields: object = {}) =>
      made<Photo>(agent, '/photos', { visitId, purpose: 'shelf', ...announcedPicture, ...fields }, 'photo'),
    interaction: async (id: string) => {
      const { status, body } = await admin.get<{ interaction: Record<string, unknown> }>(
        `/interactions/${id}`,
      )
      return status === 200 ? body.interaction : null
    },
  }
}

/** The edits of visits and photos that an agent's device makes. */
export function createFieldDevice(siteId: string, id = randomUUID()) {
  const envelope = (
    dependsOn: { mutationId: string }[],
  ): Omit<VisitMutation, 'entity' | 'entityId' | 'op' | 'base' | 'patch'> => ({
    mutationId: randomUUID(),
    siteId,
    baseVersion: null,
    dependsOn: dependsOn.map(({ mutationId }) => mutationId),
    schemaVersion,
    deviceTime: new Date().toISOString(),
  })
  const fields: VisitFields = {
    shopId: null,
    surveyId: null,
    surveyNumber: null,
    visitType: 'routine',
    status: 'in_progress',
    startedAt: '2026-11-20T09:00:00.000Z',
    completedAt: null,
    timezone: 'Europe/Berlin',
    position: null,
    notes: '',
    answers: {},
  }
  return {
    id,
    start: (given: Partial<VisitFields> = {}, entityId: string = randomUUID()): VisitMutation => ({
      ...envelope([]),
      entity: 'visit',
      entityId,
      op: 'create',
      base: {},
      patch: { ...fields, ...given },
    }),
    edit: (
      seen: VisitFields & { id: string },
      patch: Partial<VisitFields>,
      ...after: { mutationId: string }[]
    ): VisitMutation => ({
      ...envelope(after),
      entity: 'visit',
      entityId: seen.id,
      op: 'update',
      ...visitDifference(visitFieldsOf(seen), withPatch(visitFieldsOf(seen), patch))!,
    }),
    photo: (
      op: PhotoMutation['op'],
      entityId: string,
      { base = {}, patch = {} }: Partial<Pick<PhotoMutation, 'base' | 'patch'>>,
      ...after: { mutationId: string }[]
    ): PhotoMutation => ({ ...envelope(after), entity: 'photo', entityId, op, base, patch }),
  }
}

/** All fields of a photo, as a device announces it. */
export const photoFields = (visitId: string, given: Partial<Photo> = {}) => ({
  visitId,
  questionId: null,
  purpose: 'shelf' as const,
  ...announcedPicture,
  type: 'image/jpeg' as const,
  takenAt: null,
  latitude: null,
  longitude: null,
  shelf: null,
  quadrants: [],
  ...given,
})
