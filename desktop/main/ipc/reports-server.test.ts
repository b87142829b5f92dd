import { expect, it } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import { Computer } from '../test/computer.ts'
import { alice, siteA } from '../test/device.ts'
import { WebModel } from '../test/web-model.ts'

const days = { from: '2026-11-01', to: '2026-11-30' }

async function setUp() {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'administrator' })
  const asked: string[] = []
  web.answer = ({ method, path, query }) => {
    if (!/reports|completion/.test(path)) return undefined
    const search = query.toString()
    asked.push(`${method} ${path}${search && `?${search}`}`)
    return { success: true, schedules: [], ...days, asOf: '2026-11-30T10:00:00.000Z', surveys: [] }
  }
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  return { web, computer, asked }
}

it('reports are asked of the server as the window asks', async () => {
  const { computer, asked } = await setUp()
  await computer.do['reports.completion']({ ...days, siteId: siteA })
  await computer.do['reports.list']({ search: 'week' })
  const id = uuidv7()
  expect(await computer.do['reports.remove']({ id })).toEqual({})
  expect(await computer.do['reports.send']({ id })).toEqual({})
  expect(asked).toEqual([
    `GET /admin/surveys/completion?from=${days.from}&to=${days.to}&siteId=${siteA}`,
    'GET /reports/schedules?search=week',
    `DELETE /reports/schedules/${id}`,
    `POST /reports/schedules/${id}/send`,
  ])
})

it('without the server it says what is kept there', async () => {
  const { web, computer } = await setUp()
  web.reachable = false
  for (const [work, words] of [
    [computer.do['reports.list']({}), 'Reports are made on the server.'],
    [computer.do['fleet.health']({}), 'How the devices of the organisation do'],
  ] as const)
    await expect(work).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringContaining(words) as string,
    })
})
