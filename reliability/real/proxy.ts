import { brokenChains } from '#server/test/audit-chain'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import type { SignedIn } from '#common/contract/auth'
import { AppError } from '#common/contract/errors'
import type { Interaction } from '#common/contract/interactions'
import { type DemoTenant, standardTypes } from '#db/seeds/demo'
import { filled } from '#desktop/main/test/device'
import { testKey } from '#desktop/main/test/folder'
import { Random } from '#desktop/main/test/random'
import { meeting } from '#server/test/app'
import { numberOf, type Options, type Part } from '../part.ts'
import { type Fault, FaultyNetwork } from './faulty-network.ts'
import { Headless, keeper } from './headless.ts'
import { brokenPromises, brokenVersions, type Saved, savedBy, type Standing, watchPlans } from './ledger.ts'
import { ask, generous, Refused, signIn, startServer } from './server-process.ts'
import { work } from './work.ts'
import { createWorld, type World } from './world.ts'

/**
 * Whole histories against the real server, through a network that does everything a network can do: several people on
 * several devices, and others at the server itself. Then the network heals, nobody touches anything, and what SYNC.md
 * promises is looked for from outside.
 */

/** Histories that go on at the same time, each in an organisation of its own. */
const lanes = 5
const patience = 30_000
const haste = 20

export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 250)
  const seed = numberOf(options, 'seed', 1)
  const failures: Part['failures'] = []
  const tally: Tally = { faults: new Map(), actions: 0, edits: 0, restarts: 0, signIns: 0, attention: 0 }
  const tenants = Array.from({ length: Math.min(lanes, count) }, (_, lane) => organisation(lane))
  const world = await createWorld(options, tenants)
  const server = (await startServer({
    ...generous,
    DATABASE_URL: world.url,
    DATA_DIR: world.folder,
    JWT_PRIVATE_KEY: world.key,
    // Renewals, too, have to get through.
    ACCESS_TOKEN_TTL: '20',
  }))!
  const start = performance.now()
  try {
    const seeds = Array.from({ length: count }, (_, n) => seed + n)
    await Promise.all(
      tenants.map(async (_, lane) => {
        for (let next = seeds.shift(); next !== undefined; next = seeds.shift()) {
          const history = new History(world, server.url, lane, next, tally)
          const replay = `npm run test:sync -- proxy --count=1 --seed=${next}`
          for (const what of await history.live()) failures.push({ what, replay })
        }
      }),
    )
    for (const broken of await brokenChains(world.rows))
      failures.push({
        what: `Audit chain: ${broken}`,
        replay: `npm run test:sync -- proxy --count=${count} --seed=${seed}`,
      })
  } finally {
    await server.kill()
    await world.close()
  }
  const faults = [...tally.faults].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    name: 'proxy',
    figures: {
      histories: count,
      devices: 4 * count,
      actions: tally.actions,
      'edits saved': tally.edits,
      'app restarts': tally.restarts,
      'signed in again': tally.signIns,
      'edits that need attention': tally.attention,
      faults: faults.reduce((sum, [, times]) => sum + times, 0),
      ...Object.fromEntries(faults.map(([fault, times]) => [`fault: ${fault}`, times])),
      seconds: Math.round((performance.now() - start) / 1000),
    },
    failures,
  }
}

interface Tally {
  faults: Map<Fault, number>
  actions: number
  edits: number
  restarts: number
  signIns: number
  attention: number
}

const organisation = (lane: number): DemoTenant => ({
  name: `Organisation ${lane}`,
  slug: `organisation-${lane}`,
  sites: {},
  types: standardTypes,
  people: [
    { username: `desk${lane}`, displayName: 'Desk', roles: ['admin'] },
    ...['ada', 'ben', 'cid'].map((name) => ({ username: `${name}${lane}`, displayName: name })),
  ],
})

const ledger = new Map<string, { saved: Saved[]; removed: string[] }>()
watchPlans((deviceId, { add, remove }) => {
  const entries = ledger.get(deviceId)
  entries?.saved.push(...savedBy(add))
  entries?.removed.push(...remove.map(({ mutationId }) => mutationId))
})

/** A person's computer, which outlives the app on it. */
class Computer {
  readonly person: string
  readonly #url: string
  readonly #server: string
  readonly #folder: string | null
  readonly #seat: Seat
  readonly #tally: Tally
  app!: Headless
  deviceId = ''
  needsSignIn = false

  constructor(
    person: string,
    seat: Seat,
    { url, server, folder, tally }: { url: string; server: string; folder: string | null; tally: Tally },
  ) {
    this.person = person
    this.#seat = seat
    this.#url = url
    this.#server = server
    this.#folder = folder
    this.#tally = tally
  }

  get canRestart() {
    return this.#folder !== null
  }

  async open() {
    if (this.#folder) await mkdir(this.#folder, { recursive: true })
    this.app = new Headless({
      server: this.#url,
      place: this.#folder ? { folder: this.#folder, key: testKey } : 'memory',
      timeout: 700,
      haste,
      tokens: this.#seat.tokens,
      onOutcome: (outcome) => {
        if (outcome?.kind === 'sign-in') this.needsSignIn = true
        if (outcome?.kind === 'fault') this.faults.push(String(outcome.error))
      },
    })
    this.app.local.writeMeta({ profile: this.#seat.session.user })
    this.deviceId = this.app.local.meta().deviceId
    if (!ledger.has(this.deviceId)) ledger.set(this.deviceId, { saved: [], removed: [] })
    this.app.pacer.start()
  }

  /** What was not the network's or the server's doing. */
  readonly faults: string[] = []

  async restart() {
    await this.app.close()
    await this.open()
  }

  /** What a person does whom the app asks to. */
  async signInIfAsked() {
    if (!this.needsSignIn) return
    this.needsSignIn = false
    this.#tally.signIns++
    this.app.client.accept(await signIn(this.#server, this.person))
    this.app.pacer.resume()
  }

  get sites(): string[] {
    return this.app.local.meta().profile!.sites.map(({ id }) => id)
  }

  standing(): Standing {
    const { local } = this.app
    const { profile, deviceId } = local.meta()
    const siteIds = this.sites
    const rows = siteIds.flatMap((id) => this.app.rows(id))
    return {
      deviceId,
      userId: profile!.id,
      siteIds,
      rows,
      items: local.queueItems(),
      ...ledger.get(deviceId)!,
    }
  }
}

class History {
  readonly #world: World
  readonly #server: string
  readonly #lane: number
  readonly #seed: number
  readonly #random: Random
  readonly #tally: Tally
  readonly #wrong: string[] = []
  readonly #sites = [uuidv7(), uuidv7()] as const
  #tokens = 0
  #desk!: Seat
  #computers: Computer[] = []

  constructor(world: World, server: string, lane: number, seed: number, tally: Tally) {
    this.#world = world
    this.#server = server
    this.#lane = lane
    this.#seed = seed
    this.#random = new Random(seed)
    this.#tally = tally
  }

  /** Answers with what went wrong. */
  async live(): Promise<string[]> {
    const random = this.#random
    await this.#foundSites()
    this.#desk = await seatOf(this.#server, `desk${this.#lane}`)
    for (let n = 0; n < 6; n++) await this.#workAtDesk()
    const network = await FaultyNetwork.to(this.#server, this.#seed, this.#tally.faults)
    try {
      await this.#setUp(network.url)
      for (const { app } of this.#computers) while (app.timesCurrent === 0) await delay(5)
      network.severity = random.pick([0.15, 0.3, 0.5])!
      for (let left = 50 + random.below(50); left > 0; left--) {
        if (random.chance(0.04)) network.isDown = !network.isDown
        await this.#act(random.pick(this.#computers)!)
        await delay(random.below(6))
      }
      network.heal()
      await this.#drain()
      await this.#check()
    } catch (error) {
      this.#wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    } finally {
      for (const { app } of this.#computers) await app.close()
      await network.close()
    }
    return this.#wrong
  }

  /** Two new sites; what these people belonged to before is over. */
  async #foundSites() {
    const { rows } = this.#world
    const [tenant] = await rows<{ id: string }>('SELECT id FROM tenants WHERE slug = $1', [
      `organisation-${this.#lane}`,
    ])
    for (const [n, id] of this.#sites.entries())
      await rows('INSERT INTO sites (tenant_id, id, name) VALUES ($1, $2, $3)', [
        tenant!.id,
        id,
        `History ${this.#seed} ${n}`,
      ])
    await rows('DELETE FROM user_sites WHERE tenant_id = $1', [tenant!.id])
    for (const [name, site, role] of [
      ['ada', 0, 'administrator'],
      ['ada', 1, 'editor'],
      ['ben', 0, 'editor'],
      ['cid', 0, 'administrator'],
      ['cid', 1, 'administrator'],
    ] as const)
      await this.#give(name, site, role)
  }

  #give(name: string, site: 0 | 1, role: string) {
    return this.#world.rows(
      `INSERT INTO user_sites (tenant_id, user_id, site_id, role)
       SELECT tenant_id, id, $2, $3 FROM users WHERE username = $1 ON CONFLICT DO NOTHING`,
      [`${name}${this.#lane}`, this.#sites[site], role],
    )
  }

  #takeAway(name: string, site: 0 | 1) {
    return this.#world.rows(
      'DELETE FROM user_sites WHERE site_id = $2 AND user_id = (SELECT id FROM users WHERE username = $1)',
      [`${name}${this.#lane}`, this.#sites[site]],
    )
  }

  async #setUp(url: string) {
    for (const [n, name] of ['ada', 'ada', 'ben', 'cid'].entries()) {
      const person = `${name}${this.#lane}`
      const computer = new Computer(person, await seatOf(this.#server, person, n), {
        url,
        server: this.#server,
        folder: n === 0 ? join(this.#world.folder, `history-${this.#seed}`) : null,
        tally: this.#tally,
      })
      await computer.open()
      this.#computers.push(computer)
    }
  }

  async #act(computer: Computer) {
    const random = this.#random
    this.#tally.actions++
    await computer.signInIfAsked()
    const { local, pacer } = computer.app
    const item = random.pick(local.queueItems().filter(({ state }) => state !== 'waiting'))
    const dice = random.below(100)
    try {
      if (dice < 55) work(local, random, computer.sites, this.#token(), uuidv7())
      else if (dice < 58) this.#poison(computer)
      else if (dice < 62 && item) local.discard(item.mutationId)
      else if (dice < 65 && item) local.retry(item.mutationId)
      else if (dice < 71 && item?.conflict)
        local.resolve(item.mutationId, random.chance(0.5) ? { title: this.#token() } : {})
      else if (dice < 88) await this.#workAtDesk()
      else if (dice < 90) await this.#takeAway('ada', 1)
      else if (dice < 93) await this.#give('ada', 1, 'editor')
      else if (dice < 96 && computer.canRestart) {
        this.#tally.restarts++
        await computer.restart()
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
    }
    pacer.wake()
    this.#checkScreen(computer)
  }

  /** A record the server will not take, and an edit that builds on it. */
  #poison({ app: { local }, sites }: Computer) {
    const siteId = this.#random.pick(sites)
    if (!siteId) return
    const fields = { ...filled, title: this.#token(), type: 'Dance' }
    const { id } = local.save({ siteId, opened: null, fields })
    local.save({ id, siteId, opened: fields, fields: { ...fields, notes: this.#token() } })
  }

  #token() {
    return `token ${this.#seed}-${++this.#tokens}`
  }

  /** Somebody adds, changes or deletes a record at the server itself; where somebody was quicker they let it be. */
  async #workAtDesk() {
    const random = this.#random
    const site = random.pick(this.#sites)!
    const as = { token: await this.#desk.token(), site }
    const value = `desk ${this.#seed}-${++this.#tokens}`
    const list = '/interactions?pageSize=50&sort=-updatedAt'
    const { interactions } = await ask<{ interactions: Interaction[] }>(this.#server, 'GET', list, as)
    const record = random.pick(interactions)
    const dice = random.next()
    const change =
      !record || dice < 0.3
        ? ask(this.#server, 'POST', '/interactions', { ...as, body: { ...meeting, title: value } })
        : dice < 0.9
          ? ask(this.#server, 'PUT', `/interactions/${record.id}`, {
              ...as,
              body: { [random.pick(['title', 'location'])!]: value, version: record.version },
            })
          : ask(this.#server, 'DELETE', `/interactions/${record.id}`, as)
    await change.catch((error: unknown) => {
      if (!(error instanceof Refused) || ![404, 409].includes(error.status)) throw error
    })
  }

  /** An edit on screen stays as it was made for as long as it waits. */
  #checkScreen({ app: { local }, person, sites }: Computer) {
    const last = new Map(local.queueItems().map((item) => [item.entityId, item]))
    for (const { entityId, op, patch, state, siteId } of last.values()) {
      if (state !== 'waiting' || !sites.includes(siteId) || this.#comesAndGoes(person, siteId)) continue
      const row = local.read(entityId)
      const wrong =
        op === 'delete'
          ? row !== null
          : row === null ||
            Object.entries(patch).some(([field, value]) => row[field as keyof typeof patch] !== value)
      if (wrong)
        this.#wrong.push(
          `The ${op} of ${entityId} that waits is not what the screen shows: ${JSON.stringify({ patch, row })}`,
        )
    }
  }

  /** A site that was given back is among the person's before its records are here again. */
  #comesAndGoes(person: string, siteId: string) {
    return person.startsWith('ada') && siteId === this.#sites[1]
  }

  /** The network has healed, and nobody does anything more. */
  async #drain() {
    const deadline = performance.now() + patience
    const wait = async (what: string, condition: () => boolean) => {
      while (!condition()) {
        for (const computer of this.#computers) await computer.signInIfAsked()
        if (performance.now() > deadline) throw new Error(`After the network has healed: ${what}`)
        await delay(10)
      }
    }
    const apps = () => this.#computers.map(({ app }) => app)
    await wait('the queues do not drain', () => apps().every(({ local }) => local.counts().waiting === 0))
    // What the others sent last.
    for (const app of apps()) {
      const before = app.timesCurrent
      app.pacer.wake({ insist: true })
      await wait('a device does not come to the end', () => app.timesCurrent >= before + 2)
    }
  }

  async #check() {
    const standings = this.#computers.map((computer) => computer.standing())
    for (const { items, siteIds } of standings) {
      this.#tally.attention += items.length
      const stopped = new Set(
        items.filter(({ state }) => state !== 'blocked').map(({ entityId }) => entityId),
      )
      for (const { state, entityId, mutationId } of items)
        if (state === 'blocked' && !stopped.has(entityId))
          this.#wrong.push(`Edit ${mutationId} is blocked by nothing`)
      if (siteIds.some((id) => !this.#sites.includes(id)))
        this.#wrong.push('A site is shown that was taken away')
    }
    for (const { saved } of standings) this.#tally.edits += saved.length
    for (const { app, faults } of this.#computers) {
      this.#wrong.push(...faults.map((fault) => `A fault of the app's own: ${fault}`))
      for (const id of this.#sites) {
        const isMember = app.local.meta().profile!.sites.some((site) => site.id === id)
        if (!isMember) await this.#checkNothingLeft(app, id)
      }
    }
    this.#wrong.push(...(await brokenPromises(this.#world, standings)))
    this.#wrong.push(...(await brokenVersions(this.#world, this.#sites)))
  }

  /** Of a site taken away nothing can be read. */
  async #checkNothingLeft({ local }: Headless, siteId: string) {
    const records = await this.#world.rows<{ id: string }>('SELECT id FROM interactions WHERE site_id = $1', [
      siteId,
    ])
    for (const { id } of records)
      if (local.read(id)) this.#wrong.push(`${id} is readable though its site was taken away`)
  }
}

/** A person's session on one of their computers; it outlives the histories, since signing in takes its time. */
class Seat {
  readonly person: string
  readonly tokens: ReturnType<typeof keeper>
  session: SignedIn
  readonly #server: string
  #until = 0

  constructor(person: string, server: string, session: SignedIn) {
    this.person = person
    this.tokens = keeper(session)
    this.session = session
    this.#server = server
  }

  /** For requests past the app. */
  async token(): Promise<string> {
    if (performance.now() < this.#until) return this.session.token
    const body = { refreshToken: this.tokens.refreshToken()! }
    this.session = await ask<SignedIn>(this.#server, 'POST', '/auth/refresh', { body })
    this.tokens.keep(this.session.refreshToken)
    this.#until = performance.now() + (this.session.expiresIn * 1000) / 2
    return this.session.token
  }
}

const seats = new Map<string, Seat>()

async function seatOf(server: string, person: string, computer = 0): Promise<Seat> {
  const name = `${server} ${person} ${computer}`
  const kept = seats.get(name)
  if (kept) return kept
  const seat = new Seat(person, server, await signIn(server, person))
  seats.set(name, seat)
  return seat
}
