import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import type { TenantRole } from '#common/contract/auth'
import { dateOfDay, dayNumber } from '#common/rules/calendar'
import type { Days } from '#common/rules/series'
import { keyringOf } from '#server/modules/auth/keyring'
import { buildApp } from '#server/app'
import type { App } from '#server/shared/app'
import { type Client, client } from '#server/test/app'
import { generousLimits } from '#server/test/config'
import { fixture, password } from '#server/test/fixture'
import { asApp } from '#server/test/scoped'
import { numberOf, type Options, type Part } from '../../reliability/part.ts'
import { table } from '../../reliability/report.ts'
import { createWorld, type World } from '../../reliability/real/world.ts'
import { median } from '../statistics.ts'
import { type FieldForce, fillVisits } from './many-visits.ts'
import { type Measured, measures, type Rows } from './recount.ts'

/**
 * What figures cost, of so many visits in two years: each request, whole, beside the bare statements that recount the same
 * from the tables as the same person; both have to find the same. And what keeping the ledgers costs a visit.
 */

interface Viewer {
  who: string
  id: string
  roles: readonly TenantRole[]
  sites: { id: string; role: 'viewer' }[]
  client: Client
}

const usualLengths = [30, 365]

export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 2_000_000)
  const rounds = numberOf(options, 'rounds', 7)
  const replay = `npm run bench -- analytics --count=${count}`
  const world = await createWorld(options, fixture)
  try {
    const force = await fillVisits(world, count)
    const app = await buildApp({
      config: generousLimits,
      databaseUrl: world.url,
      keys: keyringOf(world.key),
      jobs: { work: false },
    })
    try {
      const viewers = await signIn(world, app, force)
      const rows: string[][] = []
      const wrong: string[] = []
      for (const viewer of viewers)
        for (const measured of measures(force.brands[0]!, sitesOf(viewer, force))) {
          if (measured.isOfLeaders && viewer.roles.includes('agent')) continue
          for (const days of (measured.lengths ?? usualLengths).map(lastDays)) {
            const { own, recount, isSame } = await compare(world, force, viewer, measured, days, rounds)
            const what = `${measured.what}, ${viewer.who}, ${dayCount(days)} days`
            if (!isSame) wrong.push(`${what}: not what a recount finds`)
            rows.push([
              measured.what,
              viewer.who,
              String(dayCount(days)),
              median(own).toFixed(1),
              median(recount).toFixed(1),
              (median(own) / median(recount)).toFixed(2),
            ])
          }
        }
      const longestTurn = await longestTurnOfCoverage(viewers[0]!, rounds)
      const writes = await timeWrites(world, viewers.at(-1)!, force)
      return {
        name: 'analytics',
        figures: {
          visits: count,
          'filling the ledgers from them, s': force.fillSeconds.toFixed(0),
          'longest that others wait while coverage is reckoned, ms': longestTurn.toFixed(0),
          ...writes,
        },
        table: table(['figures', 'of whom', 'days', 'median, ms', 'a recount, ms', 'ratio'], rows),
        failures: wrong.map((what) => ({ what, replay })),
      }
    } finally {
      await app.close()
    }
  } finally {
    await world.close()
  }
}

const today = () => dayNumber(new Date().toISOString().slice(0, 10))
const lastDays = (count: number): Days => ({ from: dateOfDay(today() - count + 1), to: dateOfDay(today()) })
const dayCount = ({ from, to }: Days) => dayNumber(to) - dayNumber(from) + 1

async function signIn(
  world: World,
  app: App,
  { national, leader, agent, sites, tenantId }: FieldForce,
): Promise<Viewer[]> {
  const [admin] = await world.rows<{ id: string }>(
    `SELECT id FROM users WHERE tenant_id = $1 AND username = 'admin'`,
    [tenantId],
  )
  const viewer = async (
    who: string,
    username: string,
    id: string,
    role: TenantRole,
    at: string[] = [],
  ): Promise<Viewer> => {
    const { body } = await client(app).post<{ token: string }>('/auth/login', { username, password })
    const of = at.map((site) => ({ id: site, role: 'viewer' as const }))
    return { who, id, roles: [role], sites: of, client: client(app, body.token, sites[0]) }
  }
  return [
    await viewer('admin', 'admin', admin!.id, 'admin'),
    await viewer('who leads all', 'national1', national, 'national_manager'),
    await viewer('who leads ten', 'leader1', leader, 'team_leader'),
    await viewer('an agent', 'agent1', agent, 'agent', [sites[0]!]),
  ]
}

const sitesOf = ({ roles, sites }: Viewer, force: FieldForce) =>
  roles.includes('admin') ? force.sites : sites.map(({ id }) => id)

async function compare(
  world: World,
  { tenantId }: FieldForce,
  viewer: Viewer,
  { path, query, of, recount }: Measured,
  days: Days,
  rounds: number,
) {
  const url = `/analytics/${path}?${new URLSearchParams({ ...days, ...query }).toString()}`
  const times = { own: [] as number[], recount: [] as number[] }
  let [found, counted]: [unknown, unknown] = [null, null]
  const timed = async <T>(into: number[], work: () => Promise<T>): Promise<T> => {
    const start = performance.now()
    const result = await work()
    into.push(performance.now() - start)
    return result
  }
  await viewer.client.get(url)
  for (let round = 0; round < rounds; round++) {
    const answer = await timed(times.own, () => viewer.client.get<object>(url))
    if (answer.status !== 200) throw new Error(`Refused: ${answer.text}`)
    found = of(answer.body as never)
  }
  const scope = { tenantId, siteId: null, userId: viewer.id, by: viewer }
  await asApp(world, scope, async (connection) => {
    // Interactions are seen at one site at a time: those of several are recounted by the owner.
    if (path === 'interactions') await connection.query('RESET ROLE')
    const began = performance.now()
    // One that takes long is measured well enough by fewer.
    for (let round = 0; round < 3 && performance.now() - began < 3000; round++)
      counted = await timed(times.recount, () => recount(rowsOf(connection), tenantId, days))
  })
  const isSame = isDeepStrictEqual(found, counted)
  return { ...times, isSame }
}

const rowsOf =
  (connection: pg.Client): Rows =>
  async <R>(sql: string, values: unknown[]) =>
    (await connection.query(sql, values)).rows as R[]

/** For how long a heat map of half a year of all cycles lets nobody else have a turn: milliseconds. */
async function longestTurnOfCoverage(viewer: Viewer, rounds: number): Promise<number> {
  const { from, to } = lastDays(184)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  for (let round = 0; round < rounds; round++) {
    const { status, text } = await viewer.client.get(`/analytics/call_cycle_coverage?from=${from}&to=${to}`)
    if (status !== 200) throw new Error(`Refused: ${text}`)
  }
  delay.disable()
  return delay.max / 1e6
}

/** Completing a visit with and without the ledgers, in turns: the request, and the bare statement. */
async function timeWrites({ owner }: World, { client: agent }: Viewer, { agent: agentId }: FieldForce) {
  const times = { with: [] as number[], without: [] as number[] }
  const statement = { with: [] as number[], without: [] as number[] }
  const timed = async (into: number[], work: () => Promise<unknown>) => {
    const start = performance.now()
    await work()
    into.push(performance.now() - start)
  }
  for (let round = 0; round < 20; round++) {
    for (const how of ['with', 'without'] as const) {
      await owner.query(`ALTER TABLE visits ${how === 'with' ? 'ENABLE' : 'DISABLE'} TRIGGER tally_changed`)
      for (let each = 0; each < 10; each++) {
        const begun = await agent.post<{ visit: { id: string; version: number } }>('/visits', {
          visitType: 'routine',
        })
        const { id, version } = begun.body.visit
        await timed(times[how], async () => {
          const { status, text } = await agent.put(`/visits/${id}/complete`, { version })
          if (status !== 200) throw new Error(`Refused: ${text}`)
        })
        const started = await agent.post<{ visit: { id: string } }>('/visits', { visitType: 'routine' })
        await timed(statement[how], () =>
          owner.query(
            `UPDATE visits SET status = 'completed', completed_at = started_at WHERE id = $1 AND agent_id = $2 AND tenant_id =
               (SELECT id FROM tenants WHERE slug = 'harbour-vale')`,
            [started.body.visit.id, agentId],
          ),
        )
      }
    }
  }
  await owner.query('ALTER TABLE visits ENABLE TRIGGER tally_changed')
  return {
    'completing a visit, median ms': median(times.with).toFixed(1),
    'completing a visit without ledgers': median(times.without).toFixed(1),
    'completing a visit: ratio': (median(times.with) / median(times.without)).toFixed(2),
    'its bare statement, median ms': median(statement.with).toFixed(2),
    'its bare statement without ledgers': median(statement.without).toFixed(2),
    'its bare statement: ratio': (median(statement.with) / median(statement.without)).toFixed(2),
  }
}
