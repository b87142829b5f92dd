import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Endpoint } from '#common/contract/endpoint'
import { type Action, may } from '#common/rules/permissions'
import type { Client } from './test/app.ts'
import {
  all,
  forAnybody,
  isGiven,
  isGivenByTenantRole,
  isAtSite,
  isGivenToOthers,
  isOfSite,
  type Name,
  roleAt,
  siteLadder,
  tenantLadder,
  toOthers,
} from './test/ladders.ts'
import { askers, canary, createMatrixWorld, type Known, places } from './test/matrix-world.ts'
import { type Call, samples, send, type Things } from './test/samples.ts'

/**
 * Role × endpoint × place, every cell: what the API answers, and what the app decides from the person the server told
 * it, is what the ladders say of the roles a person was given.
 */

const { server, known, things, kept, signIn } = await createMatrixWorld()

type Cell = 'open' | 'allowed' | 'unknown' | 'forbidden' | 'not found'

/** What the ladders say, by the roles that were given. */
function expected(name: Name, { subject, tenantId, token }: Known, who: string, at: Things): Cell {
  if (forAnybody.includes(name)) return 'open'
  if (token === undefined || who === 'disabled') return 'unknown'
  if (!isAtSite(name)) return isGivenByTenantRole(name, subject) ? 'allowed' : 'forbidden'
  const isEverywhere = isGivenByTenantRole(name, subject)
  if (!isEverywhere && !roleAt(subject, at.siteId)) return 'not found'
  if (!isGiven(name, subject, at.siteId)) return 'forbidden'
  return tenantId === at.tenantId ? 'allowed' : 'not found'
}

test('the ladders have every endpoint, at a site where the contract says so', () => {
  const rungs = [forAnybody, ...Object.values(siteLadder), ...Object.values(tenantLadder)].flat()
  expect(all.filter(([name]) => !rungs.includes(name))).toEqual([])
  for (const [name, endpoint] of all) {
    expect(isAtSite(name), name).toBe(isOfSite(endpoint))
    expect(forAnybody.includes(name), name).toBe(endpoint.config.policy === 'public')
  }
})

describe.each(all)('%s', (name, endpoint) => {
  const { policy } = endpoint.config
  const hasTarget = endpoint.url.includes(':')
  const where = places.filter(
    (place) => place === 'own site' || isOfSite(endpoint) || (hasTarget && place === 'other organisation'),
  )
  test.each(where)(
    `in %s: each role gets what ${policy} gives it`,
    async (place) => {
      for (const who of askers) {
        const person = known[who]!
        const cell = expected(name, person, who, things[place])
        const isFar = person.tenantId !== things[place].tenantId
        const at = cell === 'allowed' && !isFar ? things[place] : kept[place]
        const headers = { ...person.headers, ...(isOfSite(endpoint) && { 'x-site-id': at.siteId }) }
        let asker = server.anonymous(person.token)
        const arranging =
          cell === 'allowed' ? inSiteOf(asker, headers) : server.as('admin', kept['own site'].siteId)
        const call = await samples[name](at, arranging)
        if (call.endsSession && cell === 'allowed' && person.username) {
          asker = server.anonymous((await signIn(person.username)).token)
        }
        const answer = await send(asker, endpoint, call, headers)
        const cellWords = `${who} × ${name} × ${place}: ${answer.status} ${answer.text.slice(0, 300)}`
        expect(
          statusFits(answer.status, cell, call, person, name, at),
          `${cellWords}, expected ${cell}`,
        ).toBe(true)
        if (
          cell === 'allowed' &&
          isFar &&
          person.tenantId !== null &&
          call.params &&
          isTaken(answer.status)
        ) {
          const missing = { ...call, params: { ...call.params, id: randomUUID() } }
          expect((await send(asker, endpoint, missing, headers)).status, cellWords).toBe(answer.status)
        }
        if (cell !== 'allowed' || person.tenantId !== at.tenantId) {
          if (person.tenantId !== null || person.token === undefined)
            expect(answer.text, cellWords).not.toContain(
              canary(at.tenantId === person.tenantId ? at.siteId : at.tenantId),
            )
        }

        if (policy !== 'public' && person.told && who !== 'disabled')
          theAppDecides(name, endpoint, person, at, cellWords)
      }
    },
    120_000,
  )
})

/** By what the server told it of the person: of anything, of what is theirs and of what is not. */
function theAppDecides(name: Name, endpoint: Endpoint, { told, subject }: Known, at: Things, words: string) {
  const policy = endpoint.config.policy as Action
  const place = isOfSite(endpoint) ? { siteId: at.siteId } : {}
  const own = { ...place, createdBy: told!.id, userId: told!.id, inTeam: true }
  const given = isGiven(name, subject, at.siteId)
  expect([may(told!, policy, place), may(told!, policy, own)], `the app, ${words}`).toEqual([given, given])
  // A list is nobody's.
  if (endpoint.url.includes(':') || toOthers[name]) {
    const others = { ...place, createdBy: randomUUID(), userId: randomUUID(), inTeam: false }
    expect(may(told!, policy, others), `the app, of others, ${words}`).toBe(
      isGivenToOthers(name, subject, at.siteId),
    )
  }
}

const isTaken = (status: number) => status >= 400

test('nothing that was out of reach has changed', async () => {
  for (const place of places) {
    const at = kept[place]
    const ids = [
      await at.interaction(),
      await at.team(),
      await at.user(),
      await at.session(),
      await at.shop(),
      await at.brand(),
      await at.survey(),
      await at.visit(),
      await at.photo(),
    ]
    const { rows } = await server.database.owner.query<{ version: number }>(
      `SELECT version FROM interactions WHERE id = $1 AND deleted_at IS NULL UNION ALL
       SELECT version FROM teams WHERE id = $2 AND active UNION ALL
       SELECT version FROM users WHERE id = $3 AND active UNION ALL
       SELECT 1 FROM sessions WHERE id = $4 AND revoked_at IS NULL UNION ALL
       SELECT version FROM shops WHERE id = $5 UNION ALL
       SELECT version FROM brands WHERE id = $6 UNION ALL
       SELECT version FROM surveys WHERE id = $7 UNION ALL
       SELECT version FROM visits WHERE id = $8 UNION ALL
       -- Stored, which is a change.
       SELECT version - 1 FROM photos WHERE id = $9`,
      ids.map(({ id }) => id),
    )
    expect(rows, place).toEqual(ids.map(() => ({ version: 1 })))
  }
})

/** Asks at the place the headers name. */
const inSiteOf = (asker: Client, headers: Record<string, string>): Client => ({
  ...asker,
  post: (url, payload) => asker.post(url, payload, headers),
  put: (url, payload) => asker.put(url, payload, headers),
})

function statusFits(
  status: number,
  cell: Cell,
  { target, also = [] }: Call,
  { subject, tenantId }: Known,
  name: Name,
  at: Things,
): boolean {
  if (cell === 'open') return status < 500 || status === 503
  if (cell === 'unknown') return status === 401
  if (cell === 'forbidden') return status === 403
  if (cell === 'not found') return status === 404
  // What is of another organisation is not there; who may do it to themselves alone need not even be told that.
  if (tenantId !== null && tenantId !== at.tenantId)
    return status < 300 ? !target : [400, 403, 404].includes(status)
  if (target && !isGivenToOthers(name, subject, at.siteId)) return [400, 403, 404].includes(status)
  const elsewhere = subject.roles.includes('super_admin') && tenantId === null && status === 404
  return status < 300 || also.includes(status) || elsewhere
}
