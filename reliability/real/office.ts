import { setTimeout as delay } from 'node:timers/promises'
import type { Interaction } from '#common/contract/interactions'
import { Random } from '#desktop/main/test/random'
import { meeting } from '#server/test/app'
import { brokenChains } from '#server/test/audit-chain'
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
import { ask, generous, signIn } from './server-process.ts'
import { work } from './work.ts'
import type { World } from './world.ts'

/** Two people's devices, and somebody at a desk who changes the same records. */
export const people = ['editor', 'manager'] as const

/** What a server on this world is started with. */
export const serverOf = (world: World, port = 0) => ({
  ...generous,
  DATABASE_URL: world.url,
  DATA_DIR: world.folder,
  JWT_PRIVATE_KEY: world.key,
  ACCESS_TOKEN_TTL: '3600',
  PORT: String(port),
})

/** What is wrong when all is quiet, with each edit, with what devices show, and with the audit. */
export async function verdict(world: World, standings: Standing[]): Promise<string[]> {
  return [
    ...(await brokenPromises(world, standings)),
    ...(await doubledEffects(world)),
    ...(await unmatchedReceipts(world, standings)),
    ...(await brokenChains(world.rows)).map((where) => `Audit chain: ${where}`),
  ]
}

/** Somebody who works at the server itself, one answer at a time. */
export class Desk {
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

/** People who work on, whatever the server does: with the app, and at a desk. */
export class Office {
  readonly #devices: Headless[]
  readonly #desk: Desk | null
  readonly #seed: number
  readonly #working: Promise<unknown>
  #closed = false
  #steps = 0

  /** Without a desk every edit is one of a device's. */
  static async open(url: string, seed: number, { desk = true } = {}): Promise<Office> {
    const devices = await Promise.all(people.map((person) => openDevice(url, person)))
    return new Office(devices, desk ? await Desk.at(url, seed) : null, seed)
  }

  private constructor(devices: Headless[], desk: Desk | null, seed: number) {
    this.#devices = devices
    this.#desk = desk
    this.#seed = seed
    for (const device of devices) device.pacer.start()
    this.#working = Promise.all([...devices.map((device, n) => this.#work(device, n)), this.#sit()])
  }

  /** Edits that no server has answered yet. */
  get waiting(): number {
    return this.#devices.reduce((sum, { local }) => sum + local.counts().waiting, 0)
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
    const made = this.#desk?.made ?? []
    const there = await world.rows<{ id: string }>('SELECT id FROM interactions WHERE id = ANY($1)', [made])
    const ids = new Set(there.map(({ id }) => id))
    return made.filter((id) => !ids.has(id)).map((id) => `Lost though it was answered: ${id}`)
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
    while (this.#desk && !this.#closed) {
      // No answer, or a refusal: somebody else was quicker.
      await this.#desk.work().catch(() => {})
      await delay(40)
    }
  }
}

export async function openDevice(url: string, person: string): Promise<Headless> {
  const session = await signIn(url, person)
  const tokens = keeper(session)
  const device = new Headless({ server: url, place: 'memory', timeout: 3000, haste: 30, tokens })
  device.client.accept(session)
  ledger.set(device.local.meta().deviceId, { saved: [], removed: [] })
  return device
}

export function standingOf(device: Headless): Standing {
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
