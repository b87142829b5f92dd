import { expect, it } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import { Computer } from '../test/computer.ts'
import { alice, siteA } from '../test/device.ts'
import { WebModel } from '../test/web-model.ts'

const days = { from: '2026-11-01', to: '2026-11-30' }
const page = { total: 0, page: 1, pageSize: 25 }

async function setUp() {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'administrator' })
  const asked: string[] = []
  web.answer = ({ method, path, query }) => {
    if (!/goals|cycles|analytics/.test(path)) return undefined
    const search = query.toString()
    asked.push(`${method} ${path}${search && `?${search}`}`)
    return { success: true, goals: [], shops: [], ...days, asOf: '2026-11-30T10:00:00.000Z', ...page }
  }
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  const names: string[] = []
  const { save } = computer.files
  computer.files.save = (name, content) => {
    names.push(name)
    return save(name, content)
  }
  return { web, computer, asked, names }
}

it('goals and figures are asked of the server as the window asks', async () => {
  const { computer, asked } = await setUp()
  await computer.do['goals.list']({ state: 'ended', search: 'milk' })
  await computer.do['analytics.shops']({ ...days, siteId: siteA, page: 2 })
  const id = uuidv7()
  await computer.do['goals.remove']({ id })
  await computer.do['cycles.explain']({
    id,
    locationId: id,
    period: days.from,
    slot: 0,
    reason: 'The shop was closed',
  })
  expect(asked).toEqual([
    'GET /goals?state=ended&search=milk',
    `GET /analytics/shops?from=${days.from}&to=${days.to}&siteId=${siteA}&page=2`,
    `DELETE /goals/${id}`,
    `PUT /call_cycles/${id}/misses`,
  ])
})

it('without the server it says what is kept there', async () => {
  const { web, computer } = await setUp()
  web.reachable = false
  const asking = computer.do['cycles.list']({})
  await expect(asking).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  await expect(asking).rejects.toThrow('Call cycles are kept on the server.')
})

it('a table is written as CSV that no spreadsheet runs, under a name with the day', async () => {
  const { computer, names } = await setUp()
  const rows = [
    ['Shop', 'Visits'],
    ['=HYPERLINK("x")', '12'],
    ['Müller, Nord', '-3'],
  ]
  expect(await computer.do['analytics.saveTable']({ name: 'Shops: by visits', rows })).toEqual({
    saved: true,
  })
  expect(String(computer.file)).toBe(`\ufeffShop,Visits\r\n"'=HYPERLINK(""x"")",12\r\n"Müller, Nord",'-3\r\n`)
  expect(names[0]).toMatch(/^Fieldbook Shops by visits \d{4}-\d\d-\d\d\.csv$/)
})

it('a picture is written as it is, and only where it is one', async () => {
  const { computer, names } = await setUp()
  const picture = new Uint8Array(Buffer.from('89504e470d0a1a0a00', 'hex'))
  await computer.do['analytics.savePicture']({ name: 'Visits', picture })
  expect(new Uint8Array(computer.file!)).toEqual(picture)
  expect(names[0]).toMatch(/^Fieldbook Visits \d{4}-\d\d-\d\d\.png$/)
  await expect(
    computer.do['analytics.savePicture']({ name: 'Visits', picture: new Uint8Array([1, 2]) }),
  ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
})
