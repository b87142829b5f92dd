import { expect, it } from 'vitest'
import type { Mutation } from '#common/contract/sync'
import { AppError } from '#common/contract/errors'
import { NetworkError } from '../api/failures.ts'
import type { Plan } from '../outbox/entry.ts'
import type { Queue } from '../store/queue.ts'
import { Crash, Crashes } from '../test/crashes.ts'
import { alice, bob, Device, filled, type Network, online, siteA, siteB } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { Random } from '../test/random.ts'
import { ServerModel } from '../test/server-model.ts'

/**
 * Whole histories of three devices and a server under every kind of bad luck, checked against the invariants of
 * SYNC.md. A failure names its seed; `SIMULATION_SEED=<seed> npx vitest run desktop/main/sync/simulation` replays it.
 */

const replay = process.env.SIMULATION_SEED
const seeds = replay ? [Number(replay)] : Array.from({ length: 120 }, (_, index) => index + 1)
/** Every sixth history is on disk and has crashes in it; in memory there is nothing to come back to. */
const isOnDisk = (seed: number) => seed % 6 === 0

const carol = '0192f000-0000-7000-8000-0000000000c0'

class History {
  readonly random: Random
  readonly crashes: Crashes
  readonly onDisk: boolean
  readonly model = new ServerModel()
  readonly devices: Device[]
  /** What each device has put into its queue, and what the person has taken out again. */
  readonly saved = new Map<string, { device: string; mutation: Mutation }>()
  readonly removed = new Set<string>()
  #tokens = 0

  constructor(seed: number, crashes: Crashes) {
    this.random = new Random(seed)
    this.crashes = crashes
    this.onDisk = isOnDisk(seed)
    this.model.maxPage = this.random.pick([2, 5, 1000])!
    this.model.poison = ({ patch }) => patch.notes === 'poison'
    this.model.addUser(alice, { [siteA]: 'administrator', [siteB]: 'editor' })
    this.model.addUser(bob, { [siteA]: 'editor' })
    for (let n = 0; n < 6; n++)
      this.model.write(n % 3 ? siteA : siteB, this.#newId(), { ...filled, title: this.#token() }, carol)
    crashes.onStep = (name, self, args) => {
      if (name === 'carryOut') this.#note(self as Queue, args[0] as Plan)
    }
    const place = () => (this.onDisk ? { folder: temporaryFolder(), key: testKey } : 'memory')
    this.devices = [alice, alice, bob].map(
      (user) => new Device(this.model, user, { place: place(), newId: () => this.#newId() }),
    )
  }

  async run(steps: number) {
    for (let step = 0; step < steps; step++) {
      const device = this.random.pick(this.devices)!
      if (this.onDisk && this.random.chance(0.15)) this.crashes.arm(1 + this.random.below(12))
      try {
        await this.#step(device)
      } catch (error) {
        if (error instanceof Crash) device.restart()
        else if (!(error instanceof NetworkError) && !(error instanceof AppError)) throw error
      }
      this.crashes.disarm()
      this.#checkScreen(device)
    }
  }

  /** The network heals; nothing is saved any more. */
  async settle() {
    for (let round = 0; round < 3; round++) {
      for (const device of this.devices) {
        device.network = online
        await device.sync()
      }
    }
  }

  check() {
    for (const device of this.devices) {
      this.#checkScreen(device)
      const { waiting } = device.local.counts()
      expect(waiting, 'the queue drains').toBe(0)
      for (const { id } of this.model.users.get(device.userId)!.sites) this.#checkSite(device, id)
    }
    for (const [id, count] of this.model.effects) expect(count, `effects of ${id}`).toBe(1)
    for (const [id, { device, mutation }] of this.saved) this.#checkEnd(id, device, mutation)
  }

  async #step(device: Device) {
    const { random, model } = this
    const rows = [...device.seen().values()]
    const row = random.pick(rows)
    const item = random.pick(device.local.queueItems())
    const dice = random.below(100)
    if (dice < 15) device.add({ title: this.#token(), ...(random.chance(0.1) && { notes: 'poison' }) })
    else if (dice < 40 && row)
      device.edit(row.id, random.chance(0.5) ? { title: this.#token() } : { location: this.#token() })
    else if (dice < 45 && row) device.local.delete(row.id)
    else if (dice < 50 && item) device.local.discard(item.mutationId)
    else if (dice < 54 && item) device.local.retry(item.mutationId)
    else if (dice < 60 && item?.conflict) {
      device.local.resolve(
        item.mutationId,
        random.chance(0.5) ? (item.conflict.theirs ?? {}) && { title: this.#token() } : {},
      )
    } else if (dice < 66 && row && model.find(row.id)?.deleted === false) {
      model.write(row.siteId, row.id, random.chance(0.2) ? 'delete' : { location: this.#token() }, carol)
    } else if (dice < 68) {
      model.setSites(alice, { [siteA]: 'administrator', ...(random.chance(0.5) && { [siteB]: 'editor' }) })
    } else {
      device.network = this.#weather()
      await device.sync()
    }
  }

  #weather(): Network {
    const { random, crashes } = this
    const bad = random.pick([0, 0.1, 0.5])!
    return {
      send: (_, request) => {
        if (random.chance(bad)) throw new NetworkError('unreachable', 'the server')
        if (random.chance(bad / 2)) request()
        const answer = request()
        crashes.boundary()
        if (random.chance(bad)) throw new NetworkError('timeout', 'the server')
        return structuredClone(answer)
      },
    }
  }

  #note(queue: Queue, { add, remove }: Plan) {
    for (const mutation of add)
      this.saved.set(mutation.mutationId, { device: queue.meta().deviceId, mutation })
    for (const { mutationId } of remove) this.removed.add(mutationId)
  }

  /** An edit on screen never reverts without a word: it stays until the copy holds it, or the person took it back. */
  #checkScreen(device: Device) {
    const own = [...this.saved].filter(
      ([id, { device: name }]) => name === device.deviceId && !this.removed.has(id),
    )
    const queued = new Map(device.local.queueItems().map((item) => [item.mutationId, item]))
    const sites = new Set(device.local.meta().profile?.sites.map(({ id }) => id))
    const latest = new Map(own.map(([id, { mutation }]) => [mutation.entityId, { id, mutation }]))
    for (const [entityId, { id, mutation }] of latest) {
      if (!sites.has(mutation.siteId)) continue
      const shown = device.local.read(entityId)
      const version = this.model.receipt(device.deviceId, id)?.version ?? Infinity
      const caughtUp = !queued.has(id) && (shown?.version ?? 0) >= version
      if (mutation.op === 'delete') {
        if (queued.get(id)?.state === 'waiting') expect(shown, `${entityId} is gone`).toBeNull()
      } else if (!caughtUp && !(this.model.find(entityId)?.deleted && !queued.has(id))) {
        expect(shown, `${entityId} is as it was saved`).toMatchObject(mutation.patch)
      }
    }
  }

  /** Every device equals the server for the sites it may see; nothing deleted comes back. */
  #checkSite(device: Device, siteId: string) {
    const seen = [...device.seen(siteId).values()]
    const held = new Set(device.local.queueItems().map(({ entityId }) => entityId))
    const server = this.model.live(siteId).filter(({ id }) => !held.has(id))
    const rows = seen
      .filter(({ id }) => !held.has(id))
      .map(({ unsent, needsAttention, ...record }) => ({ record, unsent, needsAttention }))
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
    expect(rows.map(({ record }) => record).sort(byId)).toEqual(server.sort(byId))
    expect(rows.every(({ unsent, needsAttention }) => !unsent && !needsAttention)).toBe(true)
  }

  /** Every saved mutation ends in exactly one way. */
  #checkEnd(id: string, deviceId: string, mutation: Mutation) {
    const device = this.devices.find((each) => each.deviceId === deviceId)!
    const ends = [
      this.model.receipt(deviceId, id)?.result.status === 'applied' && 'applied',
      device.local.queueItems().some((item) => item.mutationId === id) && 'needs attention',
      this.removed.has(id) && 'removed by the person',
    ].filter(Boolean)
    expect(ends, `the end of ${mutation.op} ${id}`).toHaveLength(1)
  }

  #token() {
    return `token ${++this.#tokens}`
  }

  #ids = 0
  #newId() {
    return `0192f000-0000-7000-8000-${String(++this.#ids).padStart(12, '0')}`
  }

  close() {
    for (const device of this.devices) device.close()
  }
}

it('keeps the promises of sync through any history', { timeout: 120_000 }, async () => {
  const crashes = new Crashes()
  for (const seed of seeds) {
    try {
      const history = new History(seed, crashes)
      await history.run(60)
      await history.settle()
      history.check()
      history.close()
    } catch (error) {
      throw new Error(`SIMULATION_SEED=${seed} npx vitest run desktop/main/sync/simulation`, { cause: error })
    }
  }
})
