import { expect, it } from 'vitest'
import { Computer } from '../test/computer.ts'
import { alice, siteA } from '../test/device.ts'
import { WebModel } from '../test/web-model.ts'

const everything = { siteId: null, from: null, to: null, actor: null, action: null, entityId: null }
const from = '2026-11-01T00:00:00.000Z'
const to = '2026-11-08T00:00:00.000Z'

async function setUp() {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'administrator' })
  const asked: string[] = []
  web.answer = ({ method, path, query }) => {
    if (!path.includes('audit') && !path.includes('activity')) return undefined
    asked.push(`${method} ${path}?${decodeURIComponent(query.toString())}`)
    if (path.endsWith('export')) return 'file'
    if (path.includes('audit')) return { entries: [], nextCursor: 'next' }
    return { users: [], total: 0, page: 1, pageSize: 25, days: [] }
  }
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  return { web, computer, asked }
}

it('asks for all of the organisation where nothing is chosen', async () => {
  const { computer, asked } = await setUp()
  const page = await computer.do['audit.list']({ query: everything, cursor: null })
  expect(page).toEqual({ entries: [], nextCursor: 'next' })
  expect(asked).toEqual(['GET /audit?'])
})

it('asks for what was chosen, of a site at that site, and for the next page', async () => {
  const { computer, asked } = await setUp()
  const query = { ...everything, from, to, actor: alice, action: 'team.*', entityId: siteA }
  await computer.do['audit.list']({ query, cursor: null })
  await computer.do['audit.list']({ query: { ...everything, siteId: siteA }, cursor: 'c' })
  expect(asked).toEqual([
    `GET /audit?from=${from}&to=${to}&actor=${alice}&action=team.*&entityId=${siteA}`,
    `GET /sites/${siteA}/audit?cursor=c`,
  ])
})

it('writes what was chosen into a file that is called after what it is and the day', async () => {
  const { computer, asked } = await setUp()
  const names: string[] = []
  const { save } = computer.files
  computer.files.save = (name, content) => {
    names.push(name)
    return save(name, content)
  }
  expect(await computer.do['audit.export']({ query: { ...everything, action: 'team.*' } })).toEqual({
    saved: true,
  })
  expect(String(computer.file)).toBe('"file"')
  await computer.do['audit.export']({ query: { ...everything, siteId: siteA, from } })
  expect(asked).toEqual([`GET /audit/export?action=team.*`, `GET /sites/${siteA}/audit/export?from=${from}`])
  for (const name of names) expect(name).toMatch(/^Fieldbook audit \d{4}-\d\d-\d\d\.csv$/)
})

it('asks for the activity of a period as the days of a place go, and of whom was searched', async () => {
  const { computer, asked } = await setUp()
  const period = { from, to, timezone: 'Europe/Berlin' }
  await computer.do['activity.read']({ ...period, search: ' ', page: 1 })
  await computer.do['activity.read']({ ...period, search: 'ada', page: 2 })
  const start = `GET /admin/users/activity?from=${from}&to=${to}&timezone=Europe/Berlin`
  expect(asked).toEqual([`${start}&page=1`, `${start}&page=2&search=ada`])
})

it('says what the server is needed for when it is out of reach', async () => {
  const { web, computer } = await setUp()
  web.reachable = false
  await expect(computer.do['audit.list']({ query: everything, cursor: null })).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: expect.stringMatching(/^The audit is kept on the server.* cannot be reached/) as string,
  })
})
