import { brokenChains } from '#server/test/audit-chain'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, startEmbeddedPostgres } from '#db/embedded'
import type { Interaction } from '#common/contract/interactions'
import { fieldsOf } from '#common/rules/interaction-rules'
import type { LocalInteraction } from '#desktop/bridge/channels'
import type { LocalStore } from '#desktop/main/store/local-store'
import { filled } from '#desktop/main/test/device'
import { Random } from '#desktop/main/test/random'
import { meeting } from '#server/test/app'
import { fixture } from '#server/test/fixture'
import { numberOf, type Options, type Part } from '../part.ts'
import type { DeviceOrder } from './device-process.ts'
import { Headless, keeper } from './headless.ts'
import {
  brokenPromises,
  doubledEffects,
  type Saved,
  savedBy,
  type Standing,
  unmatchedReceipts,
  watchPlans,
} from './ledger.ts'
import { ask, compiled, generous, preloads, signIn, startServer } from './server-process.ts'
import { work } from './work.ts'
import { createFolder, createWorld, openWorld, populate, type World } from './world.ts'

/**
 * `kill -9`: of the app's process at every boundary of its work, of the server at every statement of a push and at any
 * other, and of PostgreSQL. Whatever was told to be saved is on the server once, or in front of the person.
 */

const stepsOfLife = 10
/** So many kills, and it pays to have two devices or servers killed at the same time, each among its own people. */
const manyKills = 60
/** Of all kills; the app has the rest. */
const fractions = { push: 0.3, server: 0.12, database: 0.06 }

/** `--of=push` (or `app`, `server`, `database`) kills nothing else. */
export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 320)
  const seed = numberOf(options, 'seed', 1)
  const { of } = options
  const kills = (what: keyof typeof fractions) =>
    of === undefined ? Math.round(count * fractions[what]) : of === what ? count : 0
  const [pushes, servers, databases] = [kills('push'), kills('server'), kills('database')]
  const devices = of === undefined || of === 'app' ? count - pushes - servers - databases : 0
  if (devices + pushes + servers + databases !== count) throw new Error(`There is no ${of} to kill`)
  const wrong: string[] = []
  const lanes = count < manyKills ? 1 : 2
  const share = (kills: number, lane: number) => Math.floor((kills + lane) / lanes)
  const each = async (work: (lane: number) => Promise<void>) => {
    await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)))
  }

  const boundaries = new Map<string, number>()
  if (devices > 0)
    await each((lane) => killDevices(options, seed + lane, share(devices, lane), boundaries, wrong))
  const walked = new Map<string, number>()
  let ofPush = 0
  if (pushes > 0)
    await each(async (lane) => {
      ofPush = await killPushes(options, seed, { kills: pushes, lane, lanes }, walked, wrong)
    })
  if (servers > 0) await each((lane) => killServers(options, seed + lane, share(servers, lane), wrong))
  if (databases > 0) await killDatabases(seed, databases, wrong)

  const sum = (counts: Map<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0)
  const replay = `npm run test:sync -- kill --count=${count} --seed=${seed}${of ? ` --of=${of}` : ''}`
  return {
    name: 'kill',
    figures: {
      kills: sum(boundaries) + sum(walked) + servers + databases,
      'of the app': sum(boundaries),
      'at boundaries of the app': boundaries.size,
      'of the server in a push': sum(walked),
      'at boundaries of a push': `${walked.size} of ${ofPush}`,
      'of the server at any statement': servers,
      'of PostgreSQL, with the server': databases,
      'broken promises': wrong.length,
    },
    failures: wrong.map((what) => ({ what, replay })),
  }
}

const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)

/** Two people's devices, and somebody at a desk who changes the same records. */
const people = ['editor', 'manager'] as const

async function killDevices(
  options: Options,
  seed: number,
  kills: number,
  boundaries: Map<string, number>,
  wrong: string[],
): Promise<void> {
  const world = await createWorld(options, fixture)
  const server = (await startServer(serverOf(world)))!
  try {
    const desk = await Desk.at(server.url, seed)
    const devices = people.map((person, n) => new KilledDevice(world, server.url, person, seed * 10 + n))
    for (const device of devices) await device.prepare()
    for (let n = 0; sum(devices) < kills; n++) {
      if (n > 20 * kills) throw new Error('The app does not come to the boundaries it came to before')
      const killed = await devices[n % devices.length]!.live(true)
      if (killed) count(boundaries, killed)
      await desk.work()
    }
    // Quiet: the second round shows the first device what the other one had still to send.
    for (const device of [...devices, ...devices]) await device.live(false)
    wrong.push(
      ...(await verdict(
        world,
        devices.map(({ standing }) => standing!),
      )),
    )
  } finally {
    await server.kill()
    await world.close()
  }
}

const sum = (devices: KilledDevice[]) => devices.reduce((kills, device) => kills + device.kills, 0)

async function verdict(world: World, standings: Standing[]): Promise<string[]> {
  return [
    ...(await brokenPromises(world, standings)),
    ...(await doubledEffects(world)),
    ...(await unmatchedReceipts(world, standings)),
    ...(await brokenChains(world.rows)).map((where) => `Audit chain: ${where}`),
  ]
}

class KilledDevice {
  kills = 0
  standing: Standing | null = null
  readonly #world: World
  readonly #server: string
  readonly #person: string
  readonly #seed: number
  readonly #folder: string
  readonly #random: Random
  readonly #saved: Saved[] = []
  /** Boundaries it has come to, each with how often it was to be killed there. Some it comes to only once. */
  readonly #known = new Map<string, number>()
  #step = 0

  constructor(world: World, server: string, person: string, seed: number) {
    this.#world = world
    this.#server = server
    this.#person = person
    this.#seed = seed
    this.#folder = join(world.folder, `device-${person}`)
    this.#random = new Random(seed)
  }

  /** The person signs in; the app works a while undisturbed. */
  async prepare(): Promise<void> {
    await mkdir(this.#folder)
    const session = await signIn(this.#server, this.#person)
    await writeFile(join(this.#folder, 'token'), session.refreshToken)
    await this.live(false)
  }

  /** One run of the app; answers with the boundary it was killed at, if it was. */
  async live(isToDie: boolean): Promise<string | null> {
    const kill = isToDie ? this.#choose() : null
    const steps = isToDie || this.#step === 0 ? stepsOfLife : 0
    const order: DeviceOrder = {
      server: this.#server,
      folder: this.#folder,
      seed: this.#seed,
      from: this.#step,
      steps,
      kill,
    }
    const script = join(import.meta.dirname, 'device-process.ts')
    const child = spawn(process.execPath, [...preloads, script, JSON.stringify(order)], {
      env: { ...process.env, ...compiled },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    const ended = once(child, 'exit')
    let killed: string | null = null
    for await (const line of createInterface({ input: child.stdout! })) {
      const told = JSON.parse(line) as Told
      if (told.saved) {
        this.#saved.push(...told.saved)
        this.#step = told.step! + 1
      }
      if (told.killed) killed = told.killed
      for (const boundary of told.passed ?? []) if (!this.#known.has(boundary)) this.#known.set(boundary, 0)
      if (told.standing) this.standing = { ...told.standing, saved: this.#saved }
    }
    const [code, signal] = (await ended) as [number | null, string | null]
    if (signal === 'SIGKILL' && killed) {
      this.kills++
      return killed
    }
    if (code !== 0) throw new Error(`The device of ${this.#person} ended with ${code ?? signal}`)
    return null
  }

  /** Where that was tried least. */
  #choose(): DeviceOrder['kill'] {
    const least = Math.min(...this.#known.values())
    const boundary = this.#random.pick([...this.#known].filter(([, tries]) => tries === least))![0]
    this.#known.set(boundary, least + 1)
    return { boundary, nth: 1 + this.#random.below(3) }
  }
}

interface Told {
  step?: number
  saved?: Saved[]
  killed?: string
  passed?: string[]
  standing?: Omit<Standing, 'saved'>
}

/** Somebody who works at the server itself, one answer at a time. */
class Desk {
  readonly #url: string
  readonly #token: string
  readonly #siteId: string
  readonly #random: Random
  /** Ids of records it was told are there. */
  readonly made: string[] = []
  #count = 0

  static async at(url: string, seed: number): Promise<Desk> {
    const session = await signIn(url, 'admin')
    const site = session.user.sites.find(({ name }) => name === 'Marketing')!
    return new Desk(url, session.token, site.id, seed)
  }

  private constructor(url: string, token: string, siteId: string, seed: number) {
    this.#url = url
    this.#token = token
    this.#siteId = siteId
    this.#random = new Random(seed + 77)
  }

  /** Adds a record, or changes one of somebody's. */
  async work(): Promise<void> {
    const as = { token: this.#token, site: this.#siteId }
    const value = `token desk ${++this.#count}`
    if (this.#random.chance(0.4)) {
      const body = { ...meeting, title: value }
      const made = await ask<{ interaction: Interaction }>(this.#url, 'POST', '/interactions', {
        ...as,
        body,
      })
      this.made.push(made.interaction.id)
      return
    }
    const { interactions } = await ask<{ interactions: Interaction[] }>(
      this.#url,
      'GET',
      '/interactions?pageSize=50&sort=-updatedAt',
      as,
    )
    const record = this.#random.pick(interactions)
    if (!record) return
    const body = { [this.#random.pick(['title', 'location', 'notes'])!]: value, version: record.version }
    await ask(this.#url, 'PUT', `/interactions/${record.id}`, { ...as, body })
  }
}

const serverOf = (world: World, port = 0) => ({
  ...generous,
  DATABASE_URL: world.url,
  DATA_DIR: world.folder,
  JWT_PRIVATE_KEY: world.key,
  ACCESS_TOKEN_TTL: '3600',
  PORT: String(port),
})

const killStatement = join(import.meta.dirname, 'kill-statement.ts')
/** A request has some twenty statements; what a server does before it listens is among the first ones. */
const statementsOfLife = 90

async function killServers(options: Options, seed: number, kills: number, wrong: string[]): Promise<void> {
  const world = await createWorld(options, fixture)
  const random = new Random(seed)
  const env = serverOf(world, await freePort())
  try {
    let server = await startServer(env)
    const office = await Office.open(server!.url, seed)
    await server!.kill()
    for (let n = 0; n < kills; n++) {
      const at = `${n % 2 ? 'before' : 'after'} ${1 + random.below(statementsOfLife)}`
      server = await startServer({ ...env, KILL_AT: at }, ['--import', killStatement])
      await server?.ended
    }
    server = await startServer(env)
    wrong.push(...(await verdict(world, await office.close())), ...(await office.lostAtTheDesk(world)))
    await server!.kill()
  } finally {
    await world.close()
  }
}

/**
 * The server ends before and after statements of the push of one device, and the device sends the same edits again to
 * the next one. Spread evenly over all the statements such a push has, which is at each of them where `kills`
 * suffices. Answers with the number of these boundaries.
 */
async function killPushes(
  options: Options,
  seed: number,
  { kills, lane, lanes }: { kills: number; lane: number; lanes: number },
  walked: Map<string, number>,
  wrong: string[],
): Promise<number> {
  const world = await createWorld(options, fixture)
  const env = serverOf(world, await freePort())
  const start = async () => (await startServer(env, ['--import', killStatement]))!
  let server = await start()
  try {
    const device = await openDevice(server.url, 'editor')
    const { local, engine } = device
    /** The statements it took; null where the server ended. */
    const push = async (at: string): Promise<number | null> => {
      const { child } = server
      child.send(at)
      await once(child, 'message')
      const survived = once(child, 'message') as Promise<[number]>
      return engine.cycle().then(
        async () => (await survived)[0],
        () => null,
      )
    }
    /** A transaction of the server that is gone may be in the way for a moment. */
    const settle = async () => {
      for (let tries = 0; tries < 50; tries++) {
        const current = await engine.cycle().then(
          () => true,
          () => false,
        )
        if (current && local.counts().waiting === 0) return
        await delay(50)
      }
    }
    await settle()
    const work = dayOf(local)
    let statements = 0
    for (let n = 0; n < 3; n++) {
      work()
      statements = (await push('after Infinity'))!
    }
    for (let n = lane; n < kills; n += lanes) {
      const boundary = (seed + Math.floor((n * 2 * statements) / kills)) % (2 * statements)
      const at = `${boundary % 2 ? 'after' : 'before'} ${1 + Math.floor(boundary / 2)}`
      work()
      if ((await push(at)) === null) count(walked, at)
      await server.kill()
      server = await start()
      await settle()
    }
    const standing = standingOf(device)
    await device.close()
    wrong.push(...(await verdict(world, [standing])))
    return 2 * statements
  } finally {
    await server.kill()
    await world.close()
  }
}

/** Each time the same kinds of edits: a record is added and changed, the last one changed, the one before it deleted. */
function dayOf(local: LocalStore): () => void {
  const { id: siteId } = local.meta().profile!.sites[0]!
  const ids: string[] = []
  const shown = (back: number) => {
    const row = ids.at(-back) && local.read(ids.at(-back)!)
    return row && !row.needsAttention ? row : null
  }
  const change = (row: LocalInteraction | null, field: 'location' | 'notes', value: string) => {
    if (!row) return
    const opened = fieldsOf(row)
    local.save({ id: row.id, siteId, opened, fields: { ...opened, [field]: value } })
  }
  return () => {
    const token = `token ${ids.length}`
    ids.push(local.save({ siteId, opened: null, fields: { ...filled, title: token } }).id)
    change(shown(1), 'location', token)
    change(shown(2), 'notes', token)
    const last = shown(3)
    if (last) local.delete(last.id)
  }
}

/** PostgreSQL and the server on it, both gone at nearly the same time; the server starts both again. */
async function killDatabases(seed: number, kills: number, wrong: string[]): Promise<void> {
  const folder = await createFolder()
  const random = new Random(seed + 500)
  const postgres = await startEmbeddedPostgres(join(folder, 'postgres'))
  await populate(postgres.url, fixture)
  const port = String(await freePort())
  const env = { ...generous, DATABASE_URL: '', DATA_DIR: folder, PORT: port }
  let server = (await startServer(env))!
  const office = await Office.open(server.url, seed + 500)
  const killPostgres = async () => {
    const [pid] = (await readFile(join(postgres.data, 'postmaster.pid'), 'utf8')).split('\n')
    process.kill(Number(pid), 'SIGKILL')
  }
  try {
    for (let n = 0; n < kills; n++) {
      await delay(100 + random.below(500))
      const steps = random.chance(0.7) ? [killPostgres, server.kill] : [server.kill, killPostgres]
      await steps[0]!()
      await delay(random.below(400))
      await steps[1]!()
      server = (await startServer(env))!
    }
    // Adopts the one that the server has started.
    const { url, stop } = await startEmbeddedPostgres(join(folder, 'postgres'))
    const world = openWorld(url, folder, stop)
    wrong.push(...(await verdict(world, await office.close())), ...(await office.lostAtTheDesk(world)))
    await server.kill()
    await world.close()
  } finally {
    await server.kill()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** People who work on, whatever the server does: with the app, and at a desk. */
class Office {
  readonly #devices: Headless[]
  readonly #desk: Desk
  readonly #seed: number
  readonly #working: Promise<unknown>
  #closed = false
  #steps = 0

  static async open(url: string, seed: number): Promise<Office> {
    const devices = await Promise.all(people.map((person) => openDevice(url, person)))
    return new Office(devices, await Desk.at(url, seed), seed)
  }

  private constructor(devices: Headless[], desk: Desk, seed: number) {
    this.#devices = devices
    this.#desk = desk
    this.#seed = seed
    for (const device of devices) device.pacer.start()
    this.#working = Promise.all([...devices.map((device, n) => this.#work(device, n)), this.#sit()])
  }

  /** When all has arrived everywhere, where each device stands. */
  async close(): Promise<Standing[]> {
    this.#closed = true
    await this.#working
    const isQuiet = () => this.#devices.every(({ local }) => local.counts().waiting === 0)
    while (!isQuiet()) await delay(20)
    // What one of them sent last, the others have after their next cycle.
    for (const device of this.#devices) {
      const before = device.timesCurrent
      do {
        device.pacer.wake({ insist: true })
        await delay(20)
      } while (device.timesCurrent < before + 2)
    }
    const standings = this.#devices.map(standingOf)
    for (const device of this.#devices) await device.close()
    return standings
  }

  /** Records that somebody at the desk was told are there, and are not. */
  async lostAtTheDesk(world: World): Promise<string[]> {
    const there = await world.rows<{ id: string }>('SELECT id FROM interactions WHERE id = ANY($1)', [
      this.#desk.made,
    ])
    const ids = new Set(there.map(({ id }) => id))
    return this.#desk.made.filter((id) => !ids.has(id)).map((id) => `Lost though it was answered: ${id}`)
  }

  async #work({ local, pacer }: Headless, n: number) {
    const random = new Random(this.#seed * 10 + n)
    while (!this.#closed) {
      const { profile } = local.meta()
      const siteIds = profile!.sites.map(({ id }) => id)
      const step = String(++this.#steps).padStart(6, '0')
      const id = `0192f000-0000-7000-8000-${String(this.#seed).padStart(6, '0')}${step}`
      work(local, random, siteIds, `token ${step}`, id)
      pacer.wake()
      await delay(30 + random.below(100))
    }
  }

  async #sit() {
    while (!this.#closed) {
      // No answer, or a refusal: somebody else was quicker.
      await this.#desk.work().catch(() => {})
      await delay(40)
    }
  }
}

async function openDevice(url: string, person: string): Promise<Headless> {
  const session = await signIn(url, person)
  const tokens = keeper(session)
  const device = new Headless({ server: url, place: 'memory', timeout: 3000, haste: 30, tokens })
  device.client.accept(session)
  ledger.set(device.local.meta().deviceId, { saved: [], removed: [] })
  return device
}

function standingOf(device: Headless): Standing {
  const { profile, deviceId } = device.local.meta()
  const siteIds = profile!.sites.map(({ id }) => id)
  const rows = siteIds.flatMap((id) => device.rows(id))
  const items = device.local.queueItems()
  return { deviceId, userId: profile!.id, siteIds, rows, items, ...ledger.get(deviceId)! }
}

const ledger = new Map<string, { saved: Saved[]; removed: string[] }>()
watchPlans((deviceId, { add, remove }) => {
  const entries = ledger.get(deviceId)
  entries?.saved.push(...savedBy(add))
  entries?.removed.push(...remove.map(({ mutationId }) => mutationId))
})
