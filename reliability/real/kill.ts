import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, startEmbeddedPostgres } from '#db/embedded'
import { fieldsOf } from '#common/rules/interaction-rules'
import type { LocalInteraction } from '#desktop/bridge/channels'
import type { LocalStore } from '#desktop/main/store/local-store'
import { filled } from '#desktop/main/test/device'
import { Random } from '#desktop/main/test/random'
import { fixture } from '#server/test/fixture'
import { numberOf, type Options, type Part } from '../part.ts'
import type { DeviceOrder } from './device-process.ts'
import type { Saved, Standing } from './ledger.ts'
import { Desk, Office, openDevice, people, serverOf, standingOf, verdict } from './office.ts'
import { compiled, generous, preloads, signIn, startServer } from './server-process.ts'
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
