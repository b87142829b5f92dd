import { brokenChains } from '#server/test/audit-chain'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import type { SignedIn } from '#common/contract/auth'
import type { Interaction } from '#common/contract/interactions'
import { Random } from '#desktop/main/test/random'
import { buildApp } from '#server/app'
import { keyringOf } from '#server/modules/auth/keyring'
import { createInteractionsService } from '#server/modules/interactions/interactions.service'
import { journal } from '#server/modules/journal/journal.service'
import { readCursor } from '#server/modules/sync/cursor'
import type {} from '#server/plugins/database'
import type { App } from '#server/shared/app'
import { type Actor, scopeOf } from '#server/shared/scope'
import { type Client, client, meeting, type Pushed } from '#server/test/app'
import { generousLimits } from '#server/test/config'
import { createDevice } from '#server/test/device'
import { fixture, password } from '#server/test/fixture'
import { createReplica } from '#server/test/replica'
import { numberOf, type Options, type Part } from '../part.ts'
import { createWorld, type World } from './world.ts'

/**
 * Many write at once, into several sites and the tenant's own feed, directly, as devices do, and in transactions that
 * stay open for a while before they commit or roll back; others ask for what is new all the while. Whatever a cursor
 * has passed, its holder must have seen.
 */

const writersPerServer = 6
const slowWriters = 4
const pageSizes = [1000, 137, 23]
/** How far back the feed is compared after each page; at the end all of it is. */
const lookBack = 400

export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 10_000)
  const seed = numberOf(options, 'seed', 1)
  const world = await createWorld(options, fixture)
  const servers = await Promise.all([1, 2].map(() => openServer(world)))
  const what: string[] = []
  try {
    const history = new History(world, servers, seed, count, what)
    const figures = await history.run()
    const replay = `npm run test:sync -- cursor --count=${count} --seed=${seed}`
    return { name: 'cursor', figures, failures: what.map((each) => ({ what: each, replay })) }
  } finally {
    for (const server of servers) await server.close()
    await world.close()
  }
}

const openServer = (world: World) =>
  buildApp({ databaseUrl: world.url, config: generousLimits, keys: keyringOf(world.key) })

interface Place {
  tenantId: string
  adminId: string
  siteIds: string[]
}

class Rollback extends Error {}

class History {
  readonly #world: World
  readonly #servers: App[]
  readonly #seed: number
  #count: number
  readonly #what: string[]
  #written = 0
  #rolledBack = 0
  #refused = 0
  #busy = 0
  #pulls = 0
  #checks = 0
  #doubled = 0
  #missed = new Set<string>()
  /** The numbers that writes were given, as far as they are told. */
  readonly #numbers: string[] = []

  constructor(world: World, servers: App[], seed: number, count: number, what: string[]) {
    this.#world = world
    this.#servers = servers
    this.#seed = seed
    this.#count = count
    this.#what = what
  }

  async run() {
    const place = await this.#place()
    const tokens = await this.#signIn(['admin', 'manager', 'editor'])
    const entries = () => this.#number('SELECT count(*)::int AS n FROM audit_logs')
    const before = { entries: await entries(), seq: await this.#heads() }
    const start = performance.now()

    const pollers = pageSizes.map(
      (limit, n) => new Poller(limit, client(this.#servers[n % 2]!, tokens.get('admin')), true),
    )
    for (const { replica } of pollers) await replica.catchUp()
    const late = Array.from({ length: 2 }, () => this.#pollLate(tokens.get('admin')!))
    const polling = pollers.map((poller) => this.#poll(poller))
    const writing = Promise.all([
      ...this.#servers.flatMap((server, s) =>
        Array.from({ length: writersPerServer }, (_, n) =>
          this.#write(server, this.#seed * 100 + s * 10 + n, place, tokens),
        ),
      ),
      ...Array.from({ length: slowWriters }, (_, n) => this.#writeSlowly(this.#seed * 100 + 50 + n, place)),
    ])
    await writing.finally(() => (this.#count = 0))
    const commits = (await entries()) - before.entries
    const seconds = (performance.now() - start) / 1000
    const pulled = this.#pulls
    await Promise.all(polling)
    for (const poller of [...pollers, ...(await Promise.all(late))]) await this.#checkWhole(poller)
    await this.#checkNumbers(before.seq)
    if (this.#missed.size > 0) this.#what.push(`Missed: ${[...this.#missed].slice(0, 5).join('; ')} …`)
    if (this.#doubled > 0) this.#what.push(`${this.#doubled} changes came twice`)
    for (const broken of await brokenChains(this.#world.rows)) this.#what.push(`Audit chain: ${broken}`)
    return {
      commits,
      'rolled back': this.#rolledBack,
      writers: 2 * writersPerServer + slowWriters,
      pollers: pollers.length + late.length,
      'pulls meanwhile': pulled,
      'checks of a cursor': this.#checks,
      missed: this.#missed.size,
      doubled: this.#doubled,
      'refused by rules': this.#refused,
      'not written, the server was busy': this.#busy,
      'commits a second': Math.round(commits / seconds),
    }
  }

  get #writing() {
    return this.#written < this.#count
  }

  async #place(): Promise<Place> {
    const [tenant] = await this.#world.rows<{ id: string }>(
      `SELECT id FROM tenants WHERE slug = 'harbour-vale'`,
    )
    const sites = await this.#world.rows<{ id: string }>(
      'SELECT id FROM sites WHERE tenant_id = $1 ORDER BY name',
      [tenant!.id],
    )
    const [admin] = await this.#world.rows<{ id: string }>(`SELECT id FROM users WHERE username = 'admin'`)
    return { tenantId: tenant!.id, adminId: admin!.id, siteIds: sites.map(({ id }) => id) }
  }

  async #signIn(names: string[]): Promise<Map<string, string>> {
    const sessions = names.map(async (username) => {
      const answer = await client(this.#servers[0]!).post<SignedIn>('/auth/login', { username, password })
      if (answer.status !== 200) throw new Error(`${username} could not sign in: ${answer.text}`)
      return [username, answer.body.token] as const
    })
    return new Map(await Promise.all(sessions))
  }

  /** A person at a desk and a device in turns: creates, updates, deletes; one at a time and in batches. */
  async #write(server: App, seed: number, { siteIds }: Place, tokens: Map<string, string>) {
    const random = new Random(seed)
    const siteId = random.pick(siteIds)!
    const person = client(server, tokens.get('admin'), siteId)
    const device = createDevice(siteId)
    const own = createReplica(person, device.id)
    // Receipts are told from the first cursor on.
    await own.catchUp()
    const answers: Pushed[] = []
    const known: Interaction[] = []
    while (this.#writing) {
      if (random.chance(0.6)) await this.#unlessBusy(known, () => this.#writeDirectly(person, random, known))
      else answers.push(...(await this.#pushBatch(person, random, known, device)))
      if (random.chance(0.1)) await own.pull(random.pick([5, 100, 1000]))
    }
    await own.catchUp()
    const ids = (results: readonly { mutationId: string }[]) =>
      results
        .map(({ mutationId }) => mutationId)
        .sort()
        .join()
    if (ids(own.receipts) !== ids(answers))
      this.#what.push(`Device ${device.id} got ${own.receipts.length} receipts of ${answers.length}`)
  }

  async #writeDirectly(person: Client, random: Random, known: Interaction[]) {
    const dice = random.next()
    const record = known.length > 5 ? known[random.below(known.length)]! : null
    if (!record || dice < 0.45) known.push(await person.create({ title: `Direct ${random.next()}` }))
    else if (dice < 0.9)
      known[known.indexOf(record)] = await person.update(record, { notes: String(random.next()) })
    else {
      await person.delete(`/interactions/${record.id}`)
      known.splice(known.indexOf(record), 1)
    }
    this.#written++
  }

  async #pushBatch(
    person: Client,
    random: Random,
    known: Interaction[],
    device: ReturnType<typeof createDevice>,
  ): Promise<Pushed[]> {
    const chosen = new Set(Array.from({ length: random.below(8) }, () => random.pick(known)))
    const gone = random.chance(0.3) ? random.pick([...chosen]) : undefined
    const sent = [
      ...Array.from({ length: 1 + random.below(8) }, () =>
        device.create({ title: `Pushed ${random.next()}`, ...(random.chance(0.03) && { type: 'Dance' }) }),
      ),
      ...[...chosen].flatMap((record) =>
        !record
          ? []
          : record === gone
            ? device.remove(record)
            : device.update(record, { location: uuidv7() }),
      ),
    ]
    let results: Pushed[] | undefined
    while (!results)
      await this.#unlessBusy(known, async () => {
        results = await person.push(device.id, sent)
      })
    for (const [index, { status, record }] of results.entries()) {
      if (status !== 'applied' && status !== 'duplicate') this.#refused++
      const at = known.findIndex(({ id }) => id === sent[index]!.entityId)
      if (record) known.splice(at < 0 ? known.length : at, at < 0 ? 0 : 1, record)
      else if (record === null && at >= 0) known.splice(at, 1)
    }
    this.#written += results.length
    return results
  }

  /** A server that is busy may say no: the write has not happened, and what was known of its record is let go. */
  async #unlessBusy(known: Interaction[], write: () => Promise<unknown>) {
    try {
      await write()
    } catch (error) {
      if (++this.#busy > 50 + this.#count / 20) throw error
      known.length = 0
    }
  }

  /** Transactions that stay open for a while, before they write and after; a third of them roll back. */
  async #writeSlowly(seed: number, { tenantId, adminId, siteIds }: Place) {
    const random = new Random(seed)
    const { transact } = this.#servers[seed % 2]!
    const interactions = createInteractionsService(transact, journal).inTransaction
    while (this.#writing) {
      const siteId = random.pick(siteIds)!
      const pause = () => delay(random.chance(0.1) ? random.below(60) : random.below(8))
      const actor: Actor = {
        id: adminId,
        tenantId,
        roles: ['admin'],
        sites: [{ id: siteId, name: '', role: 'administrator' }],
        requestId: randomUUID(),
        address: 'local',
        device: null,
      }
      const numbers: string[] = []
      const work = transact(scopeOf(actor, random.chance(0.15) ? null : siteId), async (tx) => {
        if (random.chance(0.5)) await pause()
        if (tx.scope.siteId === null) {
          const id = uuidv7()
          await tx.db.raw('INSERT INTO interaction_types VALUES (?, ?, ?, ?)', [tenantId, id, id, '50'])
          const changes = [{ entity: 'interactionType', entityId: id, removed: false }]
          const seq = await journal.record(tx, actor, { action: 'user.updated', feedId: tenantId, changes })
          numbers.push(`${tenantId} ${seq}`)
        } else {
          for (let n = random.below(3); n >= 0; n--) {
            const { seq } = await interactions.create(tx, actor, { ...meeting, title: 'Slow' })
            numbers.push(`${siteId} ${seq}`)
          }
        }
        await pause()
        if (random.chance(0.33)) throw new Rollback()
      })
      await work.then(
        () => {
          this.#numbers.push(...numbers)
          this.#written += numbers.length
        },
        (error: unknown) => {
          if (error instanceof Rollback) this.#rolledBack++
          else if (++this.#busy > 50 + this.#count / 20) throw error
        },
      )
    }
  }

  async #poll(poller: Poller) {
    while (this.#writing) {
      await poller.pull()
      this.#pulls++
      this.#doubled += poller.doubled
      await this.#checkBelow(poller, lookBack)
    }
  }

  /** Starts over again and again, so that first syncs, too, meet writes. */
  async #pollLate(token: string): Promise<Poller> {
    const random = new Random(this.#seed)
    for (;;) {
      const poller = new Poller(10 + random.below(200), client(random.pick(this.#servers)!, token), false)
      for (let n = 5 + random.below(60); n > 0; n--) {
        await poller.pull()
        this.#pulls++
        await this.#checkBelow(poller, lookBack)
        if (!this.#writing) return poller
      }
    }
  }

  /** Of each feed, what lies at or below the cursor and has not changed since must be held as it is. */
  async #checkBelow({ replica, cursor, limit }: Poller, back: number) {
    this.#checks++
    for (const [feedId, { seq, first }] of Object.entries(readCursor(cursor).feeds)) {
      if (first) continue
      const rows = await this.#world.rows<{
        seq: number
        entity: string
        id: string
        removed: boolean
        version: number | null
      }>(
        `SELECT c.seq::int, c.entity, c.entity_id AS id, c.removed, i.version
         FROM feed_changes c LEFT JOIN interactions i ON i.id = c.entity_id
         WHERE c.feed_id = $1 AND c.seq <= $2 AND c.seq > $2 - $3`,
        [feedId, seq, back],
      )
      for (const row of rows) {
        const held =
          row.entity === 'interaction'
            ? (replica.records.get(row.id)?.version ?? null)
            : row.entity === 'person'
              ? (replica.people.get(row.id)?.id ?? null)
              : (replica.types.get(row.id)?.id ?? null)
        const due = row.removed ? null : row.entity === 'interaction' ? row.version : row.id
        if (held !== due)
          this.#missed.add(`${row.entity} ${row.id} at ${row.seq}, below ${seq} (pages of ${limit})`)
      }
    }
  }

  async #checkWhole(poller: Poller) {
    while ((await poller.pull()).hasMore);
    this.#doubled += poller.doubled
    await this.#checkBelow(poller, 1e9)
    const live = await this.#world.rows<{ id: string; version: number }>(
      `SELECT i.id, i.version FROM interactions i JOIN tenants t ON t.id = i.tenant_id
       WHERE slug = 'harbour-vale' AND deleted_at IS NULL`,
    )
    const due = new Map(live.map(({ id, version }) => [id, version]))
    for (const [id, version] of due) {
      const held = poller.replica.records.get(id)?.version
      if (held !== version) this.#missed.add(`record ${id}: ${held} held, ${version} there`)
    }
    for (const id of poller.replica.records.keys())
      if (!due.has(id)) this.#what.push(`Record ${id} is held though it is gone`)
  }

  /** Each write has a number of its own, and none is left out. */
  async #checkNumbers(before: Map<string, Head>) {
    const receipts = await this.#world.rows<{ feed_id: string; seq: string }>(
      'SELECT feed_id, seq FROM sync_receipts',
    )
    const given = [...this.#numbers, ...receipts.map(({ feed_id, seq }) => `${feed_id} ${seq}`)]
    if (new Set(given).size !== given.length) this.#what.push('A number was given twice')
    for (const [feedId, head] of await this.#heads()) {
      const { seq, entries } = before.get(feedId) ?? { seq: 0, entries: 0 }
      if (head.seq - seq !== head.entries - entries)
        this.#what.push(`Feed ${feedId} moved by ${head.seq - seq} for ${head.entries - entries} writes`)
    }
  }

  async #heads(): Promise<Map<string, Head>> {
    const rows = await this.#world.rows<Head & { feed_id: string }>(
      `SELECT feed_id, seq::int, (SELECT count(*)::int FROM audit_logs a WHERE a.feed_id = h.feed_id) AS entries
       FROM feed_heads h`,
    )
    return new Map(rows.map(({ feed_id, ...head }) => [feed_id, head]))
  }

  async #number(sql: string): Promise<number> {
    const [row] = await this.#world.rows<{ n: number }>(sql)
    return row!.n
  }
}

interface Head {
  seq: number
  entries: number
}

class Poller {
  readonly limit: number
  readonly replica: ReturnType<typeof createReplica>
  /** It had everything before the writing began, so nothing may come to it twice. */
  readonly #inStep: boolean
  readonly #told = new Set<string>()
  cursor = ''
  /** Of the last page. */
  doubled = 0

  constructor(limit: number, client: Client, inStep: boolean) {
    this.limit = limit
    this.replica = createReplica(client)
    this.#inStep = inStep
  }

  async pull() {
    const page = await this.replica.pull(this.limit)
    this.cursor = page.cursor
    this.doubled = 0
    if (!this.#inStep) return page
    for (const change of page.changes) {
      if (change.entity !== 'interaction') continue
      const key = `${change.record.id} ${change.record.version}`
      if (this.#told.has(key)) this.doubled++
      this.#told.add(key)
    }
    return page
  }
}
