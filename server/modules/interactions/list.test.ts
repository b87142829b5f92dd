import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Interaction, InteractionPage } from '#common/contract/interactions'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { insertRecords } from '../../test/records.ts'

let server: TestApp
let reader: Client
beforeAll(async () => {
  server = await createTestApp()
  reader = server.as('admin', server.ids.sites.Marketing)
  await insertRecords(
    server,
    server.ids.sites.Marketing,
    records.map((record) => ({ createdAt: at(10), updatedAt: at(10), ...record })),
  )
  await insertRecords(server, server.ids.sites.Support, [{ title: 'Müller elsewhere' }])
})
afterAll(() => server.close())

const at = (day: number, hour = 9) => new Date(Date.UTC(2026, 2, day, hour)).toISOString()
const records: (Partial<Interaction> & { title: string | null })[] = [
  {
    title: 'Müller GmbH',
    lead: 'Zoë Schäfer',
    startDateTime: at(1),
    endDateTime: at(1, 10),
    timezone: 'Europe/Berlin',
    location: 'Straße 1',
    createdAt: at(1),
    updatedAt: at(2),
  },
  {
    title: '50% off',
    lead: 'ana jones',
    type: 'Call',
    startDateTime: at(2),
    endDateTime: at(2, 10),
    notes: 'under_score',
  },
  {
    title: '50 percent',
    lead: 'Ana Jones',
    type: 'Email',
    startDateTime: at(3),
    endDateTime: at(3, 10),
    notes: 'underXscore',
  },
  {
    title: 'C:\\temp',
    lead: 'Łukasz Nowak',
    type: 'Visit',
    startDateTime: at(4),
    endDateTime: at(4, 10),
    description: 'Shelf plan for Müller',
  },
  {
    title: 'Überprüfung',
    lead: 'Émile Lefèvre',
    status: 'active',
    startDateTime: at(5),
    endDateTime: at(5, 18),
    timezone: 'Asia/Kolkata',
  },
  {
    title: 'İstanbul ılık',
    lead: 'Tom',
    status: 'archived',
    startDateTime: at(6),
    endDateTime: at(6, 10),
    location: 'Berlin',
    createdAt: at(20),
    updatedAt: at(21),
  },
  {
    title: null,
    lead: null,
    type: null,
    status: 'draft',
    startDateTime: null,
    endDateTime: null,
    timezone: null,
    notes: 'unfinished',
  },
]

const titles = async (query: Record<string, string | number>) => {
  const answer = await reader.list(query)
  if (answer.status !== 200) throw new Error(answer.text)
  expect(answer.body.total).toBe(answer.body.interactions.length)
  return answer.body.interactions.map(({ title }) => title)
}

describe('search', () => {
  test.each([
    ['without the accents', 'muller', ['C:\\temp', 'Müller GmbH']],
    ['with other accents', 'mûllér', ['C:\\temp', 'Müller GmbH']],
    ['in capitals', 'ÜBERPRÜFUNG', ['Überprüfung']],
    ['by the middle of a word', 'prufun', ['Überprüfung']],
    ['ß as ss', 'strasse', ['Müller GmbH']],
    ['ss as ß', 'straße', ['Müller GmbH']],
    ['dotted and dotless i alike', 'istanbul ilik', ['İstanbul ılık']],
    ['for a letter with a stroke', 'lukasz', ['C:\\temp']],
    ['for several words in any order, in different fields', 'shelf TEMP', ['C:\\temp']],
    ['for several words that do not all occur', 'shelf istanbul', []],
    ['for a per cent sign', '50%', ['50% off']],
    ['for an underscore', 'under_', ['50% off']],
    ['for a backslash', 'c:\\t', ['C:\\temp']],
    ['for a backslash alone', '\\', ['C:\\temp']],
    ['for a quote', "'", []],
    ['for one letter', 'z', ['C:\\temp', 'Müller GmbH']],
    ['for two letters', 'ub', ['Überprüfung']],
    ['in the type', 'visi', ['C:\\temp']],
    ['in the lead', 'lefevre', ['Überprüfung']],
    ['in the notes', 'unfinished', [null]],
    ['not in the time zone', 'kolkata', []],
    ['not in the status', 'archived', []],
    ['not across two fields', 'gmbhmeeting', []],
    [
      'for nothing but spaces: all of them',
      '  ',
      ['İstanbul ılık', 'Überprüfung', 'C:\\temp', '50 percent', '50% off', 'Müller GmbH', null],
    ],
    ['for what only another site has', 'elsewhere', []],
  ])('%s', async (_, search, found) => expect(await titles({ search })).toEqual(found))
})

describe('filters', () => {
  test.each([
    ['a title', { title: 'MULLER' }, ['Müller GmbH']],
    ['a title, of several words as they stand', { title: '50 per' }, ['50 percent']],
    ['a lead', { lead: 'jones' }, ['50 percent', '50% off']],
    ['a location', { location: 'berlin' }, ['İstanbul ılık']],
    ['a description', { description: 'müller' }, ['C:\\temp']],
    ['notes, to the letter', { notes: 'r_s' }, ['50% off']],
    ['a type', { type: 'Call' }, ['50% off']],
    ['several types', { type: 'Call, Email' }, ['50 percent', '50% off']],
    ['a type nobody has', { type: 'Dance' }, []],
    ['a type is its whole name', { type: 'call' }, []],
    ['several statuses', { status: 'active,archived' }, ['İstanbul ılık', 'Überprüfung']],
    ['drafts', { status: 'draft' }, [null]],
    ['a zone', { timezone: 'Asia/Kolkata' }, ['Überprüfung']],
    ['a start from then on', { startFrom: at(5) }, ['İstanbul ılık', 'Überprüfung']],
    ['a start before then', { startBefore: at(2) }, ['Müller GmbH']],
    ['an end from then on, in another zone', { endFrom: '2026-03-06T15:30:00+05:30' }, ['İstanbul ılık']],
    ['an end before then', { endBefore: at(1, 10) }, []],
    ['a creation from then on', { createdFrom: at(20) }, ['İstanbul ılık']],
    ['a creation before then', { createdBefore: at(2) }, ['Müller GmbH']],
    ['a change from then on', { updatedFrom: at(21) }, ['İstanbul ılık']],
    [
      'a change before then, in another zone',
      { updatedBefore: '2026-03-03T10:00:00+01:00' },
      ['Müller GmbH'],
    ],
    ['a range', { startFrom: at(2), startBefore: at(4) }, ['50 percent', '50% off']],
    [
      'everything at once',
      { search: 'muller', type: 'Visit', lead: 'nowak', startFrom: at(1), status: 'complete' },
      ['C:\\temp'],
    ],
    ['a lead and a word that is in the title', { search: 'off', lead: 'ana' }, ['50% off']],
    [
      'empty ones, which ask for nothing',
      { title: '', lead: '', type: '', status: '', search: '', startFrom: at(6) },
      ['İstanbul ılık'],
    ],
  ])('%s', async (_, filter, found) => expect(await titles(filter as Record<string, string>)).toEqual(found))
})

test('filters by who made it and who changed it last', async () => {
  const { editor, colleague, manager, viewer } = server.ids.users
  const site = randomUUID()
  await server.database.owner.query('INSERT INTO sites (tenant_id, id, name) VALUES ($1, $2, $3)', [
    server.ids.tenants['Harbour & Vale'],
    site,
    'People',
  ])
  const elsewhere = server.as('admin', site)
  await insertRecords(server, site, [
    { title: 'A', createdBy: editor, updatedBy: colleague },
    { title: 'B', createdBy: colleague, updatedBy: colleague },
    { title: 'C', createdBy: manager, updatedBy: editor },
  ])
  const found = async (query: Record<string, string>) =>
    (await elsewhere.list({ sort: 'title', ...query })).body.interactions.map(({ title }) => title).join('')
  expect(await found({ createdBy: editor })).toBe('A')
  expect(await found({ createdBy: `${editor}, ${manager}` })).toBe('AC')
  expect(await found({ updatedBy: colleague })).toBe('AB')
  expect(await found({ createdBy: colleague, updatedBy: colleague })).toBe('B')
  expect(await found({ createdBy: viewer })).toBe('')
  expect(await found({ createdBy: '' })).toBe('ABC')
})

describe('fields', () => {
  const only = (fields: string) => reader.get<InteractionPage>(`/interactions?title=muller&fields=${fields}`)

  test('are all that is told, with the id', async () => {
    const { id } = (await reader.list({ title: 'muller' })).body.interactions[0]!
    expect((await only('title,startDateTime')).body.interactions).toEqual([
      { id, title: 'Müller GmbH', startDateTime: '2026-03-01T09:00:00.000Z' },
    ])
    expect((await only('id')).body.interactions).toEqual([{ id }])
    expect((await only(' status , status')).body.interactions).toEqual([{ id, status: 'complete' }])
  })

  test('are all that is read', async () => {
    const sent: string[] = []
    const listen = ({ sql }: { sql: string }) => sent.push(sql)
    server.app.knex.on('query', listen)
    await only('title')
    server.app.knex.off('query', listen)
    const page = sent.find((sql) => sql.includes('interactions_in_scope'))
    expect(page).toContain('"title"')
    expect(page).not.toMatch(/description|notes|"lead"/)
  })

  test('when none are named are all of them', async () => {
    expect(Object.keys((await only('')).body.interactions[0]!)).toHaveLength(17)
  })

  test('an unknown one is named', async () => {
    for (const name of ['colour', 'search_text', 'constructor']) {
      expect(await only(`title,${name}`)).toMatchObject({
        status: 400,
        error: { details: [{ field: 'fields', message: expect.stringContaining(`“${name}”`) as string }] },
      })
    }
  })
})

describe('sort', () => {
  const sorted = async (sort: string, more = {}) => {
    const { body } = await reader.list({ sort, ...more })
    return body.interactions
  }
  const firstWords = (all: Interaction[]) => all.map(({ title }) => title?.split(' ')[0] ?? '–').join(' ')

  test.each([
    ['title', '– 50 50% C:\\temp İstanbul Müller Überprüfung'],
    ['-title', 'Überprüfung Müller İstanbul C:\\temp 50% 50 –'],
    ['startDateTime', '– Müller 50% 50 C:\\temp Überprüfung İstanbul'],
    ['-endDateTime', 'İstanbul Überprüfung C:\\temp 50 50% Müller –'],
    ['-status,title', '– 50 50% C:\\temp Müller İstanbul Überprüfung'],
    ['timezone,-startDateTime', '– Überprüfung İstanbul C:\\temp 50 50% Müller'],
  ])('by %s', async (sort, expected) => expect(firstWords(await sorted(sort))).toBe(expected))

  test('by lead without regard to case, then by the next key', async () => {
    const leads = (await sorted('lead,-startDateTime')).map(({ lead, title }) => `${lead}: ${title}`)
    expect(leads.slice(1, 3)).toEqual(['Ana Jones: 50 percent', 'ana jones: 50% off'])
  })

  test('newest first when nothing is asked, the undated last', async () => {
    expect(firstWords((await reader.list()).body.interactions)).toBe(
      'İstanbul Überprüfung C:\\temp 50 50% Müller –',
    )
  })

  test('the other way for keys without a sign', async () => {
    expect(firstWords(await sorted('title', { direction: 'desc' }))).toBe(firstWords(await sorted('-title')))
  })

  test.each(['type', 'location', 'createdAt', '-updatedAt'])('by %s works too', async (sort) => {
    expect(await sorted(sort)).toHaveLength(records.length)
  })
})

describe('pages', () => {
  const site = () => server.ids.sites.Sales
  let ids: string[]
  let sales: Client
  beforeAll(async () => {
    sales = server.as('admin', site())
    const same = Array.from({ length: 60 }, () => ({
      title: 'Same',
      startDateTime: at(1),
      endDateTime: at(1, 10),
    }))
    ids = (await insertRecords(server, site(), same)).map(({ id }) => id).sort()
  })

  test('are 25 long to start with, and every row is on exactly one of them', async () => {
    const pages = await Promise.all([1, 2, 3, 4].map(async (page) => (await sales.list({ page })).body))
    expect(pages.map(({ interactions }) => interactions.length)).toEqual([25, 25, 10, 0])
    for (const [index, page] of pages.entries())
      expect(page).toMatchObject({ total: 60, page: index + 1, pageSize: 25 })
    const seen = pages.flatMap(({ interactions }) => interactions.map(({ id }) => id))
    expect(seen).toEqual([...ids].reverse())
  })

  test('rows that are equal follow their id, the way of the last key', async () => {
    const order = async (sort: string) =>
      (await sales.list({ sort, pageSize: 100 })).body.interactions.map(({ id }) => id)
    expect(await order('title')).toEqual(ids)
    expect(await order('-title')).toEqual([...ids].reverse())
    expect(await order('-title,lead')).toEqual(ids)
    expect(await order('title,-lead')).toEqual([...ids].reverse())
  })

  test('can be as long as 100 and as far as anybody wants', async () => {
    expect((await sales.list({ pageSize: 100 })).body.interactions).toHaveLength(60)
    expect((await sales.list({ pageSize: 7, page: 9 })).body.interactions).toHaveLength(4)
    expect((await sales.list({ page: 1_000_000, pageSize: 100 })).body).toMatchObject({
      interactions: [],
      total: 60,
    })
  })

  test('count up to 1,000, and further only if asked to', async () => {
    await insertRecords(
      server,
      site(),
      Array.from({ length: 940 }, () => ({ title: 'Many' })),
    )
    expect((await sales.list({ pageSize: 1 })).body).toEqual({
      interactions: [expect.anything()],
      total: 1000,
      page: 1,
      pageSize: 1,
      nextCursor: expect.any(String) as string,
    })

    const { id } = await sales.create({ title: 'One more' })
    const capped = (await sales.list({ pageSize: 1 })).body
    expect(capped).toMatchObject({ total: 1000, totalIsCapped: true })
    const exact = (await sales.list({ pageSize: 1, count: 'exact' })).body
    expect(exact.total).toBe(1001)
    expect(exact).not.toHaveProperty('totalIsCapped')
    expect((await sales.list({ search: 'same' })).body).toMatchObject({ total: 60 })

    await sales.delete(`/interactions/${id}`)
    expect((await sales.list({ count: 'exact' })).body.total).toBe(1000)
  })
})

test('a record is told whole, and as the contract has it', async () => {
  const { interactions } = (await reader.list({ title: 'muller' })).body
  expect(interactions).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      siteId: server.ids.sites.Marketing,
      title: 'Müller GmbH',
      type: 'Meeting',
      lead: 'Zoë Schäfer',
      startDateTime: '2026-03-01T09:00:00.000Z',
      endDateTime: '2026-03-01T10:00:00.000Z',
      timezone: 'Europe/Berlin',
      location: 'Straße 1',
      description: '',
      notes: '',
      status: 'complete',
      version: 1,
      createdBy: server.ids.users.editor,
      createdAt: expect.stringMatching(/Z$/) as string,
      updatedBy: server.ids.users.editor,
      updatedAt: expect.stringMatching(/Z$/) as string,
    },
  ])
})

describe('a query that makes no sense names what is wrong', () => {
  test.each([
    ['an unknown parameter', 'colour=red', 'colour', 'Is not a known field'],
    ['page 0', 'page=0', 'page', 'Must be 1 or more'],
    ['a page that is no number', 'page=two', 'page', 'Must be a whole number'],
    ['half a page', 'page=1.5', 'page', 'Must be a whole number'],
    ['a page of yes', 'page=true', 'page', 'Must be a whole number'],
    ['an empty page', 'page=', 'page', 'Must be a whole number'],
    ['too long a page', 'pageSize=101', 'pageSize', 'Must be 100 or less'],
    ['a page as far as the moon', 'page=99999999999999999999', 'page', 'Must be a whole number'],
    ['a field that cannot be sorted by', 'sort=notes', 'sort', /cannot be sorted by/],
    ['a field twice', 'sort=title,-title', 'sort', 'Names a field twice'],
    ['SQL for a sort', 'sort=title%3BDROP%20TABLE%20interactions', 'sort', /cannot be sorted by/],
    ['a direction nobody knows', 'direction=up', 'direction', 'Must be one of asc, desc'],
    ['a status nobody knows', 'status=draft,gone', 'status', /^Must be one of draft/],
    [
      'a zone that does not exist',
      'timezone=Europe/Atlantis',
      'timezone',
      'Must be a time zone such as Europe/Berlin',
    ],
    ['a date that does not exist', 'startFrom=2026-02-30T00:00:00Z', 'startFrom', /^Must be a date and time/],
    ['a date without an offset', 'endBefore=2026-02-20', 'endBefore', /^Must be a date and time/],
    ['a search as long as a page', `search=${'a'.repeat(201)}`, 'search', 'Must have at most 200 characters'],
    ['NUL in a search', 'search=a%00b', 'search', 'Contains a character that cannot be stored'],
    ['NUL in a type', 'type=a%00b', 'type', 'Contains a character that cannot be stored'],
    ['two searches', 'search=a&search=b', 'search', 'Must be text'],
    ['a person who is none', 'createdBy=me', 'createdBy', 'Must be a UUID in lower case'],
    ['a cursor that is none', 'cursor=abc', 'cursor', /^Belongs to another query/],
    ['a count nobody knows', 'count=all', 'count', 'Must be one of capped, exact'],
  ])('%s', async (_, query, field, message) => {
    const answer = await reader.get(`/interactions?${query}`)
    expect(answer).toMatchObject({ status: 400, error: { code: 'VALIDATION_ERROR' } })
    const found = answer.error.details!.find((detail) => detail.field === field)
    expect(found?.message).toMatch(message)
  })

  test('bytes that are no text find nothing and break nothing', async () => {
    expect((await reader.get('/interactions?search=%ff%fe')).status).toBe(200)
  })
})
