import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Interaction, InteractionFields } from '#common/contract/interactions'
import type { Mutation, MutationResult, PullPage, SentMutation } from '#common/contract/sync'
import { fieldsOf } from '#common/rules/interaction-rules'
import { digestOf } from '#desktop/main/outbox/fields'
import { Random } from '#desktop/main/test/random'
import { ServerModel } from '#desktop/main/test/server-model'
import { type Client, createTestApp, meeting, type Pushed, type TestApp } from '#server/test/app'
import { createDevice } from '#server/test/device'
import { createReplica } from '#server/test/replica'

/**
 * The model of the server that the simulations run against, held against the server: the same mutations and direct
 * writes go to both, and answers and what pulls lead to have to be the same. Where they are not one of them is wrong.
 */

const sequences = 60
const stepsOfOne = 30

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

type Name = 'editor' | 'colleague' | 'manager' | 'viewer'
const names: readonly Name[] = ['editor', 'editor', 'colleague', 'manager', 'viewer']

/** What both say, without what only the clock decides. */
const comparable = (record: Interaction | null | undefined) =>
  record && {
    ...fieldsOf(record),
    id: record.id,
    version: record.version,
    createdBy: record.createdBy,
    updatedBy: record.updatedBy,
  }

const saying = ({ mutationId, status, record, conflict, problem }: Pushed) => ({
  mutationId,
  status,
  record: comparable(record),
  conflict: conflict && {
    ...conflict,
    fields: [...conflict.fields].sort(),
    theirs: comparable(conflict.theirs),
  },
  problem: problem?.code,
})

/** A person's device at both servers. */
class Both {
  readonly name: Name
  readonly deviceId = randomUUID()
  readonly device: ReturnType<typeof createDevice>
  readonly real: Client
  readonly #model: ServerModel
  readonly replica: ReturnType<typeof createReplica>
  readonly #modelled: ReturnType<typeof createReplica>
  readonly sent: Mutation[] = []

  constructor(name: Name, siteId: string, model: ServerModel) {
    this.name = name
    this.#model = model
    this.device = createDevice(siteId, this.deviceId)
    this.real = server.as(name, siteId)
    this.replica = createReplica(this.real, this.deviceId)
    const pull = ({ deviceId, cursor, limit }: { deviceId?: string; cursor?: string; limit?: number }) =>
      Promise.resolve(model.pull(this.userId, deviceId!, cursor, limit!))
    this.#modelled = createReplica({ ...this.real, pull }, this.deviceId)
  }

  get userId() {
    return server.ids.users[this.name]
  }

  async push(mutations: readonly SentMutation[]) {
    const real = await patiently(() => this.real.push(this.deviceId, [...mutations]))
    const modelled = this.#model.push(this.userId, this.deviceId, mutations)
    expect((modelled as Pushed[]).map(saying)).toEqual(real.map(saying))
  }

  async catchUp(limit: number) {
    await patiently(() => this.replica.catchUp(limit))
    await this.#modelled.catchUp(limit)
    const content = ({ records }: { records: ReadonlyMap<string, Interaction> }) =>
      [...records.values()].map(comparable).sort((a, b) => (a!.id < b!.id ? -1 : 1))
    expect(content(this.#modelled)).toEqual(content(this.replica))
    const said = (receipts: readonly MutationResult[]) =>
      Object.fromEntries(receipts.map(({ mutationId, status }) => [mutationId, status]))
    expect(said(this.#modelled.receipts)).toEqual(said(this.replica.receipts))
    expect([...this.#modelled.types.keys()].sort()).toEqual([...this.replica.types.keys()].sort())
  }
}

class Sequence {
  readonly #random: Random
  readonly #model = new ServerModel()
  readonly #site = server.ids.sites.Marketing
  readonly #all: Both[]
  #words = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
    const { users, sites } = server.ids
    this.#model.addUser(users.editor, { [sites.Marketing]: 'editor', [sites.Sales]: 'editor' })
    this.#model.addUser(users.colleague, { [sites.Marketing]: 'editor' })
    this.#model.addUser(users.viewer, { [sites.Marketing]: 'viewer' })
    this.#model.addUser(users.manager, { [sites.Marketing]: 'administrator' })
    this.#all = [0, 1, 2].map(() => new Both(this.#random.pick(names)!, this.#site, this.#model))
  }

  async run() {
    await this.#takeOver()
    for (let step = 0; step < stepsOfOne; step++) await this.#step()
    for (const both of this.#all) await both.catchUp(1000)
  }

  /** The model begins with what the server has. */
  async #takeOver() {
    const editor = server.as('editor', this.#site)
    const pages: PullPage[] = []
    do {
      const cursor = pages.at(-1)?.cursor
      pages.push(
        await patiently(() =>
          editor.pull({ deviceId: randomUUID(), limit: 1000, ...(cursor && { cursor }) }),
        ),
      )
    } while (pages.at(-1)!.hasMore)
    for (const change of pages.flatMap(({ changes }) => changes)) {
      if (change.entity === 'interaction') this.#model.adopt(change.record)
      else if (change.entity === 'person') this.#model.putPerson(change.record)
      else if (change.entity === 'interactionType') this.#model.putType(change.record)
    }
  }

  async #step() {
    const random = this.#random
    const both = random.pick(this.#all)!
    const dice = random.below(10)
    if (dice < 2) return both.catchUp(random.pick([2, 3, 10, 1000])!)
    if (dice < 4) return this.#writeDirectly()
    const mutations = Array.from({ length: 1 + random.below(3) }, () => this.#mutation(both))
    both.sent.push(...(mutations.filter((each) => 'op' in each) as Mutation[]))
    await both.push(mutations)
  }

  /** Somebody in a browser. */
  async #writeDirectly() {
    const admin = server.as('manager', this.#site)
    const by = server.ids.users.manager
    const [record] = this.#model.live(this.#site).toSorted(() => this.#random.next() - 0.5)
    if (!record || this.#random.chance(0.3)) {
      const id = randomUUID()
      const title = this.#word()
      await patiently(() => admin.create({ id, title }))
      this.#model.write(this.#site, id, { ...meeting, title }, by)
    } else if (this.#random.chance(0.2)) {
      await patiently(async () => {
        const { status, text } = await admin.delete(`/interactions/${record.id}`)
        if (status >= 300) throw new Error(`Not deleted: ${text}`)
      })
      this.#model.write(this.#site, record.id, 'delete', by)
    } else {
      const { status: _, ...changes } = { title: this.#word(), ...this.#changes() }
      await patiently(() => admin.update(record, changes))
      this.#model.write(this.#site, record.id, changes, by)
    }
  }

  #mutation(both: Both): SentMutation {
    const random = this.#random
    const dice = random.below(20)
    const earlier = random.pick(both.sent)
    const seen = random.pick([...both.replica.records.values()])
    if (dice === 0 && earlier) return earlier
    if (dice === 1 && earlier) return { ...earlier, patch: { title: 'Another' } } as SentMutation
    if (dice === 2) return { ...both.device.create(), schemaVersion: 99 } as SentMutation
    if (dice === 3) return both.device.create({ title: null })
    if (dice === 4) return both.device.create({ type: 'Dance' })
    if (dice === 5) return both.device.create({}, { siteId: server.ids.sites.Support })
    if (dice === 6)
      return both.device.update(
        {
          ...meeting,
          location: '',
          description: '',
          notes: '',
          status: 'complete',
          id: randomUUID(),
          version: 1,
        },
        { title: this.#word() },
      )
    if (dice < 9) return both.device.create({ title: this.#word() })
    if (dice < 11 && earlier) return both.device.update(withFields(earlier), this.#changes(), earlier)
    if (dice < 13 && seen) return { ...both.device.remove(seen), seen: digestOf(seen) } as Mutation
    if (dice < 14 && earlier) return both.device.remove({ id: earlier.entityId }, earlier)
    if (!seen) return both.device.create({ title: this.#word() })
    const edit = both.device.update(seen, this.#changes())
    if (dice < 16) return asWrittenOnce(edit)
    if (dice < 17) return { ...edit, base: {} } as SentMutation
    if (dice < 18)
      return {
        ...edit,
        patch: {},
        base: {},
        resolves: { mutationId: randomUUID(), mine: edit.patch, theirs: edit.base },
      } as Mutation
    return edit
  }

  #changes(): Partial<InteractionFields> {
    const random = this.#random
    return random.pick<Partial<InteractionFields>>([
      { title: this.#word() },
      { title: 'Always the same' },
      { location: this.#word() },
      { type: random.pick(['Meeting', 'Call'])! },
      { status: random.pick(['complete', 'active', 'archived'] as const)! },
      { timezone: random.pick(['Europe/Berlin', 'Asia/Tokyo'])! },
      { endDateTime: `2026-03-02T1${random.below(9)}:30:00.000Z` },
    ])!
  }

  #word() {
    return `Word ${++this.#words}`
  }
}

/** A server on a machine with much else to do asks to be left alone for a moment. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries === 100 || !String(error).includes('SERVICE_UNAVAILABLE')) throw error
      await delay(100)
    }
  }
}

const withFields = ({ entityId, patch }: Mutation) => ({
  ...meeting,
  location: '',
  description: '',
  notes: '',
  status: 'complete' as const,
  ...patch,
  id: entityId,
})

/** In the first shape there was. */
function asWrittenOnce({ seen: _, resolves: __, ...mutation }: Mutation): SentMutation {
  return { ...mutation, schemaVersion: 1 } as SentMutation
}

test('the model answers and leads to the same as the server', { timeout: 600_000 }, async () => {
  for (let seed = 1; seed <= sequences; seed++) {
    try {
      await new Sequence(seed).run()
    } catch (error) {
      throw new Error(`Sequence ${seed} leads apart: ${(error as Error).message}`, { cause: error })
    }
  }
})
