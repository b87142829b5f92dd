import { expect, it } from 'vitest'
import { Computer } from '../test/computer.ts'
import { alice, siteA } from '../test/device.ts'
import { refusal } from '../test/server-model.ts'
import { WebModel } from '../test/web-model.ts'

const ids = [1, 2].map((number) => `0192f000-0000-7000-8000-0000000000d${number}`)
const query = { search: '', state: null, sort: '-lastUsedAt', page: 1 } as const

/** An admin's computer; the second of the two devices has signed out meanwhile. */
async function setUp() {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'administrator' })
  const asked: string[] = []
  web.answer = ({ method, path, query: given }) => {
    if (!path.startsWith('/admin/devices')) return undefined
    asked.push(`${method} ${path}?${given.toString()}`)
    if (method === 'GET') return { devices: [], total: 0, page: 1, pageSize: 25 }
    if (path.endsWith(ids[1]!)) throw refusal(404, 'RESOURCE_NOT_FOUND')
    return { success: true }
  }
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  return { web, computer, asked }
}

it('lists with what was chosen, and nothing else', async () => {
  const { computer, asked } = await setUp()
  await computer.do['devices.list'](query)
  await computer.do['devices.list']({ search: 'old laptop', state: 'unseen', sort: 'person', page: 3 })
  expect(asked).toEqual([
    'GET /admin/devices?sort=-lastUsedAt&page=1',
    'GET /admin/devices?search=old+laptop&state=unseen&sort=person&page=3',
  ])
})

it('signs a device out, also one that has signed out meanwhile', async () => {
  const { computer, asked } = await setUp()
  for (const id of ids) expect(await computer.do['devices.signOut']({ id })).toEqual({})
  expect(asked).toEqual(ids.map((id) => `DELETE /admin/devices/${id}?`))
})

it('says what the server is needed for when it is out of reach', async () => {
  const { web, computer } = await setUp()
  web.reachable = false
  for (const work of [computer.do['devices.list'](query), computer.do['devices.signOut']({ id: ids[0]! })])
    await expect(work).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringMatching(/^The devices of the organisation.* cannot be reached/) as string,
    })
})
