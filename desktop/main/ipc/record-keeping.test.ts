import { describe, expect, it } from 'vitest'
import type { Interaction, InteractionFields } from '#common/contract/interactions'
import type { HistoryEntry } from '#common/contract/record-keeping'
import type { Draft } from '#desktop/bridge/channels'
import { toProblem } from './problem.ts'
import { Computer } from '../test/computer.ts'
import { alice, bob, filled, siteA, siteB } from '../test/device.ts'
import { settled } from '../test/manual-clock.ts'
import { record } from '../test/records.ts'
import { refusal } from '../test/server-model.ts'
import { WebModel, type WebRequest } from '../test/web-model.ts'

const id = '0192f000-0000-7000-8000-000000000001'

async function setUp() {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'administrator', [siteB]: 'administrator' })
  web.model.write(siteA, id, filled, bob)
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  const save = (fields: Partial<InteractionFields>, opened: InteractionFields = filled) =>
    computer.do['interaction.save']({ id, siteId: siteA, opened, fields: { ...opened, ...fields } })
  return { web, computer, handlers: computer.do, save }
}

const offline = (web: WebModel) => {
  web.reachable = false
}

const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => toProblem(error),
  )

describe('history', () => {
  const entry: HistoryEntry = {
    id: '0192f000-0000-7000-8000-0000000000e1',
    at: '2026-01-01T00:00:01.000Z',
    action: 'created',
    actor: { id: bob, displayName: 'Bob' },
    device: 'Desk',
    version: 1,
    before: {},
    after: { title: 'Kick-off' },
  }
  const read = (computer: Computer, before: string | null = null) =>
    computer.do['interaction.history']({ id, before })

  it('is the server’s, and on top of it what still waits here', async () => {
    const { web, computer, save } = await setUp()
    const requests: WebRequest[] = []
    web.answer = (request) => {
      if (!request.path.endsWith('/history')) return undefined
      requests.push(request)
      return { entries: [entry], hasMore: true }
    }
    await save({ title: 'Sent' })
    await settled()
    await settled()
    const { local } = { local: computer.session.workspace().store }
    await local.save({
      id,
      siteId: siteA,
      opened: { ...filled, title: 'Sent' },
      fields: { ...filled, title: 'Waits' },
    })
    expect(await read(computer)).toEqual({
      entries: [
        {
          id: expect.any(String) as string,
          at: expect.any(String) as string,
          action: 'updated',
          actor: { id: alice, displayName: 'Someone' },
          device: 'Test',
          version: null,
          before: { title: 'Sent' },
          after: { title: 'Waits' },
        },
        entry,
      ],
      hasMore: true,
      complete: true,
    })
    expect(requests[0]).toMatchObject({ path: `/interactions/${id}/history`, siteId: siteA })
    expect((await read(computer, entry.id)).entries).toEqual([entry])
    expect(requests[1]!.query.get('before')).toBe(entry.id)
  })

  it('is, offline, what was done on this device', async () => {
    const { web, computer, save } = await setUp()
    await save({ title: 'Sent' })
    await settled()
    await settled()
    offline(web)
    await save({ lead: 'Bo' }, { ...filled, title: 'Sent' })
    const { entries, ...rest } = await read(computer)
    expect(entries.map(({ after }) => after)).toEqual([{ lead: 'Bo' }, { title: 'Sent' }])
    expect(rest).toEqual({ hasMore: false, complete: false })
  })

  it('of a record the server has not got is what waits', async () => {
    const { web, computer } = await setUp()
    web.answer = ({ path }) => {
      if (path.endsWith('/history')) throw refusal(404, 'RESOURCE_NOT_FOUND')
    }
    offline(web)
    const { interaction } = await computer.do['interaction.save']({
      siteId: siteA,
      opened: null,
      fields: filled,
    })
    web.reachable = true
    const answer = await computer.do['interaction.history']({ id: interaction.id, before: null })
    expect(answer).toMatchObject({ entries: [{ action: 'created' }], complete: true })
    await expect(read(computer)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  })
})

describe('undoing a bulk deletion', () => {
  async function deleted() {
    const set = await setUp()
    const { web, handlers } = set
    const others = [2, 3].map((n) => `0192f000-0000-7000-8000-00000000000${n}`)
    for (const other of others) web.model.write(siteA, other, filled, bob)
    await set.computer.pass(20_000)
    const ids = [id, ...others]
    expect(await handlers['bulk.plan']({ siteId: siteA, ids, change: { kind: 'delete' } })).toMatchObject({
      ready: 3,
    })
    const { bulkId } = await handlers['bulk.apply']({ siteId: siteA, ids, change: { kind: 'delete' } })
    await set.computer.pass(20_000)
    expect(web.model.live(siteA)).toEqual([])
    return { ...set, ids, bulkId }
  }
  const restoring = (web: WebModel, refuse: (id: string) => void = () => {}) => {
    web.answer = ({ path }) => {
      const [, restored] = /^\/interactions\/(.+)\/restore$/.exec(path) ?? []
      if (!restored) return undefined
      refuse(restored)
      const found = web.model.find(restored)!.record
      web.model.bringBack(restored, alice)
      return { success: true, interaction: { ...found, version: found.version + 1 } satisfies Interaction }
    }
  }

  it('restores through the server what it has, and says what it refuses', async () => {
    const { web, computer, handlers, ids, bulkId } = await deleted()
    restoring(web, (restored) => {
      if (restored === ids[1]) throw refusal(403, 'AUTHORIZATION_ERROR', 'Not yours')
    })
    expect(await handlers['bulk.undo']({ bulkId })).toEqual({
      done: 2,
      refused: [{ id: ids[1], title: 'Kick-off', reason: 'Not yours' }],
    })
    await computer.pass(1)
    expect(web.model.live(siteA).map((each) => each.id)).toEqual([ids[0], ids[2]])
    const shown = await handlers['finder.ids']({ siteId: siteA, filter: {}, sort: [] })
    expect(new Set(shown.ids)).toEqual(new Set([ids[0], ids[2]]))
  })

  it('can be tried again when the server is back', async () => {
    const { web, handlers, ids, bulkId } = await deleted()
    restoring(web)
    offline(web)
    const { done, refused } = await handlers['bulk.undo']({ bulkId })
    expect([done, refused.map(({ reason }) => reason)]).toEqual([
      0,
      ids.map(() => expect.stringContaining('cannot be reached') as string),
    ])
    web.reachable = true
    expect(await handlers['bulk.undo']({ bulkId })).toEqual({ done: 3, refused: [] })
  })
})

it('undoing what is not sent yet is told to the window', async () => {
  const { web, computer, handlers } = await setUp()
  offline(web)
  const change = { kind: 'archive' } as const
  const { bulkId } = await handlers['bulk.apply']({ siteId: siteA, ids: [id], change })
  computer.dataChanged.length = 0
  await handlers['bulk.undo']({ bulkId })
  expect(computer.dataChanged).toContain(siteA)
})

describe('what needs the server', () => {
  it('says so without it', async () => {
    const { web, handlers } = await setUp()
    offline(web)
    const list = { siteId: siteA, search: '', page: 1 }
    const settings = { siteId: siteA, settings: { pageSize: 50 } }
    expect(await problemOf(handlers['deleted.list'](list))).toEqual({
      code: 'SERVICE_UNAVAILABLE',
      message:
        'Deleted interactions are kept on the server only. The server at http://127.0.0.1:3000 cannot be reached. Check the network and try again.',
      reference: null,
      details: [],
    })
    for (const work of [
      handlers['deleted.restore']({ siteId: siteA, id }),
      handlers['types.list']({}),
      handlers['types.add']({ name: 'Call' }),
      handlers['types.update']({ id, active: false }),
      handlers['types.delete']({ id }),
      handlers['site.settings'](settings),
    ])
      expect(await problemOf(work)).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  })

  it('is asked of it in the site, and what it changes is fetched at once', async () => {
    const { web, computer, handlers } = await setUp()
    const requests: Partial<WebRequest>[] = []
    const type = { id, name: 'Call', position: 0, active: true, used: 0 }
    const gone = { ...record({ id }), deletedAt: '2026-05-01T00:00:00.000Z', deletedBy: bob }
    const answers: Record<string, unknown> = {
      'GET /interactions/deleted': { interactions: [gone], total: 1, page: 2, pageSize: 25 },
      'GET /interaction-types': { types: [type] },
      'POST /interaction-types': { success: true, type },
    }
    web.answer = ({ method, path, query, siteId, body }) => {
      const found = answers[`${method} ${path}`]
      if (!found) return undefined
      requests.push({ path, siteId, body })
      if (path.endsWith('deleted')) expect(Object.fromEntries(query)).toEqual({ page: '2', search: 'kick' })
      if (method === 'POST') web.model.putType({ id, name: body.name as string, position: 0 })
      return found
    }
    expect(await handlers['deleted.list']({ siteId: siteB, search: 'kick', page: 2 })).toEqual({
      interactions: [gone],
      total: 1,
      pageSize: 25,
    })
    expect(requests[0]!.siteId).toBe(siteB)
    expect(await handlers['types.list']({})).toEqual({ types: [type] })
    computer.dataChanged.length = 0
    expect(await handlers['types.add']({ name: 'Call' })).toEqual({})
    await settled()
    expect(new Set(computer.dataChanged)).toEqual(new Set([siteA, siteB]))
    expect(await handlers['lookups.read']({ siteId: siteA })).toMatchObject({ types: ['Call'] })
  })
})

describe('what was typed and not saved', () => {
  const draft: Draft = { opened: null, values: { title: 'Half a tit' } }

  it('is kept by form, through a crash, until it is dropped', async () => {
    const { computer } = await setUp()
    const ask = (recordId: string | null, siteId = siteA) =>
      computer.do['draft.read']({ siteId, id: recordId }).then(({ draft: kept }) => kept?.values ?? null)
    await computer.do['draft.keep']({ siteId: siteA, id: null, draft })
    await computer.do['draft.keep']({
      siteId: siteA,
      id,
      draft: { opened: filled, values: { title: 'First' } },
    })
    await computer.do['draft.keep']({
      siteId: siteA,
      id,
      draft: { opened: filled, values: { title: 'Other' } },
    })
    await computer.restart({ crash: true })
    expect(await ask(null)).toEqual(draft.values)
    expect(await computer.do['draft.read']({ siteId: siteA, id })).toEqual({
      draft: { opened: filled, values: { title: 'Other' }, savedAt: expect.any(String) as string },
    })
    expect([await ask(null, siteB), await ask(bob)]).toEqual([null, null])
    await computer.do['draft.drop']({ siteId: siteA, id: null })
    expect([await ask(null), await ask(id)]).toEqual([null, { title: 'Other' }])
  })

  it('is over when it is saved, even without a change', async () => {
    const { handlers, save } = await setUp()
    const kept = (recordId: string | null) => handlers['draft.read']({ siteId: siteA, id: recordId })
    await handlers['draft.keep']({ siteId: siteA, id: null, draft })
    await handlers['draft.keep']({ siteId: siteA, id, draft })
    const nothing = { ...filled, title: null }
    await expect(
      handlers['interaction.save']({ siteId: siteA, opened: null, fields: nothing }),
    ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    expect(await kept(null)).toMatchObject({ draft })
    await handlers['interaction.save']({ siteId: siteA, opened: null, fields: filled })
    expect([await kept(null), await kept(id)]).toMatchObject([{ draft: null }, { draft }])
    await save({})
    expect(await kept(id)).toEqual({ draft: null })
  })

  it('in a site that was taken away comes back with it', async () => {
    const { web, computer, handlers } = await setUp()
    await handlers['draft.keep']({ siteId: siteB, id: null, draft })
    web.model.setSites(alice, { [siteA]: 'editor' })
    await computer.pass(20_000)
    expect(await handlers['draft.read']({ siteId: siteB, id: null })).toEqual({ draft: null })
    web.model.setSites(alice, { [siteA]: 'editor', [siteB]: 'editor' })
    await computer.pass(20_000)
    expect(await handlers['draft.read']({ siteId: siteB, id: null })).toMatchObject({ draft })
  })
})

it('how a person likes this device is kept with their account', async () => {
  const { web, computer } = await setUp()
  await computer.do['preferences.write']({ name: 'columns', value: [{ name: 'title', width: 300 }] })
  await computer.do['preferences.write']({ name: 'paging', value: 'pages' })
  await computer.do['preferences.write']({ name: 'paging', value: 'endless' })
  await computer.do['preferences.write']({ name: 'gone', value: true })
  await computer.do['preferences.write']({ name: 'gone', value: undefined })
  const tooMuch = computer.do['preferences.write']({ name: 'x', value: 'x'.repeat(200_000) })
  await expect(tooMuch).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  await computer.restart()
  const preferences = { columns: [{ name: 'title', width: 300 }], paging: 'endless' }
  expect(await computer.do['preferences.read']({})).toEqual({ preferences })
  web.addUser('bob', bob, { [siteA]: 'editor' })
  await computer.session.signOut({ leaveUnsent: true })
  await computer.signIn('bob')
  expect(await computer.do['preferences.read']({})).toEqual({ preferences: {} })
})

it('the window closes when it says so', async () => {
  const { computer, handlers } = await setUp()
  await handlers['window.close']({})
  expect(computer.closings).toBe(1)
})
