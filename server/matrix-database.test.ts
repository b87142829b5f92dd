import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { may, type Subject } from '#common/rules/permissions'
import { type Scope, systemScope } from './shared/scope.ts'
import { all, forAnybody, isGiven, isGivenToOthers, isOfSite, type Name } from './test/ladders.ts'
import { askers, createMatrixWorld, type Known, people, places } from './test/matrix-world.ts'
import type { Things } from './test/samples.ts'
import { asApp, setScope } from './test/scoped.ts'

/**
 * Role × endpoint × place, every cell: what the database lets whoever it is write, as the application, is what the
 * ladders say of the roles a person was given.
 */

const { server, known, things, kept } = await createMatrixWorld()
/** Of the application. */
const app = new pg.Client(server.database.url)
beforeAll(async () => {
  await app.connect()
  await app.query('SET ROLE fieldbook_app')
})
afterAll(() => app.end())

interface Write {
  /** Of what is somebody else's, at a place; `mine` of what is the person's own. */
  sql(at: Things, subject: Subject): Sql | Promise<Sql>
  mine?(at: Things, subject: Subject): Sql | Promise<Sql>
  /** What writes other columns of the same rows, which the database does not tell apart. */
  alike?: Name
  /** It is done in the organisation it is about by somebody of none. */
  fromOutside?: true
}
type Sql = [text: string, ...values: unknown[]]

/** Whether the application could write this for them; nothing is. */
async function canWrite(scope: Scope, [text, ...values]: Sql): Promise<boolean> {
  await app.query('BEGIN')
  try {
    await setScope(app, scope)
    return ((await app.query(text, values)).rowCount ?? 0) > 0
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error
    return false
  } finally {
    await app.query('ROLLBACK')
  }
}

/** What the application finds for them. */
async function readAs(scope: Scope, text: string): Promise<{ table: string; id: string }[]> {
  await app.query('BEGIN')
  try {
    await setScope(app, scope)
    return (await app.query<{ table: string; id: string }>(text)).rows
  } finally {
    await app.query('ROLLBACK')
  }
}

const owner = (text: string, ...values: unknown[]) => server.database.owner.query(text, values)
const platform = () => server.ids.tenants.Fieldbook
const somebody = ({ id }: Subject) => id || randomUUID()

const ofUser = (text: string) => async (at: Things) => [text, (await at.user()).id] satisfies Sql
const mailTo = async (at: Things): Promise<Sql> => [
  `INSERT INTO mails (tenant_id, id, user_id, kind, give_up_at) VALUES ($1, gen_random_uuid(), $2, 'invitation', now())`,
  at.tenantId,
  (await at.user()).id,
]
const changeOf =
  (set: string, thing: 'interaction' | 'deletedInteraction' = 'interaction') =>
  async (at: Things) =>
    [`UPDATE interactions SET ${set} WHERE id = $1`, (await at[thing]()).id] satisfies Sql
const removal = 'deleted_at = now(), deleted_by = updated_by'
const newImport = (at: Things, subject: Subject): Sql => [
  `INSERT INTO imports (tenant_id, site_id, id, state, file_name, headers, options, rows, width, created_by, started_by, origin)
   VALUES ($1, $2, gen_random_uuid(), 'receiving', '', '[]', '{}', 1, 1, $3, $3, '{}')`,
  at.tenantId,
  at.siteId,
  somebody(subject),
]
const newExport = (at: Things, subject: Subject): Sql => [
  `INSERT INTO exports (tenant_id, site_id, id, owner_id, state, format, filter, sort, columns, file_name, done, total,
     origin, created_at, keep_until)
   VALUES ($1, $2, gen_random_uuid(), $3, 'done', 'csv', '{}', '[]', '[]', '', 0, 0, '{}', now(), now() + interval '1 hour')`,
  at.tenantId,
  at.siteId,
  somebody(subject),
]
const updateSite: Write['sql'] = (at) => ['UPDATE sites SET settings = settings WHERE id = $1', at.siteId]
const updateTenant: Write['sql'] = (at) => ['UPDATE tenants SET version = version WHERE id = $1', at.tenantId]
const mySession: Write['sql'] = (_, subject) => [
  'UPDATE sessions SET last_used_at = now() WHERE user_id = $1',
  somebody(subject),
]
const updateInteraction: Write = { sql: changeOf('notes = notes') }
const startImport: Write = { sql: newImport }
const createShop: Write = {
  sql: (at) => [
    `INSERT INTO shops (tenant_id, site_id, id, name, name_key, search_text)
     VALUES ($1, $2, gen_random_uuid(), 'x', 'x', 'x')`,
    at.tenantId,
    at.siteId,
  ],
}
/** At the own site, as far as the person is of this organisation. */
async function ownVisit(at: Things, { id: agentId }: Subject): Promise<string> {
  const id = randomUUID()
  await owner(
    `INSERT INTO visits (tenant_id, site_id, id, agent_id, visit_type, status, started_at, timezone)
     VALUES ($1, $2, $3, $4, 'routine', 'in_progress', now(), 'UTC')`,
    at.tenantId,
    at.siteId,
    id,
    agentId,
  )
  return id
}
async function ownPhoto(at: Things, subject: Subject): Promise<string> {
  const id = randomUUID()
  const visitId = await ownVisit(at, subject)
  await owner(
    `WITH picture AS (
       INSERT INTO pictures (tenant_id, id, visit_id, sha256, size, type, width, height)
       VALUES ($1, $2, $3, repeat('0', 64), 1, 'image/png', 1, 1))
     INSERT INTO photos (tenant_id, id, site_id, visit_id, purpose) VALUES ($1, $2, $4, $3, 'shelf')`,
    at.tenantId,
    id,
    visitId,
    at.siteId,
  )
  return id
}
/** `$1` is whose it is. */
const insertSchedule = `INSERT INTO report_schedules
    (tenant_id, id, owner_id, name, kind, format, every, hour, timezone, recipients, active)
  SELECT tenant_id, gen_random_uuid(), id, 'x', 'visits', 'csv', 'day', 7, 'UTC', ARRAY[id], false
  FROM users WHERE id = $1`
const ofSchedule = (start: string): Write => ({
  sql: async (at) => [`${start} WHERE id = $1`, (await at.schedule()).id],
  mine: async (_, { id }) => {
    const { rows } = await owner(`${insertSchedule} RETURNING id`, id)
    return [`${start} WHERE id = $1`, (rows[0] as { id: string }).id]
  },
})
/** Of somebody else's visit, or photo, and of one's own. */
const ofVisit = (sql: (at: Things, visitId: string) => Sql): Write => ({
  sql: async (at) => sql(at, (await at.visit()).id),
  mine: async (at, subject) => sql(at, await ownVisit(at, subject)),
})
const ofPhoto = (sql: (at: Things, photoId: string) => Sql): Write => ({
  sql: async (at) => sql(at, (await at.photo()).id),
  mine: async (at, subject) => sql(at, await ownPhoto(at, subject)),
})
const addTeamMember = async (at: Things, teamId: string): Promise<Sql> => [
  'INSERT INTO user_teams (tenant_id, team_id, user_id) VALUES ($1, $2, $3)',
  at.tenantId,
  teamId,
  (await at.user()).id,
]

/** Null for who is of no organisation. */
const makerOf = (subject: Subject) => (subject.roles.includes('super_admin') ? null : somebody(subject))
const ofGoal = (text: string): Write => ({ sql: async (at) => [text, (await at.goal()).id] })
const ofCycle = (text: string): Write => ({ sql: async (at) => [text, (await at.callCycle()).id] })

/** Wherever one is, and in an organisation one entered one has none of it. */
const ofOneself: readonly Name[] = [
  'signOut',
  'reportDevice',
  'endSession',
  'chooseSite',
  'changePassword',
  'pushMutations',
  'createSchedule',
]

/** What the database is asked to write for each endpoint that writes; a reason where no row of a table is its own. */
const writes: Partial<Record<Name, Write | string>> = {
  signOut: { sql: mySession },
  reportDevice: { sql: mySession },
  signOutDevice: {
    sql: (at) => ['UPDATE sessions SET revoked_at = now() WHERE user_id = $1', at.adminId],
  },
  endSession: { sql: mySession },
  chooseSite: { sql: mySession },
  changePassword: {
    sql: (at, subject) => [
      `INSERT INTO password_history (tenant_id, user_id, password_hash) SELECT tenant_id, id, 'x' FROM users WHERE id = $1`,
      somebody(subject),
    ],
  },
  pushMutations: {
    sql: (at, subject) => [
      `INSERT INTO sync_receipts (tenant_id, device_id, mutation_id, user_id, feed_id, seq, payload_hash, result, sole_author)
       SELECT tenant_id, gen_random_uuid(), gen_random_uuid(), id, tenant_id, 1, '', '{}', false FROM users WHERE id = $1`,
      somebody(subject),
    ],
  },

  changeSiteSettings: { sql: updateSite, alike: 'updateSite' },
  createSite: {
    sql: (at) => [
      'INSERT INTO sites (tenant_id, id, name) VALUES ($1, gen_random_uuid(), $2)',
      at.tenantId,
      randomUUID(),
    ],
  },
  updateSite: { sql: async (at) => ['UPDATE sites SET name = name WHERE id = $1', (await at.site()).id] },
  assignToSite: {
    sql: (at) => [
      `INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, 'viewer')`,
      at.tenantId,
      at.adminId,
      at.siteId,
    ],
  },
  removeFromSite: {
    sql: async (at) => [
      'DELETE FROM user_sites WHERE user_id = $1 AND site_id = $2',
      (await at.user()).id,
      at.siteId,
    ],
  },

  changeTenantSettings: { sql: updateTenant, alike: 'updateTenant' },
  updateTenant: { sql: updateTenant, alike: 'changeTenantSettings', fromOutside: true },
  createTenant: {
    sql: () => [`INSERT INTO tenants (id, name, slug) SELECT scope_tenant(), 'x', $1`, randomUUID()],
    fromOutside: true,
  },

  createUser: {
    sql: (at) => [
      `INSERT INTO users (tenant_id, id, username, email, display_name) VALUES ($1, gen_random_uuid(), $2, $2 || '@x', 'x')`,
      at.tenantId,
      randomUUID(),
    ],
  },
  updateUser: {
    sql: ofUser('UPDATE users SET display_name = display_name WHERE id = $1'),
    mine: (at, subject) => ['UPDATE users SET display_name = display_name WHERE id = $1', somebody(subject)],
  },
  disableUser: { sql: ofUser('UPDATE users SET active = active WHERE id = $1') },
  forgetUser: { sql: ofUser('UPDATE users SET forgotten_at = now() WHERE id = $1') },
  assignRoles: {
    sql: ofUser(`INSERT INTO user_roles SELECT tenant_id, id, 'agent' FROM users WHERE id = $1`),
  },
  unlockUser: 'who is locked out is counted before an organisation is known',
  resetUserPassword: { sql: mailTo },
  inviteUser: { sql: mailTo },

  addType: {
    sql: (at) => [
      'INSERT INTO interaction_types (tenant_id, id, name, position) VALUES ($1, gen_random_uuid(), $2, 99)',
      at.tenantId,
      randomUUID(),
    ],
  },
  updateType: {
    sql: async (at) => ['UPDATE interaction_types SET active = active WHERE id = $1', (await at.type()).id],
  },
  deleteType: { sql: async (at) => ['DELETE FROM interaction_types WHERE id = $1', (await at.type()).id] },

  createTeam: {
    sql: (at) => [
      `INSERT INTO teams (tenant_id, id, name, level) VALUES ($1, gen_random_uuid(), $2, 'team')`,
      at.tenantId,
      randomUUID(),
    ],
  },
  updateTeam: { sql: async (at) => ['UPDATE teams SET name = name WHERE id = $1', (await at.team()).id] },
  addTeamMember: { sql: async (at) => addTeamMember(at, (await at.team()).id) },
  removeTeamMember: {
    sql: async (at) => {
      const { id } = await at.team()
      await owner(
        'INSERT INTO user_teams (tenant_id, team_id, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        at.tenantId,
        id,
        at.adminId,
      )
      return ['DELETE FROM user_teams WHERE team_id = $1', id]
    },
  },

  saveView: {
    sql: (at, subject) => [
      `INSERT INTO saved_views VALUES ($1, $2, gen_random_uuid(), $3, 'x', false, '{}', '[]', '[]', now())`,
      at.tenantId,
      at.siteId,
      somebody(subject),
    ],
  },
  deleteView: {
    sql: async (at, subject) => {
      const id = randomUUID()
      await owner(
        `INSERT INTO saved_views SELECT $1, $2, $3, id, 'x', false, '{}', '[]', '[]', now() FROM users
         WHERE tenant_id = $1 AND id IN ($4, $5) ORDER BY id = $4 LIMIT 1`,
        at.tenantId,
        at.siteId,
        id,
        at.adminId,
        somebody(subject),
      )
      return ['DELETE FROM saved_views WHERE id = $1', id]
    },
  },

  createInteraction: {
    sql: async (at, subject) => {
      const { rows } = await owner(
        'SELECT to_jsonb(i) AS row FROM interactions i WHERE id = $1',
        (await at.interaction()).id,
      )
      const { row } = rows[0] as { row: object }
      return [
        'INSERT INTO interactions SELECT * FROM jsonb_populate_record(NULL::interactions, $1)',
        JSON.stringify({ ...row, id: randomUUID(), created_by: somebody(subject) }),
      ]
    },
  },
  updateInteraction,
  changeInBulk: updateInteraction,
  undoBulk: updateInteraction,
  deleteInteraction: {
    sql: changeOf(removal),
    mine: async (at, subject) => {
      const record = await at.interaction()
      await owner('UPDATE interactions SET created_by = $2 WHERE id = $1', record.id, subject.id)
      return [`UPDATE interactions SET ${removal} WHERE id = $1`, record.id]
    },
  },
  restoreInteraction: { sql: changeOf('deleted_at = NULL, deleted_by = NULL', 'deletedInteraction') },

  startExport: { sql: newExport },
  cancelExport: { sql: newExport },
  reportLocalExport: 'only the audit has it',
  startImport,
  sendImportRows: startImport,
  checkImport: startImport,
  runImport: startImport,
  undoImport: startImport,
  cancelImport: startImport,

  createShop,
  importShops: createShop,
  updateShop: {
    sql: async (at) => ['UPDATE shops SET version = version WHERE id = $1', (await at.shop()).id],
  },
  deleteShop: { sql: async (at) => ['DELETE FROM shops WHERE id = $1', (await at.shop()).id] },

  createBrand: {
    sql: (at) => [
      `INSERT INTO brands (tenant_id, id, name, colour) VALUES ($1, gen_random_uuid(), 'x', '#0d6e6e')`,
      at.tenantId,
    ],
  },
  updateBrand: {
    sql: async (at) => ['UPDATE brands SET version = version WHERE id = $1', (await at.brand()).id],
  },
  deleteBrand: { sql: async (at) => ['DELETE FROM brands WHERE id = $1', (await at.brand()).id] },
  addInfographic: {
    sql: (at) => [
      `INSERT INTO pictures (tenant_id, id, sha256, size, type, width, height)
       VALUES ($1, gen_random_uuid(), repeat('0', 64), 1, 'image/png', 1, 1)`,
      at.tenantId,
    ],
  },
  sendInfographic: {
    sql: async (at) => [
      `INSERT INTO picture_parts (tenant_id, picture_id, first, bytes) VALUES ($1, $2, 0, '')`,
      at.tenantId,
      (await at.infographic()).id,
    ],
  },
  removeInfographic: {
    sql: async (at) => ['DELETE FROM pictures WHERE id = $1', (await at.infographic()).id],
  },

  createSurvey: {
    sql: (at) => [
      `INSERT INTO surveys (tenant_id, id, name) VALUES ($1, gen_random_uuid(), 'x')`,
      at.tenantId,
    ],
  },
  updateSurvey: {
    sql: async (at) => ['UPDATE surveys SET version = version WHERE id = $1', (await at.survey()).id],
  },
  deleteSurvey: { sql: async (at) => ['DELETE FROM surveys WHERE id = $1', (await at.survey()).id] },
  publishSurvey: {
    sql: async (at) => [
      `INSERT INTO survey_versions (tenant_id, survey_id, number, id, name, description, questions)
       VALUES ($1, $2, 99, gen_random_uuid(), 'x', '', '[]')`,
      at.tenantId,
      (await at.survey()).id,
    ],
  },
  addQuestion: {
    sql: async (at) => [
      `INSERT INTO survey_questions (tenant_id, survey_id, id, position, type, text, required)
       VALUES ($1, $2, gen_random_uuid(), 99, 'text', 'x', false)`,
      at.tenantId,
      (await at.survey()).id,
    ],
  },
  updateQuestion: {
    sql: async (at) => [
      'UPDATE survey_questions SET position = position WHERE survey_id = $1',
      (await at.survey()).id,
    ],
  },
  deleteQuestion: {
    sql: async (at) => ['DELETE FROM survey_questions WHERE survey_id = $1', (await at.survey()).id],
  },

  startVisit: {
    sql: (at, subject) => [
      `INSERT INTO visits (tenant_id, site_id, id, agent_id, visit_type, status, started_at, timezone)
       VALUES ($1, $2, gen_random_uuid(), $3, 'routine', 'in_progress', now(), 'UTC')`,
      at.tenantId,
      at.siteId,
      somebody(subject),
    ],
  },
  updateVisit: ofVisit((_, id) => ['UPDATE visits SET notes = notes WHERE id = $1', id]),
  completeVisit: ofVisit((at, id) => [
    `INSERT INTO visit_answers (tenant_id, visit_id, question_id, value) VALUES ($1, $2, gen_random_uuid(), '1')`,
    at.tenantId,
    id,
  ]),
  addPhoto: ofVisit((at, id) => [
    `INSERT INTO pictures (tenant_id, id, visit_id, sha256, size, type, width, height)
     VALUES ($1, gen_random_uuid(), $2, repeat('0', 64), 1, 'image/png', 1, 1)`,
    at.tenantId,
    id,
  ]),
  sendPhoto: ofPhoto((at, id) => [
    `INSERT INTO picture_parts (tenant_id, picture_id, first, bytes) VALUES ($1, $2, 0, '')`,
    at.tenantId,
    id,
  ]),
  sendThumbnail: ofPhoto((_, id) => ['UPDATE pictures SET has_thumbnail = true WHERE id = $1', id]),
  removePhoto: ofPhoto((_, id) => ['DELETE FROM pictures WHERE id = $1', id]),
  markShelf: ofPhoto((_, id) => ['UPDATE photos SET version = version WHERE id = $1', id]),

  createGoal: {
    sql: (at, subject) => [
      `INSERT INTO goals (tenant_id, id, owner_id, name, metric, target, starts_on, ends_on, timezone)
       VALUES ($1, gen_random_uuid(), $2, 'x', 'visits_completed', 1, '2026-01-01', '2026-01-01', 'UTC')`,
      at.tenantId,
      makerOf(subject),
    ],
  },
  updateGoal: ofGoal('UPDATE goals SET name = name WHERE id = $1'),
  deleteGoal: ofGoal('DELETE FROM goals WHERE id = $1'),
  assignGoal: ofGoal(
    `INSERT INTO goal_assignments (tenant_id, id, goal_id, owner_id, user_id)
     SELECT tenant_id, gen_random_uuid(), id, owner_id, owner_id FROM goals WHERE id = $1`,
  ),
  unassignGoal: {
    sql: async (at) => {
      const { id } = await at.goal()
      await owner(
        `INSERT INTO goal_assignments (tenant_id, id, goal_id, owner_id, user_id)
         SELECT tenant_id, gen_random_uuid(), id, owner_id, owner_id FROM goals WHERE id = $1 ON CONFLICT DO NOTHING`,
        id,
      )
      return ['DELETE FROM goal_assignments WHERE goal_id = $1', id]
    },
  },
  createCallCycle: {
    sql: (at, subject) => [
      `INSERT INTO call_cycles (tenant_id, site_id, id, owner_id, name, user_id, every, unit, starts_on, timezone)
       VALUES ($1, $2, gen_random_uuid(), $3, 'x', $4, 1, 'week', '2026-01-01', 'UTC')`,
      at.tenantId,
      at.siteId,
      makerOf(subject),
      makerOf(subject) ?? at.adminId,
    ],
  },
  updateCallCycle: ofCycle('UPDATE call_cycles SET name = name WHERE id = $1'),
  deleteCallCycle: ofCycle('DELETE FROM call_cycles WHERE id = $1'),
  addCycleLocations: ofCycle(
    `INSERT INTO call_cycle_locations (tenant_id, site_id, cycle_id, id, shop_id, position, visits_per_cycle)
     SELECT tenant_id, site_id, cycle_id, gen_random_uuid(), shop_id, 0, 1 FROM call_cycle_locations WHERE cycle_id = $1`,
  ),
  explainMiss: ofCycle(
    `INSERT INTO call_cycle_misses (tenant_id, cycle_id, location_id, period, slot, reason)
     SELECT tenant_id, cycle_id, id, '2900-01-01', 0, 'x' FROM call_cycle_locations WHERE cycle_id = $1`,
  ),

  createNotice: {
    sql: (at) => [
      `INSERT INTO notices (tenant_id, id, kind, words, starts_at, ends_at)
       VALUES ($1, gen_random_uuid(), 'info', 'x', now(), now() + interval '1 day')`,
      at.tenantId,
    ],
  },
  updateNotice: {
    sql: async (at) => ['UPDATE notices SET version = version WHERE id = $1', (await at.notice()).id],
  },
  withdrawNotice: {
    sql: async (at) => ['UPDATE notices SET withdrawn_at = now() WHERE id = $1', (await at.notice()).id],
  },

  createSchedule: { sql: (_, subject) => [insertSchedule, somebody(subject)] },
  updateSchedule: ofSchedule('UPDATE report_schedules SET version = version'),
  deleteSchedule: ofSchedule('DELETE FROM report_schedules'),
  sendSchedule: 'the server itself writes down that it was sent',
}

describe('the database, as the application', () => {
  const writing = all.filter(([name, { method }]) => method !== 'GET' && !forAnybody.includes(name))

  test('is asked about every endpoint that writes', () => {
    expect(writing.filter(([name]) => !writes[name]).map(([name]) => name)).toEqual([])
  })

  /** In the organisation and at the site of a place, with the rights of the person and no more. */
  function scopeAt(person: Known, who: string, { at, siteId }: { at: Things; siteId: string | null }): Scope {
    const { subject, token, tenantId } = person
    const userId = somebody(subject)
    // Whoever is not known writes nothing, whatever place is named.
    if (token === undefined || who === 'disabled') return { tenantId: at.tenantId, siteId, userId }
    return { tenantId: tenantId ?? platform(), siteId, userId, by: subject }
  }

  const asked = writing.flatMap(([name, endpoint]) => {
    const write = writes[name]
    return typeof write === 'object' ? [[name, endpoint, write] as const] : []
  })
  test.each(asked)(
    '%s: writes for each role what the role may, and where',
    async (name, endpoint, { sql, mine, alike, fromOutside }) => {
      for (const place of places) {
        const at = kept[place]
        for (const who of askers) {
          const person = known[who]!
          const { subject } = person
          // A visit is worked on at its own site, wherever one is.
          const isAtSite = isOfSite(endpoint) || endpoint.config.policy === 'visit.work'
          const siteId = isAtSite ? at.siteId : null
          const scope = scopeAt(person, who, { at, siteId })
          const isOutside = fromOutside && subject.roles.includes('super_admin')
          if (isOutside) scope.tenantId = name === 'createTenant' ? randomUUID() : at.tenantId
          const isKnown = scope.by !== undefined
          const isThere = isOutside || scope.tenantId === at.tenantId
          const allowed =
            isKnown &&
            (ofOneself.includes(name) ? who !== 'super_admin inside' : isThere) &&
            [name, ...(alike ? [alike] : [])].some((one) => isGivenToOthers(one, subject, at.siteId))
          expect(await canWrite(scope, await sql(at, subject)), `${who} × ${name} × ${place}`).toBe(allowed)
          if (mine && isKnown && subject.id !== server.ids.users.root && place === 'own site') {
            const own = await mine(things[place], subject)
            expect(await canWrite(scope, own), `${who} × own ${name}`).toBe(isGiven(name, subject, at.siteId))
          }
        }
      }
    },
    120_000,
  )

  test.each(places)('shows and changes of %s only what the scope reaches', async (place) => {
    const { siteId, tenantId } = things[place]
    await things[place].interaction()
    await things[place].team()
    for (const who of askers) {
      const person = known[who]!
      const scopeTenant = person.tenantId ?? randomUUID()
      for (const scopeSite of [...places.map((one) => things[one].siteId), null]) {
        const scope = { ...systemScope(scopeTenant, scopeSite), userId: somebody(person.subject) }
        const found = await asApp(server.database, scope, async (client) => {
          const count = async (sql: string, values: unknown[]) =>
            (await client.query(sql, values)).rowCount ?? 0
          return {
            interactions: await count('SELECT FROM interactions WHERE site_id = $1', [siteId]),
            searched: await count('SELECT FROM interactions_in_scope WHERE site_id = $1', [siteId]),
            changed: await count('UPDATE interactions SET notes = notes WHERE site_id = $1', [siteId]),
            teams: await count('SELECT FROM teams WHERE tenant_id = $1', [tenantId]),
            users: await count('SELECT FROM users WHERE tenant_id = $1', [tenantId]),
            audit: await count('SELECT FROM audit_logs WHERE tenant_id = $1 LIMIT 1', [tenantId]),
          }
        })
        const inTenant = scopeTenant === tenantId
        const inSite = inTenant && scopeSite === siteId
        expect(
          Object.fromEntries(Object.entries(found).map(([what, count]) => [what, count > 0])),
          `${who}, scope ${scopeSite}`,
        ).toEqual({
          interactions: inSite,
          searched: inSite,
          changed: inSite,
          teams: inTenant,
          users: inTenant,
          audit: inTenant,
        })
      }
    }
  })

  test('shows of visits to each the same as the API, and as the policy', async () => {
    const admin = server.as('admin')
    const led = known['agent and viewer']!
    const team = {
      name: randomUUID(),
      level: 'team',
      parentId: null,
      leaderId: known.team_leader!.subject.id,
    }
    const { body } = await admin.post<{ team: { id: string } }>('/teams', team)
    await admin.post(`/teams/${body.team.id}/members`, { userId: led.subject.id })
    await ownPhoto(things['own site'], led.subject)
    // At a site they do not belong to any more.
    await ownPhoto(things['other site'], led.subject)
    for (const place of places) await kept[place].photo()
    const ofVisits = `
      SELECT 'visits' AS "table", id FROM visits
      UNION SELECT 'answers', visit_id FROM visit_answers
      UNION SELECT 'photos', visit_id FROM photos
      UNION SELECT 'pictures', visit_id FROM pictures WHERE visit_id IS NOT NULL
      UNION SELECT 'quadrants', p.visit_id FROM shelf_quadrants q JOIN photos p ON p.id = q.photo_id`
    interface Found {
      id: string
      agent_id: string
      site_id: string
      tenant_id: string
      has_photo: boolean
    }
    const { tenantId: harbour } = things['own site']
    await owner(
      `INSERT INTO visit_answers (tenant_id, visit_id, question_id, value)
       SELECT tenant_id, id, gen_random_uuid(), '1' FROM visits`,
    )
    await owner(
      `INSERT INTO shelf_quadrants (tenant_id, photo_id, id, brand_id, position, polygon, area_percentage)
       SELECT tenant_id, id, gen_random_uuid(), $2, 0, '[]', 100 FROM photos WHERE tenant_id = $1`,
      harbour,
      (await kept['own site'].brand()).id,
    )
    const { rows } = (await owner(
      `SELECT v.*, EXISTS (SELECT FROM photos p WHERE p.visit_id = v.id) AS has_photo FROM visits v`,
    )) as { rows: Found[] }
    const sorted = (visits: readonly { id: string }[]) => visits.map(({ id }) => id).sort()
    for (const who of askers) {
      const { subject, token, tenantId, headers } = known[who]!
      if (token === undefined || who === 'disabled' || tenantId === null) continue
      const leads = (id: string) => who === 'team_leader' && [subject.id, led.subject.id].includes(id)
      const seen = rows.filter(({ agent_id: agent, site_id: site, tenant_id: tenant }) => {
        // Of one's own as nobody else would see them, only at one's sites.
        const isOwn = agent === subject.id && subject.sites.some(({ id }) => id === site)
        const target = { userId: isOwn ? agent : '', inTeam: leads(agent) }
        return tenant === tenantId && may(subject, 'visit.read', target)
      })
      const answer = await server
        .anonymous(token)
        .get<{ visits: { id: string }[] }>('/visits?pageSize=100', headers)
      expect(sorted(answer.body.visits), who).toEqual(sorted(seen))
      const photographed = sorted(seen.filter(({ has_photo }) => has_photo))
      for (const siteId of [null, ...places.map((place) => things[place].siteId)]) {
        const found = await readAs({ tenantId, siteId, userId: subject.id, by: subject }, ofVisits)
        const of = (table: string) => sorted(found.filter((row) => row.table === table))
        const words = `${who} at ${siteId}`
        expect([of('visits'), of('answers')], words).toEqual([sorted(seen), sorted(seen)])
        expect([of('photos'), of('pictures'), of('quadrants')], words).toEqual([
          photographed,
          photographed,
          photographed,
        ])
      }
    }
    await admin.put(`/teams/${body.team.id}`, { active: false, version: 1 })
  })

  test('shows drafts of surveys to those who keep them, and of the others what is published', async () => {
    const draft = await kept['own site'].survey()
    const published = await kept['own site'].publishedSurvey()
    const { tenantId: harbour } = things['own site']
    for (const { id } of [draft, published])
      await owner(
        `INSERT INTO question_options (tenant_id, question_id, id, position, label)
         SELECT tenant_id, id, gen_random_uuid(), 0, 'x' FROM survey_questions WHERE survey_id = $1`,
        id,
      )
    for (const who of askers) {
      const { subject, tenantId, headers, token } = known[who]!
      if (token === undefined || who === 'disabled' || tenantId === null) continue
      const rows = await readAs(
        { tenantId, siteId: null, userId: subject.id, by: subject },
        `SELECT 'surveys' AS "table", id FROM surveys
         UNION SELECT 'questions', survey_id FROM survey_questions
         UNION SELECT 'options', q.survey_id FROM question_options o JOIN survey_questions q ON q.id = o.question_id
         UNION SELECT 'versions', survey_id FROM survey_versions`,
      )
      const seen = ({ id }: { id: string }) =>
        rows
          .filter((row) => row.id === id)
          .map(({ table }) => table)
          .sort()
      const isThere = tenantId === harbour
      const isKeeper = isThere && may(subject, 'survey.manage')
      expect(seen(draft), who).toEqual(isKeeper ? ['options', 'questions', 'surveys'] : [])
      const heads = isThere ? ['surveys', 'versions'] : []
      expect(seen(published), who).toEqual(isKeeper ? ['options', 'questions', ...heads] : heads)
      if (!may(subject, 'survey.read')) continue
      const listed = await server.anonymous(token).get<{ surveys: { id: string }[] }>('/surveys', headers)
      const ids = new Set(listed.body.surveys.map(({ id }) => id))
      expect([ids.has(draft.id), ids.has(published.id)], who).toEqual([isKeeper, isThere])
    }
  })

  test('says of what is one person’s alone to nobody else that it changed', async () => {
    const { tenantId: harbour, siteId: site } = things['own site']
    await things['own site'].interaction()
    const ids = new Set(askers.map((who) => known[who]!.subject.id).filter(Boolean))
    for (const id of ids) {
      const by: Subject = { id, roles: ['agent'], sites: [{ id: site, role: 'viewer' }] }
      await asApp(server.database, { tenantId: harbour, siteId: site, userId: id, by }, (client) =>
        client.query(
          `INSERT INTO feed_changes (tenant_id, feed_id, seq, entity, entity_id, removed, owner_id)
           VALUES ($1, $2, 0, 'visit', gen_random_uuid(), false, $3)`,
          [harbour, site, id],
        ),
      )
    }
    for (const who of askers) {
      const { subject, tenantId } = known[who]!
      if (tenantId === null) continue
      for (const siteId of [null, ...places.map((place) => things[place].siteId)]) {
        const found = await readAs(
          { tenantId, siteId, userId: somebody(subject), by: subject },
          'SELECT DISTINCT owner_id AS id FROM feed_changes WHERE owner_id IS NOT NULL',
        )
        const own = tenantId === harbour && ids.has(subject.id) ? [subject.id] : []
        expect(
          found.map(({ id }) => id),
          `${who} at ${siteId}`,
        ).toEqual(own)
      }
    }
  })

  test('reaches for leaders the teams the API shows them, and their people', async () => {
    const admin = server.as('admin')
    const team = async (name: string, level: string, parentId: string | null, leaderId: string | null) => {
      const body = { name: `${name} ${randomUUID()}`, level, parentId, leaderId }
      return (await admin.post<{ team: { id: string } }>('/teams', body)).body.team.id
    }
    let parent: string | null = null
    for (const [role, level] of [
      ['national_manager', 'nation'],
      ['regional_manager', 'region'],
      ['area_manager', 'area'],
      ['team_leader', 'team'],
    ] as const) {
      parent = await team(role, level, parent, known[role]!.subject.id)
    }
    await admin.post(`/teams/${parent}/members`, { userId: known.agent!.subject.id })
    for (const who of Object.keys(people)) {
      const { subject, token, tenantId, told } = known[who]!
      const answer = await server.anonymous(token).get<{ teams: { id: string }[] }>('/teams')
      expect(answer.status === 200, who).toBe(may(told!, 'team.list'))
      const reached = await asApp(
        server.database,
        { tenantId: tenantId!, siteId: null, userId: subject.id },
        async (client) =>
          (
            await client.query<{ teams: string[]; people: string[] }>(
              'SELECT (SELECT scope_teams()) AS teams, (SELECT scope_people()) AS people',
            )
          ).rows[0]!,
      )
      if (answer.status === 200 && !may(subject, 'team.list', { inTeam: false })) {
        expect(answer.body.teams.map(({ id }) => id).sort(), who).toEqual(reached.teams.sort())
        expect(reached.people.includes(known.agent!.subject.id), who).toBe(reached.teams.length > 0)
        // In SQL too they change what they reach and may change, and nothing else.
        const scope = { tenantId: tenantId!, siteId: null, userId: subject.id, by: subject }
        for (const { id } of (await admin.get<{ teams: { id: string }[] }>('/teams')).body.teams) {
          const isMine = reached.teams.includes(id)
          const change: Sql = ['UPDATE teams SET name = name WHERE id = $1', id]
          expect(await canWrite(scope, change), `${who} × updateTeam`).toBe(
            isMine && isGiven('updateTeam', subject, ''),
          )
          expect(
            await canWrite(scope, await addTeamMember(kept['own site'], id)),
            `${who} × addTeamMember`,
          ).toBe(isMine)
        }
      }
    }
  })
})
