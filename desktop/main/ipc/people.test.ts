import { describe, expect, it } from 'vitest'
import type { User } from '#common/contract/users'
import { Computer } from '../test/computer.ts'
import { alice, bob, siteA, siteB } from '../test/device.ts'
import { settled } from '../test/manual-clock.ts'
import { refusal } from '../test/server-model.ts'
import { WebModel } from '../test/web-model.ts'
import { toProblem } from './problem.ts'

const user: User = {
  id: bob,
  username: 'bob',
  email: 'bob@example.org',
  displayName: 'Bob',
  status: 'active',
  roles: [],
  sites: [{ id: siteA, name: 'A', role: 'editor' }],
  defaultSiteId: null,
  lastLoginAt: null,
  invitedAt: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  version: 3,
}

/** Everything asked of people and sites, as `POST /users/…/roles`; `refuse` may throw instead of an answer. */
async function setUp(refuse: (asked: string) => void = () => {}) {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'administrator', [siteB]: 'administrator' })
  const asked: string[] = []
  web.answer = ({ method, path, query }) => {
    if (!/^\/(users|sites)/.test(path)) return undefined
    const what = `${method} ${path}${query.size > 0 ? `?${query.toString()}` : ''}`
    asked.push(what)
    refuse(what)
    if (path.startsWith('/sites') && method === 'POST') {
      const { id, username, displayName } = user
      const assignedAt = user.createdAt
      return { success: true, user: { id, username, displayName, active: true, role: 'viewer', assignedAt } }
    }
    if (method === 'DELETE') return { success: true }
    if (method === 'GET') return { users: [user], total: 1, page: 1, pageSize: 25 }
    return { success: true, user }
  }
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  return { web, computer, asked, handlers: computer.do }
}

const changes = {
  id: bob,
  version: 3,
  texts: { displayName: 'Robert' },
  roles: ['agent' as const],
  sites: [
    { siteId: siteA, role: null },
    { siteId: siteB, role: 'viewer' as const },
  ],
}

describe('saving a person', () => {
  it('gives sites before it takes any, so that nobody is without one in between', async () => {
    const { handlers, asked } = await setUp()
    await handlers['people.save'](changes)
    expect(asked).toEqual([
      `PUT /users/${bob}`,
      `POST /sites/${siteB}/users`,
      `POST /users/${bob}/roles`,
      `DELETE /sites/${siteA}/users?userId=${bob}`,
    ])
  })

  it('asks for nothing that does not differ', async () => {
    const { handlers, asked } = await setUp()
    await handlers['people.save']({ ...changes, texts: {}, roles: null, sites: [] })
    expect(asked).toEqual([])
  })

  it('ends with what is refused', async () => {
    const { handlers, asked } = await setUp((what) => {
      if (what.endsWith('/roles')) throw refusal(400, 'VALIDATION_ERROR')
    })
    await expect(handlers['people.save'](changes)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    expect(asked.some((what) => what.startsWith('DELETE'))).toBe(false)
  })

  it('says, without the server, where people are kept', async () => {
    const { handlers, web } = await setUp()
    web.reachable = false
    const problem = await handlers['people.save'](changes).catch(toProblem)
    expect(problem).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringContaining('kept on the server') as string,
    })
  })
})

it('lists with what was chosen, and nothing else', async () => {
  const { handlers, asked } = await setUp()
  const query = { search: ' ', role: null, siteId: siteA, status: 'locked', sort: '-email', page: 2 } as const
  await handlers['people.list'](query)
  expect(asked).toEqual([`GET /users?site=${siteA}&status=locked&sort=-email&page=2`])
})

it('finds people to add by the names this device knows, without those who share theirs', async () => {
  const { web, computer, handlers, asked } = await setUp()
  const ids = [1, 2, 3].map((n) => `0192f000-0000-7000-8000-00000000000${n}`)
  for (const [index, displayName] of ['Ana Jones', 'Ana Jones', 'Ánna Adler'].entries())
    web.model.putPerson({ id: ids[index]!, displayName })
  await handlers['session.chooseSite']({ siteId: siteA, makeDefault: false })
  await computer.pass(60_000)
  await settled()
  const { people } = await handlers['people.find']({ search: 'an' })
  expect(people).toEqual([{ id: ids[2], displayName: 'Ánna Adler', detail: null }])
  expect(asked).toEqual([])
})

describe('what somebody can be known by', () => {
  it('is written, as the server tells it, into a file the person chooses', async () => {
    const { computer, handlers, web } = await setUp()
    const ask = () => handlers['people.copyData']({ id: bob, displayName: 'Bob: “B/C”' })
    expect(await ask()).toEqual({ saved: true })
    expect(JSON.parse(computer.file!.toString())).toMatchObject({ users: [{ username: 'bob' }] })
    computer.files.save = () => Promise.resolve(false)
    expect(await ask()).toEqual({ saved: false })
    web.reachable = false
    expect(await ask().catch(toProblem)).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  })

  it('is forgotten by the server', async () => {
    const { handlers, asked } = await setUp()
    await handlers['people.forget']({ id: bob })
    expect(asked).toEqual([`POST /users/${bob}/forget`])
  })
})

it('offers nobody who was forgotten', async () => {
  const { web, computer, handlers } = await setUp()
  web.model.putPerson({ id: '0192f000-0000-7000-8000-000000000009', displayName: 'Forgotten person' })
  await handlers['session.chooseSite']({ siteId: siteA, makeDefault: false })
  await computer.pass(60_000)
  await settled()
  expect(await handlers['people.find']({ search: 'forgotten' })).toEqual({ people: [] })
})
