import { getActiveResourcesInfo } from 'node:process'
import type { InjectOptions } from 'fastify'
import { Compile, type Validator } from 'typebox/compile'
import type { SignedIn } from '#common/contract/auth'
import type { Endpoint } from '#common/contract/endpoint'
import { ErrorBody, errorStatus } from '#common/contract/errors'
import { endpoints } from '#common/contract/index'
import { Random } from '#desktop/main/test/random'
import { buildApp } from '#server/app'
import { keyringOf } from '#server/modules/auth/keyring'
import { generousLimits } from '#server/test/config'
import { fixture, password, type PersonName } from '#server/test/fixture'
import { numberOf, type Options } from '../part.ts'
import type { FuzzReport } from './fuzz.ts'
import { malformed } from './malformed.ts'
import { createWorld } from './world.ts'

/** Sends the requests to a server within this process, and says at its end, in one line, what came back. */

const options = JSON.parse(process.argv[2]!) as Options
const count = numberOf(options, 'count', 100_000)
const seed = numberOf(options, 'seed', 1)
const atOnce = 8
/** How often the process is measured, after a first tenth in which it warms up. */
const measurements = 9
const examplesPerFault = 3

const reasons = new Map<string, string>()

const world = await createWorld(options, fixture)
const app = await buildApp({
  databaseUrl: world.url,
  config: generousLimits,
  keys: keyringOf(world.key),
  jobs: { work: false },
  // Nothing here is refused for want of time.
  pressure: {},
  // What a failure was is said to the log alone.
  logger: {
    level: 'warn',
    stream: {
      write: (line: string) => {
        const { reqId, err, reason } = JSON.parse(line) as {
          reqId?: string
          err?: { message: string }
          reason?: string
        }
        const why = err?.message ?? reason
        if (reqId && why) reasons.set(reqId, why)
      },
    },
  },
})
const everyone = fixture.flatMap<PersonName>(({ people }) => people.map(({ username }) => username))
const original = await world.rows<{ id: string; username: string; password_hash: string }>(
  'SELECT id, username, password_hash FROM users',
)
const tokens = new Map<PersonName, string>()
for (const name of everyone) await signIn(name)

const ids = (
  await world.rows<{ id: string }>(
    'SELECT id FROM sites UNION SELECT id FROM users UNION SELECT id FROM tenants',
  )
).map(({ id }) => id)
const sites = (await world.rows<{ id: string }>('SELECT id FROM sites')).map(({ id }) => id)

/** One at a time for each person, since several of their requests may be refused at once. */
const signingIn = new Map<PersonName, Promise<void>>()
function signInAgain(name: PersonName): Promise<void> {
  const signed = signingIn.get(name) ?? signIn(name).finally(() => signingIn.delete(name))
  signingIn.set(name, signed)
  return signed
}

async function signIn(name: PersonName): Promise<void> {
  const { id, password_hash } = original.find(({ username }) => username === name)!
  // What the requests may have done to them.
  await world.owner.query('TRUNCATE sign_in_failures, sign_in_attempts')
  await world.owner.query('UPDATE users SET active = true, username = $2, password_hash = $3 WHERE id = $1', [
    id,
    name,
    password_hash,
  ])
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/auth/login',
    payload: { username: name, password },
  })
  // A busy machine, or another request has disabled them meanwhile; the next request of theirs tries again.
  if (answer.statusCode === 503 || answer.statusCode === 401) return
  if (answer.statusCode !== 200) throw new Error(`${name} cannot sign in: ${answer.body}`)
  tokens.set(name, answer.json<SignedIn>().token)
}

const all = Object.entries(endpoints) as [string, Endpoint][]
const error = Compile(ErrorBody)
const compiled = new Map<object, Validator>()
const answerOf = (endpoint: Endpoint, status: number) => {
  const schema = endpoint.schema.response[status]
  if (!schema || 'content' in schema) return null
  if (!compiled.has(schema)) compiled.set(schema, Compile(schema))
  return compiled.get(schema)!
}

const statuses = new Map<number, number>()
const faults = new Map<string, { times: number; examples: string[] }>()

function fault(what: string, example: string): void {
  const known = faults.get(what) ?? { times: 0, examples: [] }
  known.times++
  if (known.examples.length < examplesPerFault) known.examples.push(example.slice(0, 600))
  faults.set(what, known)
}

async function one(index: number): Promise<void> {
  const random = new Random(seed * 1_000_003 + index)
  const [name, endpoint] = all[index % all.length]!
  const person = random.chance(0.9) ? random.pick(everyone)! : null
  const request = malformed(endpoint, random, { ids, sites })
  const token = person && tokens.get(person)
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...request.headers }
  const payload = request.payload
  const shown = `#${index} ${name} as ${person}: ${request.method} ${request.url} ${JSON.stringify(request.headers)} ${String(payload ?? '')}`
  const answer = await app
    .inject({ ...request, headers, ...(payload !== undefined && { payload }) } as InjectOptions)
    .catch((reason: unknown) => fault(`no answer: ${String(reason)}`, shown))
  if (!answer) return

  const { statusCode: status, body } = answer
  statuses.set(status, (statuses.get(status) ?? 0) + 1)
  const requestId = answer.headers['x-request-id']
  if (typeof requestId !== 'string') fault(`${name}: an answer without a request id, ${status}`, shown)
  if (status >= 500)
    fault(`${name}: ${status}`, `${reasons.get(String(requestId)) ?? 'unknown'} at ${shown} -> ${body}`)
  reasons.delete(String(requestId))
  if (status === 401 && person && !('authorization' in request.headers) && tokens.get(person) === token)
    await signInAgain(person)
  if (request.method === 'HEAD') return

  if (status >= 400) {
    let said: unknown
    try {
      said = JSON.parse(body)
    } catch {
      said = body
    }
    if (!error.Check(said)) fault(`${name}: an error of another shape, ${status}`, `${shown} -> ${body}`)
    else {
      const { code, requestId: said_ } = said.error
      if (said_ !== requestId) fault(`${name}: an error with another request id`, shown)
      if (errorStatus[code] !== status) fault(`${name}: ${code} as ${status}`, shown)
      if (/node_modules|FST_| at \w+ \(|SELECT |pg_|typebox/.test(said.error.message))
        fault(`${name}: an error that tells too much`, `${shown} -> ${body}`)
    }
  } else if (request.method === endpoint.method) {
    const schema = endpoint.schema.response[status]
    const check = answerOf(endpoint, status)
    if (!schema) fault(`${name}: a success the contract does not know, ${status}`, shown)
    else if (check && !check.Check(JSON.parse(body))) fault(`${name}: an answer outside its schema`, shown)
  }
}

async function measure() {
  // What is still on its way after the last answer: the journal of refusals.
  while ((app.knex.client as { pool: { numUsed(): number } }).pool.numUsed() > 0)
    await new Promise((later) => setImmediate(later))
  globalThis.gc!()
  globalThis.gc!()
  return { heap: process.memoryUsage().heapUsed, handles: getActiveResourcesInfo().length }
}

const heaps: number[] = []
const handles: number[] = []
let next = 0
for (let part = 0; part <= measurements; part++) {
  const end = Math.round((count * (part + 1)) / (measurements + 1))
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < end) await one(next++)
    }),
  )
  const { heap, handles: open } = await measure()
  heaps.push(heap)
  handles.push(open)
}
await app.close()
await world.close()

const report: FuzzReport = {
  requests: next,
  endpoints: all.length,
  statuses: Object.fromEntries([...statuses].sort(([a], [b]) => a - b)),
  heaps,
  handles,
  faults: [...faults].map(([what, more]) => ({ what, ...more })),
}
process.stdout.write(`${JSON.stringify(report)}\n`)
