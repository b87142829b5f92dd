import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Interaction, statuses } from '#common/contract/interactions'
import { mayBecome } from '#common/rules/interaction-rules'
import { type Client, createTestApp, meeting, type TestApp } from '../../test/app.ts'

let server: TestApp
let editor: Client
let colleague: Client
let viewer: Client
let manager: Client
beforeAll(async () => {
  server = await createTestApp()
  const { Marketing } = server.ids.sites
  editor = server.as('editor', Marketing)
  colleague = server.as('colleague', Marketing)
  viewer = server.as('viewer', Marketing)
  manager = server.as('manager', Marketing)
})
afterAll(() => server.close())

type One = { interaction: Interaction }
const read = async (id: string) => (await editor.get<One>(`/interactions/${id}`)).body.interaction
const gone = {
  status: 404,
  error: { code: 'RESOURCE_NOT_FOUND', message: 'There is no such interaction at this site' },
}

describe('creating', () => {
  test('answers 201 with the record, which can then be read and found', async () => {
    const answer = await editor.post<One & { success: true }>('/interactions', {
      ...meeting,
      startDateTime: '2026-03-02T10:00+01:00',
      location: ' Room A ',
      notes: 'Ünicode 😀\n2nd line',
    })
    expect(answer.status).toBe(201)
    const { interaction, success } = answer.body
    expect(success).toBe(true)
    const { editor: me } = server.ids.users
    expect(interaction).toEqual({
      ...meeting,
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as string,
      siteId: server.ids.sites.Marketing,
      startDateTime: '2026-03-02T09:00:00.000Z',
      location: ' Room A ',
      description: '',
      notes: 'Ünicode 😀\n2nd line',
      status: 'complete',
      version: 1,
      createdBy: me,
      updatedBy: me,
      createdAt: interaction.updatedAt,
      updatedAt: expect.any(String) as string,
    })
    expect(Math.abs(Date.parse(interaction.createdAt) - Date.now())).toBeLessThan(60_000)
    expect(await read(interaction.id)).toEqual(interaction)
    expect((await editor.list({ search: 'room unicode' })).body.interactions).toEqual([interaction])
  })

  test('may bring its own id; the same id again is a conflict with the record that has it', async () => {
    const id = randomUUID()
    const first = await editor.create({ id, title: 'Mine' })
    expect(first.id).toBe(id)
    for (const client of [editor, colleague]) {
      const again = await client.post('/interactions', { ...meeting, id, title: 'Again' })
      expect(again).toMatchObject({
        status: 409,
        error: { code: 'CONFLICT', message: 'An interaction with this id exists already' },
      })
      expect(again.error.current).toEqual(first)
    }
    expect(await read(id)).toEqual(first)
  })

  test('under the id of a deleted record is a conflict with nothing', async () => {
    const { id } = await editor.create()
    await editor.delete(`/interactions/${id}`)
    const again = await editor.post('/interactions', { ...meeting, id })
    expect(again.status).toBe(409)
    expect(again.error.current).toBeNull()
    expect(await editor.get(`/interactions/${id}`)).toMatchObject(gone)
  })

  test('the same id from many at once makes one record', async () => {
    const id = randomUUID()
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        editor.post('/interactions', { ...meeting, id, title: `Attempt ${n}` }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(409)])
  })

  test('a draft may miss everything', async () => {
    const draft = await editor.create({
      title: null,
      type: null,
      lead: null,
      startDateTime: null,
      endDateTime: null,
      timezone: null,
      status: 'draft',
    })
    expect(await read(draft.id)).toEqual(draft)
    expect((await editor.post('/interactions', { status: 'incomplete' })).status).toBe(201)
  })

  test('a title as long as can be, of the widest characters, can be searched and sorted', async () => {
    for (const letter of ['😀', '\ufdfa', '漢', 'x']) {
      const title = letter.repeat(255)
      const { id } = await editor.create({
        title,
        location: title,
        lead: letter.repeat(100),
        notes: letter.repeat(20_000),
      })
      const found = await editor.list({ search: letter, title: letter, sort: 'title,lead,location' })
      expect(found.body.interactions.map((each) => each.id)).toEqual([id])
      await manager.delete(`/interactions/${id}`)
    }
  })
})

describe('what is not valid is refused and named', () => {
  const cases: [string, object, string, RegExp | string][] = [
    ['an unknown field', { colour: 'red' }, 'colour', 'Is not a known field'],
    ['a field the server keeps', { version: 3 }, 'version', 'Is not a known field'],
    ['somebody else as its author', { createdBy: randomUUID() }, 'createdBy', 'Is not a known field'],
    ['another site', { siteId: randomUUID() }, 'siteId', 'Is not a known field'],
    ['no title', { title: null }, 'title', 'Is required'],
    ['an empty title', { title: '' }, 'title', 'Is required'],
    ['a title of spaces', { title: ' \u00a0 ' }, 'title', 'Is required'],
    ['a title of 256 characters', { title: 'x'.repeat(256) }, 'title', 'Must have at most 255 characters'],
    ['NUL in the title', { title: 'a\0b' }, 'title', 'Contains a character that cannot be stored'],
    [
      'half a character in the notes',
      { notes: 'a\ud800' },
      'notes',
      'Contains a character that cannot be stored',
    ],
    ['a number for a title', { title: 5 }, 'title', 'Must be text'],
    ['null for a location', { location: null }, 'location', 'Must be text'],
    ['a lead of 101 characters', { lead: 'x'.repeat(101) }, 'lead', 'Must have at most 100 characters'],
    [
      'notes of 20,001 characters',
      { notes: 'x'.repeat(20_001) },
      'notes',
      'Must have at most 20000 characters',
    ],
    ['an unknown type', { type: 'Dance' }, 'type', 'Is not one of the types of your organisation'],
    ['a type in other case', { type: 'meeting' }, 'type', 'Is not one of the types of your organisation'],
    [
      'an end before the start',
      { endDateTime: '2026-03-02T08:59:59Z' },
      'endDateTime',
      'Must be after the start',
    ],
    ['an end at the start', { endDateTime: meeting.startDateTime }, 'endDateTime', 'Must be after the start'],
    [
      'an end before the start, in a draft',
      { status: 'draft', endDateTime: '2026-03-02T08:00:00Z' },
      'endDateTime',
      'Must be after the start',
    ],
    [
      'a zone that does not exist',
      { timezone: 'Europe/Atlantis' },
      'timezone',
      'Must be a time zone such as Europe/Berlin',
    ],
    ['an offset for a zone', { timezone: '+02:00' }, 'timezone', 'Must be a time zone such as Europe/Berlin'],
    [
      'a start in 1899',
      { startDateTime: '1899-12-31T23:59:59Z' },
      'startDateTime',
      /^Must be a date and time/,
    ],
    [
      'a start on the 30th of February',
      { startDateTime: '2026-02-30T09:00:00Z' },
      'startDateTime',
      /^Must be a date and time/,
    ],
    [
      'a start without an offset',
      { startDateTime: '2026-03-02T09:00:00' },
      'startDateTime',
      /^Must be a date and time/,
    ],
    ['a status nobody knows', { status: 'done' }, 'status', /^Must be one of draft/],
    ['a new record in the archive', { status: 'archived' }, 'status', 'Cannot become archived'],
    ['an id that is none', { id: 'mine' }, 'id', 'Must be a UUID in lower case'],
  ]
  const named = (field: string, message: string | RegExp) => ({
    field,
    message: (typeof message === 'string' ? message : expect.stringMatching(message)) as string,
  })

  test.each(cases)('%s, when created', async (_, change, field, message) => {
    const answer = await editor.post('/interactions', { ...meeting, ...change })
    expect(answer).toMatchObject({ status: 400, error: { code: 'VALIDATION_ERROR' } })
    expect(answer.error.details).toContainEqual(named(field, message))
  })

  const ofUpdates = cases.filter(
    ([, change]) =>
      !('id' in change || 'version' in change || ('status' in change && change.status === 'archived')),
  )
  test.each(ofUpdates)('%s, when updated', async (_, change, field, message) => {
    const status = 'status' in change && change.status === 'draft' ? 'draft' : 'complete'
    const record = await editor.create({ status })
    const answer = await editor.put(`/interactions/${record.id}`, { ...change, version: 1 })
    expect(answer).toMatchObject({ status: 400, error: { code: 'VALIDATION_ERROR' } })
    expect(answer.error.details).toContainEqual(named(field, message))
    expect(await read(record.id)).toEqual(record)
  })

  test('everything that is missing is named at once', async () => {
    const { error } = await editor.post('/interactions', {})
    expect(error.details!.map(({ field }) => field)).toEqual([
      'title',
      'type',
      'lead',
      'startDateTime',
      'endDateTime',
      'timezone',
    ])
  })

  test('two edits that are each right can be wrong together', async () => {
    const record = await editor.create()
    await colleague.update(record, { startDateTime: '2026-03-02T09:30:00Z' })
    const answer = await editor.put(`/interactions/${record.id}`, {
      endDateTime: '2026-03-02T09:15:00Z',
      version: 2,
    })
    expect(answer.error.details).toEqual([{ field: 'endDateTime', message: 'Must be after the start' }])
  })
})

describe('updating', () => {
  test('changes the named fields, counts the version and says who', async () => {
    const record = await editor.create({ notes: 'kept' })
    const { status, body } = await colleague.put(`/interactions/${record.id}`, {
      title: 'Changed',
      location: 'Here',
      version: 1,
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      success: true,
      interaction: {
        ...record,
        title: 'Changed',
        location: 'Here',
        version: 2,
        updatedBy: server.ids.users.colleague,
        updatedAt: body.interaction.updatedAt,
      },
    })
    expect(Date.parse(body.interaction.updatedAt)).toBeGreaterThanOrEqual(Date.parse(record.updatedAt))
    expect(await read(record.id)).toEqual(body.interaction)
    expect((await editor.list({ search: 'changed here' })).body.total).toBe(1)
    expect((await editor.list({ search: 'changed quarterly' })).body.total).toBe(0)
  })

  test.each(['"1"', '1', 'W/"1"', ' "1" '])('takes the version from If-Match: %s', async (header) => {
    const { id } = await editor.create()
    expect((await editor.put(`/interactions/${id}`, { title: 'New' }, { 'if-match': header })).status).toBe(
      200,
    )
    const stale = await editor.put(
      `/interactions/${id}`,
      { title: 'Newer', version: 2 },
      { 'if-match': header },
    )
    expect(stale.status).toBe(409)
  })

  test.each(['*', '', 'abc', '0', '-1', '1.5', '"1", "2"'])('refuses If-Match: %s', async (header) => {
    const { id } = await editor.create()
    const answer = await editor.put(
      `/interactions/${id}`,
      { title: 'New', version: 1 },
      { 'if-match': header },
    )
    expect(answer.error).toMatchObject({ code: 'VALIDATION_ERROR', details: [{ field: 'If-Match' }] })
  })

  test('needs a version', async () => {
    const { id } = await editor.create()
    expect((await editor.put(`/interactions/${id}`, { title: 'New' })).error).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: 'The version is missing',
      details: [{ field: 'version' }],
    })
  })

  test.each([1, 3])(
    'from version %i, when it is at 2, is a conflict with the record as it is now',
    async (version) => {
      const record = await editor.create()
      const current = await colleague.update(record, { title: 'Theirs' })
      const answer = await editor.put(`/interactions/${record.id}`, { notes: 'Mine', version })
      expect(answer).toMatchObject({
        status: 409,
        error: { code: 'CONFLICT', message: 'Somebody changed this interaction since you opened it' },
      })
      expect(answer.error.current).toEqual(current)
      expect(await read(record.id)).toEqual(current)
    },
  )

  test('that changes nothing writes nothing', async () => {
    const record = await editor.create()
    const feed = () =>
      server.database.owner.query('SELECT seq, audit_count FROM feed_heads WHERE feed_id = $1', [
        record.siteId,
      ])
    const before = (await feed()).rows
    for (const patch of [{}, { title: record.title }, { startDateTime: '2026-03-02T10:00:00+01:00' }]) {
      const { body } = await colleague.put(`/interactions/${record.id}`, { ...patch, version: 1 })
      expect(body.interaction).toEqual(record)
    }
    expect((await feed()).rows).toEqual(before)
  })

  test('of one version from many at once lets exactly one win', async () => {
    const record = await editor.create()
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        editor.put(`/interactions/${record.id}`, { title: `Attempt ${n}`, version: 1 }),
      ),
    )
    const won = answers.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9)
    expect(await read(record.id)).toEqual(won[0]!.body.interaction)
  })

  test('a type that is no longer offered may stay, but not come back', async () => {
    const { owner } = server.database
    const record = await editor.create({ type: 'Training' })
    await owner.query(`UPDATE interaction_types SET active = false WHERE name = 'Training'`)
    const kept = await editor.update(record, { title: 'Kept' })
    const other = await editor.update(kept, { type: 'Call' })
    expect(
      (await editor.put(`/interactions/${record.id}`, { type: 'Training', version: other.version })).status,
    ).toBe(400)
    await owner.query('UPDATE interaction_types SET active = true')
  })
})

describe('the status', () => {
  const cases = statuses.flatMap((from) => statuses.map((to) => [from, to, mayBecome(from, to)] as const))
  test.each(cases)('%s → %s: %s', async (from, to, allowed) => {
    const created = await editor.create({ status: from === 'archived' ? 'complete' : from })
    const record = from === 'archived' ? await editor.update(created, { status: 'archived' }) : created
    const answer = await editor.put(`/interactions/${record.id}`, { status: to, version: record.version })
    expect(answer.status).toBe(allowed ? 200 : 400)
    if (!allowed)
      expect(answer.error.details).toEqual([{ field: 'status', message: `Cannot become ${to} from ${from}` }])
    expect((await read(record.id)).status).toBe(allowed ? to : from)
  })

  test('a draft becomes complete only when nothing is missing', async () => {
    const draft = await editor.create({ status: 'draft', lead: null })
    const early = await editor.put(`/interactions/${draft.id}`, { status: 'complete', version: 1 })
    expect(early.error.details).toEqual([{ field: 'lead', message: 'Is required' }])
    expect((await editor.update(draft, { status: 'complete', lead: 'Ana' })).status).toBe('complete')
  })
})

describe('deleting', () => {
  test('takes the record out of sight, for good, and keeps it in the database', async () => {
    const { id } = await editor.create({ title: 'Vanishing' })
    expect(await editor.delete(`/interactions/${id}`)).toMatchObject({ status: 200, body: { success: true } })
    expect(await editor.get(`/interactions/${id}`)).toMatchObject(gone)
    expect(await editor.put(`/interactions/${id}`, { title: 'Back', version: 2 })).toMatchObject(gone)
    expect(await editor.delete(`/interactions/${id}`)).toMatchObject(gone)
    expect((await editor.list({ search: 'vanishing' })).body.total).toBe(0)
    const { rows } = await server.database.owner.query(
      'SELECT title, version, deleted_by FROM interactions WHERE id = $1',
      [id],
    )
    expect(rows).toEqual([{ title: 'Vanishing', version: 2, deleted_by: server.ids.users.editor }])
  })

  test("is for one's own records; an administrator's are all", async () => {
    const [mine, theirs] = [await editor.create(), await colleague.create()]
    expect((await editor.delete(`/interactions/${theirs.id}`)).error).toMatchObject({
      code: 'AUTHORIZATION_ERROR',
      message: 'You may delete only interactions you created',
    })
    expect((await editor.delete(`/interactions/${mine.id}`)).status).toBe(200)
    expect((await manager.delete(`/interactions/${theirs.id}`)).status).toBe(200)
  })

  test('an edit of somebody else does not make the record theirs', async () => {
    const record = await editor.create()
    await colleague.update(record, { title: 'Changed' })
    expect((await colleague.delete(`/interactions/${record.id}`)).status).toBe(403)
    expect((await editor.delete(`/interactions/${record.id}`)).status).toBe(200)
  })

  test('with If-Match only at that version', async () => {
    const record = await editor.create()
    const current = await colleague.update(record, { title: 'Theirs' })
    const stale = await editor.delete(`/interactions/${record.id}`, { 'if-match': '"1"' })
    expect(stale.status).toBe(409)
    expect(stale.error.current).toEqual(current)
    expect((await editor.delete(`/interactions/${record.id}`, { 'if-match': '"2"' })).status).toBe(200)
  })
})

describe('a viewer', () => {
  test('reads and searches, and changes nothing', async () => {
    const record = await editor.create({ title: 'For reading' })
    expect((await viewer.get(`/interactions/${record.id}`)).status).toBe(200)
    expect((await viewer.list({ search: 'for reading' })).body.total).toBe(1)
    const refused = {
      status: 403,
      error: { code: 'AUTHORIZATION_ERROR', message: 'Your role at this site (viewer) does not allow this' },
    }
    expect(await viewer.post('/interactions', meeting)).toMatchObject(refused)
    expect(await viewer.put(`/interactions/${record.id}`, { title: 'No', version: 1 })).toMatchObject(refused)
    expect(await viewer.delete(`/interactions/${record.id}`)).toMatchObject(refused)
    expect(await read(record.id)).toEqual(record)
  })

  test('is refused before the body is looked at', async () => {
    expect((await viewer.post('/interactions', { nonsense: true })).status).toBe(403)
    const payload = { payload: '{', headers: { 'content-type': 'application/json' } }
    expect((await viewer.call('POST', '/interactions', payload)).status).toBe(403)
  })
})
