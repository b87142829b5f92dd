import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { interactionProblems } from '#common/rules/interaction-rules'
import { readConfig } from '#server/config'
import { createFolder } from '#server/test/folder'
import { meetingTypes, readMeetings } from './meetings.ts'

let folder: Awaited<ReturnType<typeof createFolder>>
beforeEach(async () => {
  folder = await createFolder()
})
afterEach(() => folder.remove())

const header = 'site,title,type,lead,start,end,timezone,location,description,notes'
async function read(...lines: string[]) {
  await writeFile(join(folder.path, 'interactions.csv.gz'), gzipSync([header, ...lines, ''].join('\r\n')))
  return (await readMeetings(folder.path, ['Germany']))!.get('Germany')!
}
const when = '2022-02-16T00:00:00+01:00,2022-02-16T23:59:00+01:00,Europe/Brussels'

test('a meeting is taken as it is, in its zone, without the spaces around it', async () => {
  const [only, ...others] = await read(
    `Germany,"  Exchange on ""RED"", again ",Member, Martin HÄUSLING ,${when}, Brussels ,,"Committee: AGRI
Second line"`,
    `France,Not this one,Member,Somebody,${when},,,`,
  )
  expect(others).toEqual([])
  expect(only).toEqual({
    title: 'Exchange on "RED", again',
    type: 'Member',
    lead: 'Martin HÄUSLING',
    startDateTime: '2022-02-15T23:00:00.000Z',
    endDateTime: '2022-02-16T22:59:00.000Z',
    timezone: 'Europe/Brussels',
    location: 'Brussels',
    description: '',
    notes: 'Committee: AGRI\nSecond line',
    status: 'complete',
  })
})

test('too long a title is shortened, between characters, and is whole at the head of the description', async () => {
  const long = '😀'.repeat(200) + 'ä'.repeat(56)
  const [bare, described, fits] = await read(
    `Germany,${long},Member,A,${when},,,`,
    `Germany,${long},Member,A,${when},,More,`,
    `Germany,${long.slice(0, -1)},Member,A,${when},,More,`,
  )
  expect(bare!.title).toBe(`${'😀'.repeat(200)}${'ä'.repeat(54)}…`)
  expect([...bare!.title!]).toHaveLength(255)
  expect(bare!.description).toBe(long)
  expect(described!.description).toBe(`${long}\n\nMore`)
  expect(fits).toMatchObject({ title: long.slice(0, -1), description: 'More' })
})

test('where there is no folder there are none', async () => {
  expect(await readMeetings(join(folder.path, 'none'), ['Germany'])).toBeNull()
})

const real = readConfig({}).demoMeetings
test(`the real ones ${existsSync(real) ? 'are all there and all valid' : 'are not on this machine'}`, async () => {
  const found = await readMeetings(real, ['Germany', 'Belgium', 'Ireland', 'Denmark'])
  if (!existsSync(real)) return expect(found).toBeNull()
  const counts = Object.fromEntries([...found!].map(([country, meetings]) => [country, meetings.length]))
  expect(counts).toMatchObject({ Germany: 5878, Belgium: 928, Ireland: 325 })
  let shortened = 0
  for (const meeting of [...found!.values()].flat()) {
    if (meetingTypes.includes(meeting.type!) === false) expect.fail(`unknown type ${meeting.type}`)
    const problems = interactionProblems(meeting, null)
    if (problems.length > 0) expect.fail(`${meeting.title}: ${JSON.stringify(problems)}`)
    if (meeting.title!.endsWith('…') && [...meeting.title!].length === 255) {
      shortened++
      expect(meeting.description.startsWith(meeting.title!.slice(0, -1))).toBe(true)
    }
  }
  // All of them Danish.
  expect(shortened).toBe(12)
}, 30_000)
