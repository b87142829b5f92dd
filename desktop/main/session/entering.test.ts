import { expect, it } from 'vitest'
import type { Tenant } from '#common/contract/tenants'
import type { Request } from '#desktop/bridge/channels'
import { SignInNeeded } from '../api/failures.ts'
import { Computer } from '../test/computer.ts'
import { alice, bob } from '../test/device.ts'
import { settled } from '../test/manual-clock.ts'
import { refusal } from '../test/server-model.ts'
import { WebModel } from '../test/web-model.ts'

const northwind: Tenant = {
  id: '0192f000-0000-7000-8000-0000000000f1',
  name: 'Northwind',
  slug: 'northwind',
  status: 'active',
  createdAt: '2026-01-01T00:00:00.000Z',
  users: 3,
  sites: 1,
  version: 1,
}
const people: Request<'people.list'> = {
  search: '',
  role: null,
  siteId: null,
  status: null,
  sort: 'displayName',
  page: 1,
}

/** Every request but those of sync and sign-in, as `GET /users in Northwind`. */
async function setUp() {
  const web = new WebModel()
  web.addUser('root', alice, {})
  web.model.setRoles(alice, ['super_admin'])
  const asked: string[] = []
  let tenant: Tenant | null = northwind
  let refused = false
  web.answer = ({ method, path, tenantId }) => {
    const where = tenantId === undefined ? 'at home' : tenantId === northwind.id ? 'in Northwind' : tenantId
    if (path.startsWith('/tenants/')) {
      if (!tenant || tenantId !== undefined) throw refusal(404, 'RESOURCE_NOT_FOUND')
      return { tenant }
    }
    asked.push(`${method} ${path} ${where}`)
    if (refused) throw refusal(403, 'AUTHORIZATION_ERROR')
    if (path === '/users') return { users: [], total: 0, page: 1, pageSize: 25 }
    if (path === '/auth/sessions') return { sessions: [] }
    return undefined
  }
  const computer = await new Computer(web).start()
  await computer.signIn('root')
  asked.length = 0
  return {
    web,
    computer,
    asked,
    enter: (id: string | null = northwind.id) => computer.do['tenants.enter']({ id }),
    become: (changed: Tenant | null) => (tenant = changed),
    refuse: () => (refused = true),
  }
}

it('in an organisation they have entered, every request about it says so, and what is one’s own does not', async () => {
  const { computer, asked, enter } = await setUp()
  expect(computer.session.state()).toMatchObject({ phase: 'choosing-site', entered: null })
  await enter()
  expect(computer.told.at(-1)).toMatchObject({
    entered: { id: northwind.id, name: 'Northwind', status: 'active' },
    user: { tenant: { name: 'Northwind' }, roles: ['super_admin', 'admin'], sites: [] },
  })
  await computer.do['people.list'](people)
  await computer.do['account.sessions']({})
  await computer.do['sync.now']({})
  await settled()
  expect(asked.filter((line) => !line.startsWith('GET /views'))).toEqual([
    'GET /users in Northwind',
    'GET /auth/sessions at home',
    'GET /sync/pull at home',
  ])
  await enter(null)
  expect(computer.session.state()).toMatchObject({
    entered: null,
    user: { tenant: null, roles: ['super_admin'] },
  })
  await computer.do['people.list'](people)
  expect(asked.at(-1)).toBe('GET /users at home')
})

it('nothing of it outlives the app or a sign-out', async () => {
  const { computer, enter } = await setUp()
  await enter()
  await computer.restart()
  expect(computer.session.state()).toMatchObject({ phase: 'choosing-site', entered: null })
  await enter()
  await computer.session.signOut({ leaveUnsent: true })
  await computer.signIn('root')
  expect(computer.session.state().entered).toBeNull()
})

it('a session that ends leaves them there, refused, until they give their password again', async () => {
  const { web, computer, asked, enter, become } = await setUp()
  await enter()
  const there = { entered: { id: northwind.id }, user: { tenant: { name: 'Northwind' } } }
  web.endSessions()
  await expect(computer.do['people.list'](people)).rejects.toThrow(SignInNeeded)
  await settled()
  expect(computer.session.state()).toMatchObject({ ...there, mustSignIn: true })
  await expect(computer.do['people.list'](people)).rejects.toThrow(SignInNeeded)
  asked.length = 0

  await computer.signIn('root')
  expect(computer.session.state()).toMatchObject({ ...there, mustSignIn: false })
  expect(computer.told.every(({ mustSignIn, entered }) => !mustSignIn || entered !== null)).toBe(true)
  await computer.do['people.list'](people)
  expect(asked.at(-1)).toBe('GET /users in Northwind')

  // Gone while nobody could look.
  web.endSessions()
  await computer.do['people.list'](people).catch(() => {})
  await settled()
  become(null)
  await computer.signIn('root')
  expect(computer.session.state()).toMatchObject({ entered: null, mustSignIn: false })
})

it('nobody else comes to where they were', async () => {
  const { web, computer, enter } = await setUp()
  web.addUser('bob', bob, {})
  web.model.setRoles(bob, ['super_admin'])
  await enter()
  web.endSessions()
  await computer.do['people.list'](people).catch(() => {})
  await settled()
  await computer.signIn('bob')
  expect(computer.session.state()).toMatchObject({ entered: null, user: { id: bob, tenant: null } })
})

it('an organisation is read as oneself, wherever one acts', async () => {
  const { computer, enter, become } = await setUp()
  await enter()
  become({ ...northwind, version: 2 })
  expect(await computer.do['tenants.read']({ id: northwind.id })).toMatchObject({ tenant: { version: 2 } })
})

it('only where the server has it, and only for super admins', async () => {
  const { web, computer, enter, become } = await setUp()
  become(null)
  await expect(enter()).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  expect(computer.session.state().entered).toBeNull()
  web.addUser('bob', bob, {})
  await computer.session.signOut({ leaveUnsent: true })
  await computer.signIn('bob')
  become(northwind)
  await enter()
  expect(computer.session.state()).toMatchObject({ entered: null, user: { roles: [] } })
})

it('who is no super admin any more is out with the request that is refused', async () => {
  const { web, computer, enter, refuse } = await setUp()
  await enter()
  web.model.setRoles(alice, [])
  refuse()
  await expect(computer.do['people.list'](people)).rejects.toMatchObject({ code: 'AUTHORIZATION_ERROR' })
  web.answer = () => undefined
  await computer.pass(1000)
  expect(computer.session.state()).toMatchObject({
    entered: null,
    user: { tenant: null, roles: [] },
    notice: expect.stringContaining('Northwind') as string,
  })
})

it('what becomes of it meanwhile is seen with the next contact', async () => {
  const { computer, enter, become } = await setUp()
  await enter()
  become({ ...northwind, name: 'Southwind', status: 'suspended' })
  await computer.do['sync.now']({})
  await settled()
  expect(computer.session.state()).toMatchObject({
    entered: { name: 'Southwind', status: 'suspended' },
    user: { tenant: { name: 'Southwind' } },
  })
  become(null)
  await computer.do['sync.now']({})
  await settled()
  expect(computer.session.state()).toMatchObject({
    entered: null,
    notice: expect.stringContaining('Southwind') as string,
  })
})
