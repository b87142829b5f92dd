import { fieldsOf } from '#common/rules/interaction-rules'
import { filled } from '#desktop/main/test/device'
import { testKey } from '#desktop/main/test/folder'
import { meeting } from '#server/test/app'
import { fixture } from '#server/test/fixture'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { SignedIn } from '#common/contract/auth'
import { numberOf, type Options, type Part } from '../part.ts'
import { Headless, keeper } from './headless.ts'
import { ask, generous, signIn, startServer } from './server-process.ts'
import { createWorld, type World } from './world.ts'

/**
 * A day's work made without a network goes out in one go: under the limit on writes that every user has, and in time
 * close to what the server needs for as many writes of its own. Rounds of the three are taken in turns, so that
 * whatever else the machine does falls on all; what decides is never the time.
 */

const atOnce = 8

interface Round {
  drain: number
  oneByOne: number
  eightAtOnce: number
  requests: number
}

export async function run(options: Options): Promise<Part> {
  const edits = numberOf(options, 'count', 500)
  const rounds = numberOf(options, 'rounds', 5)
  const world = await createWorld(options, fixture)
  const what: string[] = []
  const environment = { DATABASE_URL: world.url, DATA_DIR: world.folder, JWT_PRIVATE_KEY: world.key }
  const server = (await startServer({ ...environment, ACCESS_TOKEN_TTL: '3600' }))!
  const unlimited = (await startServer({ ...environment, ...generous, ACCESS_TOKEN_TTL: '3600' }))!
  const done: Round[] = []
  try {
    const session = await signIn(server.url, 'editor')
    const desk = await signIn(unlimited.url, 'manager')
    // What a server does slowly once is not counted.
    await writeDirectly(unlimited.url, desk, 40, 1)
    for (let round = 0; round < rounds; round++) {
      const drained = await drain(world, server.url, session, edits, round, what)
      done.push({
        ...drained,
        oneByOne: await writeDirectly(unlimited.url, desk, edits, 1),
        eightAtOnce: await writeDirectly(unlimited.url, desk, edits, atOnce),
      })
    }
  } finally {
    await server.kill()
    await unlimited.kill()
    await world.close()
  }
  const middle = (name: keyof Round) => median(done.map((round) => round[name]))
  const ratio = (of: keyof Round) =>
    Math.round(100 * median(done.map((round) => round.drain / round[of]))) / 100
  const replay = `npm run test:sync -- drain --count=${edits} --rounds=${rounds}`
  return {
    name: 'drain',
    figures: {
      edits,
      rounds,
      'requests that write': middle('requests'),
      'drain, ms': Math.round(middle('drain')),
      'direct writes one by one, ms': Math.round(middle('oneByOne')),
      [`direct writes ${atOnce} at once, ms`]: Math.round(middle('eightAtOnce')),
      'drain to one by one': ratio('oneByOne'),
      [`drain to ${atOnce} at once`]: ratio('eightAtOnce'),
    },
    failures: what.map((each) => ({ what: each, replay })),
  }
}

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!

/** Half of them new records, the others edits of these; then one sync. */
async function drain(
  world: World,
  server: string,
  session: SignedIn,
  edits: number,
  round: number,
  what: string[],
): Promise<{ drain: number; requests: number }> {
  const folder = join(world.folder, `drain-${round}`)
  await mkdir(folder)
  const statuses: number[] = []
  const counting: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    if (init?.method === 'POST') statuses.push(answer.status)
    return answer
  }
  const place = { folder, key: testKey }
  const device = new Headless({
    server,
    place,
    timeout: 60_000,
    fetch: counting,
    tokens: keeper(session),
  })
  try {
    device.client.accept(session)
    await device.engine.cycle()
    const siteId = session.user.sites.find(({ name }) => name === 'Marketing')!.id
    const before = await held(world)
    for (let n = 0; n < edits; n += 2) {
      const row = device.local.save({ siteId, opened: null, fields: { ...filled, title: `Offline ${n}` } })
      if (n + 1 === edits) break
      const opened = fieldsOf(row)
      device.local.save({ id: row.id, siteId, opened, fields: { ...opened, notes: `Edit ${n}` } })
    }
    const { waiting } = device.local.counts()
    if (waiting !== edits) what.push(`${waiting} edits wait, not ${edits}`)
    const start = performance.now()
    await device.engine.cycle()
    const time = performance.now() - start
    const { waiting: left, needsAttention } = device.local.counts()
    const after = await held(world)
    if (left + needsAttention > 0) what.push(`${left} edits still wait, ${needsAttention} need attention`)
    if (after.applied - before.applied !== edits)
      what.push(`${after.applied - before.applied} edits were applied, not ${edits}`)
    if (after.records - before.records !== Math.ceil(edits / 2))
      what.push(`${after.records - before.records} records came of it, not ${Math.ceil(edits / 2)}`)
    const refused = statuses.filter((status) => status === 429).length
    if (refused > 0) what.push(`The limit on writes was met ${refused} times`)
    return { drain: time, requests: statuses.length }
  } finally {
    await device.close()
  }
}

async function held({ rows }: World): Promise<{ applied: number; records: number }> {
  const [found] = await rows<{ applied: number; records: number }>(
    `SELECT (SELECT count(*)::int FROM sync_receipts WHERE result ->> 'status' = 'applied') AS applied,
       (SELECT count(*)::int FROM interactions WHERE title LIKE 'Offline %') AS records`,
  )
  return found!
}

/** As many writes as the edits, half creating and half updating, with so many under way at a time. */
async function writeDirectly(
  url: string,
  { token, user }: SignedIn,
  writes: number,
  underWay: number,
): Promise<number> {
  const site = user.sites.find(({ name }) => name === 'Marketing')!.id
  let left = writes
  const start = performance.now()
  const write = async () => {
    while (left > 0) {
      left -= 2
      const made = await ask<{ interaction: { id: string } }>(url, 'POST', '/interactions', {
        token,
        site,
        body: { ...meeting, title: 'Direct' },
      })
      const path = `/interactions/${made.interaction.id}`
      await ask(url, 'PUT', path, { token, site, body: { notes: 'Edit', version: 1 } })
    }
  }
  await Promise.all(Array.from({ length: underWay }, write))
  return performance.now() - start
}
