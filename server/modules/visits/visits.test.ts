import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { ListedVisit, Visit, WholeVisit } from '#common/contract/visits'
import { createFieldWork, home, questionsOfSurvey } from '../../test/field-work.ts'
import { announcedPicture } from '../../test/samples.ts'

const field = await createFieldWork()
const { server, site, admin, sql, person, start, interaction } = field
/** Who only reads at the site. */
const agent = await person('agnes', ['agent'], { [site]: 'viewer' })
const colleague = await person('carlo', ['agent'], { [site]: 'editor' })
const leader = await person('leo', ['team_leader'], { [site]: 'viewer' })
const shop = await field.shop({ name: 'Café Mitte' })
const questions = questionsOfSurvey()
const { isOpen, facings, remarks, shelf } = questions
const survey = await field.survey(Object.values(questions))

const read = (client: typeof agent, id: string) => client.get<WholeVisit>(`/visits/${id}`)
const edit = ({ id, version }: Visit, changes: object, client = agent) =>
  client.put<{ visit: Visit }>(`/visits/${id}`, { version, ...changes })
const complete = ({ id, version }: Visit, body: object = {}, client = agent) =>
  client.put<{ visit: Visit }>(`/visits/${id}/complete`, { version, ...body })
const list = (client: Pick<typeof agent, 'call'>, query: Record<string, string> = {}) =>
  client.call<{ visits: ListedVisit[]; total: number; totalIsCapped?: true }>('GET', '/visits', { query })

describe('a visit', () => {
  test('starts at a shop with the survey as it is published, and is an interaction of the site', async () => {
    const position = { ...home, accuracy: 12, source: 'device' }
    const visit = await start(agent, { shopId: shop.id, surveyId: survey.id, geocode: position, notes: 'Hi' })
    expect(visit).toMatchObject({
      siteId: site,
      agentId: agent.id,
      shopId: shop.id,
      surveyNumber: 1,
      status: 'in_progress',
      completedAt: null,
      position,
      version: 1,
    })
    expect(await interaction(visit.id)).toMatchObject({
      title: 'Visit: Café Mitte',
      type: 'Visit',
      lead: 'Agnes Pier',
      location: 'Alexanderplatz 1',
      startDateTime: visit.startedAt,
      endDateTime: null,
      notes: 'Hi',
      status: 'incomplete',
      createdBy: agent.id,
      version: 1,
    })
    const { body } = await read(agent, visit.id)
    expect(body).toMatchObject({
      visit,
      agentName: 'Agnes Pier',
      siteName: 'Marketing',
      shop,
      survey: { surveyId: survey.id, number: 1, questions: Object.values(questions) },
      photos: [],
    })
    // What the agent may do by themselves has not grown by that.
    expect((await agent.put(`/interactions/${visit.id}`, { notes: 'x', version: 1 })).status).toBe(403)
    expect(
      await sql(
        `SELECT entity, removed, owner_id FROM feed_changes WHERE feed_id = $1 AND entity_id = $2 ORDER BY entity`,
        [site, visit.id],
      ),
    ).toEqual([
      { entity: 'interaction', removed: false, owner_id: null },
      { entity: 'visit', removed: false, owner_id: agent.id },
    ])
  })

  test('starts without anything but its type, in the time zone of the site', async () => {
    await sql(`UPDATE sites SET settings = '{"timezone": "Europe/Lisbon"}' WHERE id = $1`, [site])
    const visit = await start(agent, { visitType: 'audit' })
    expect(visit).toMatchObject({
      shopId: null,
      surveyId: null,
      surveyNumber: null,
      timezone: 'Europe/Lisbon',
    })
    expect(await interaction(visit.id)).toMatchObject({ title: 'Visit: Audit', timezone: 'Europe/Lisbon' })
  })

  test('started again under its id is the same, and another one is not', async () => {
    const id = randomUUID()
    const body = { id, shopId: shop.id, surveyId: survey.id, visitType: 'routine' }
    const both = await Promise.all([start(agent, body), start(agent, body)])
    expect(both[0]).toEqual(both[1])
    expect(await start(agent, body)).toEqual(both[0])
    const other = await agent.post('/visits', { ...body, visitType: 'audit' })
    expect([other.status, other.error.current]).toEqual([409, both[0]])
    const stranger = await colleague.post('/visits', body)
    expect([stranger.status, stranger.error.current]).toEqual([409, undefined])
    const record = await admin.create()
    expect((await agent.post('/visits', { ...body, id: record.id })).status).toBe(409)
    expect(await sql('SELECT FROM visits WHERE id = $1', [record.id])).toEqual([])
  })

  test.each<[string, object, string, string]>([
    ['an unknown shop', { shopId: randomUUID() }, 'shopId', 'There is no such shop at this site'],
    ['an unknown survey', { surveyId: randomUUID() }, 'surveyId', 'There is no such survey on offer'],
    [
      'a position that is nowhere',
      { geocode: { latitude: 91, longitude: 0, accuracy: null, source: 'entered' } },
      'geocode.latitude',
      'Must be 90 or less',
    ],
    ['no such type', { visitType: 'holiday' }, 'visitType', 'Must be one of'],
  ])('does not start with %s', async (_, given, name, message) => {
    const answer = await agent.post('/visits', { visitType: 'routine', ...given })
    expect(answer.status).toBe(400)
    expect(answer.error.details).toContainEqual({
      field: name,
      message: expect.stringContaining(message) as string,
    })
  })

  test('does not start where a shop or a survey is not offered, nor at a shop of another site', async () => {
    const closed = await field.shop()
    await admin.put(`/shops/${closed.id}`, { active: false, version: 1 })
    const draft = await admin.post<{ survey: { id: string } }>('/surveys', { name: 'Draft', description: '' })
    const elsewhere = await field.shop({}, server.ids.sites.Sales)
    for (const [given, message] of [
      [{ shopId: closed.id }, 'The shop is out of use; choose another'],
      [{ surveyId: draft.body.survey.id }, 'There is no such survey on offer'],
      [{ shopId: elsewhere.id }, 'There is no such shop at this site'],
    ] as const) {
      const answer = await agent.post('/visits', { visitType: 'routine', ...given })
      expect(answer.error.details).toMatchObject([{ message }])
    }
  })

  test('says when it began far from its shop, how exact the position is considered', async () => {
    const at = async (metresNorth: number, accuracy: number | null) => {
      const latitude = home.latitude + metresNorth / 111_195
      const visit = await start(agent, {
        shopId: shop.id,
        geocode: { latitude, longitude: home.longitude, accuracy, source: 'device' },
      })
      const { visits } = (await list(agent)).body
      const { distance, isFar } = visits.find(({ id }) => id === visit.id)!
      return [distance, isFar]
    }
    expect(await at(250, null)).toEqual([250, false])
    expect(await at(400, null)).toEqual([400, true])
    expect(await at(400, 150)).toEqual([400, false])
    const somewhere = await start(agent, { shopId: shop.id })
    expect((await list(agent)).body.visits.find(({ id }) => id === somewhere.id)).toMatchObject({
      distance: null,
      isFar: false,
    })
    // As far as the shop it is said to be at, later, and where it is.
    const { body } = await edit(somewhere, { position: { ...home, accuracy: null, source: 'entered' } })
    expect((await list(agent)).body.visits.find(({ id }) => id === somewhere.id)).toMatchObject({
      distance: 0,
    })
    await edit(body.visit, { shopId: null })
    expect((await list(agent)).body.visits.find(({ id }) => id === somewhere.id)!.distance).toBeNull()
  })

  test('that began far away stays so', async () => {
    const geocode = {
      latitude: home.latitude + 0.1,
      longitude: home.longitude,
      accuracy: 9,
      source: 'device',
    }
    const visit = await start(agent, { shopId: shop.id, geocode })
    for (const position of [
      { ...home, accuracy: null, source: 'shop' },
      { ...geocode, accuracy: 100_000 },
      null,
    ])
      expect((await edit(visit, { position })).error.details).toMatchObject([{ field: 'position' }])
    expect((await list(agent)).body.visits[0]).toMatchObject({ id: visit.id, isFar: true })
    const vague = await start(agent, { shopId: shop.id, geocode: { ...geocode, accuracy: 100_000 } })
    expect((await list(agent)).body.visits[0]).toMatchObject({ id: vague.id, isFar: true })
  })
})

describe('an edit', () => {
  test('answers one by one, and takes answers back', async () => {
    const visit = await start(agent, { surveyId: survey.id })
    const first = await edit(visit, { answers: { [isOpen.id]: true, [facings.id]: 12.5 }, notes: 'Cold' })
    expect(first.body.visit).toMatchObject({
      version: 2,
      notes: 'Cold',
      answers: { [isOpen.id]: true, [facings.id]: 12.5 },
    })
    const second = await edit(first.body.visit, { answers: { [facings.id]: null, [remarks.id]: 'Æ “?”' } })
    expect(second.body.visit).toMatchObject({
      version: 3,
      answers: { [isOpen.id]: true, [remarks.id]: 'Æ “?”' },
    })
    expect((await read(agent, visit.id)).body.visit).toEqual(second.body.visit)
    // Nothing changed: nothing is written.
    const third = await edit(second.body.visit, { answers: { [isOpen.id]: true }, notes: 'Cold' })
    expect(third.body.visit).toEqual(second.body.visit)
    const journal = await sql(
      `SELECT action, old_values, new_values FROM audit_logs WHERE entity = 'visit' AND entity_id = $1 ORDER BY position`,
      [visit.id],
    )
    expect(journal).toMatchObject([
      { action: 'visit.started', old_values: null },
      {
        action: 'visit.updated',
        old_values: { notes: '', answers: { [isOpen.id]: null, [facings.id]: null } },
        new_values: { notes: 'Cold', answers: { [isOpen.id]: true, [facings.id]: 12.5 } },
      },
      { action: 'visit.updated' },
    ])
  })

  test('of a stale version is answered with the visit as it is', async () => {
    const visit = await start(agent)
    const { body } = await edit(visit, { notes: 'One' })
    const stale = await edit(visit, { notes: 'Two' })
    expect([stale.status, stale.error.current]).toEqual([409, body.visit])
  })

  test('names each answer that is none', async () => {
    const visit = await start(agent, { surveyId: survey.id })
    const stranger = randomUUID()
    const { status, error } = await edit(visit, {
      answers: { [isOpen.id]: 'yes', [facings.id]: 501, [shelf.id]: 'x', [stranger]: 1 },
    })
    expect(status).toBe(400)
    expect(error.details).toEqual([
      { field: `answers.${isOpen.id}`, message: 'Must be yes or no' },
      { field: `answers.${facings.id}`, message: 'Must be 500 or less' },
      { field: `answers.${shelf.id}`, message: 'Is answered by photos' },
      { field: `answers.${stranger}`, message: 'Is no question of this survey' },
    ])
  })

  test('goes on to a later version of the survey, and never back', async () => {
    const own = await field.survey([isOpen, remarks].map((one) => ({ ...one, id: randomUUID() })))
    const [open, text] = own.questions
    const visit = await start(agent, { surveyId: own.id })
    const answered = await edit(visit, { answers: { [open!.id]: false, [text!.id]: 'Old' } })
    const draft = await admin.put<{ survey: typeof own }>(`/surveys/${own.id}`, {
      questions: [open],
      version: own.version,
    })
    await field.publish(draft.body.survey)
    const lost = await edit(answered.body.visit, { surveyNumber: 2 })
    expect(lost.error.details).toEqual([
      { field: `answers.${text!.id}`, message: 'Is no question of this survey' },
    ])
    const later = await edit(answered.body.visit, { surveyNumber: 2, answers: { [text!.id]: null } })
    expect(later.body.visit).toMatchObject({ surveyNumber: 2, answers: { [open!.id]: false } })
    expect((await edit(later.body.visit, { surveyNumber: 1 })).error.details).toMatchObject([
      { field: 'surveyNumber', message: 'Can only become a later one' },
    ])
    expect((await edit(later.body.visit, { surveyNumber: 3 })).error.details).toMatchObject([
      { field: 'surveyNumber', message: 'The survey was never published under this number' },
    ])
  })
})

describe('completing', () => {
  test('names what is missing, of the questions that are shown', async () => {
    const visit = await start(agent, { surveyId: survey.id })
    expect((await complete(visit)).error.details).toEqual([
      { field: `answers.${isOpen.id}`, message: 'Needs an answer' },
      { field: `answers.${shelf.id}`, message: 'Needs a photo' },
    ])
    expect((await complete(visit, { answers: { [isOpen.id]: true } })).error.details).toMatchObject([
      { field: `answers.${facings.id}` },
      { field: `answers.${shelf.id}` },
    ])
    expect((await read(agent, visit.id)).body).toMatchObject({ visit, photos: [] })
  })

  test('takes the last answers and the photos to come, all or nothing', async () => {
    const visit = await start(agent, {
      shopId: shop.id,
      surveyId: survey.id,
      startedAt: '2026-11-20T09:00:00Z',
    })
    const photo = { id: randomUUID(), purpose: 'question', questionId: shelf.id, ...announcedPicture }
    const body = { answers: { [isOpen.id]: false }, photos: [photo], notes: 'Closed' }
    const bad = await complete(visit, {
      ...body,
      photos: [photo, { ...photo, id: randomUUID(), questionId: null }],
    })
    expect(bad.error.details).toMatchObject([{ field: 'questionId' }])
    expect((await read(agent, visit.id)).body).toMatchObject({ visit, photos: [] })

    const done = await complete(visit, { ...body, completedAt: '2026-11-20T09:40:00Z' })
    expect(done.body.visit).toMatchObject({
      status: 'completed',
      completedAt: '2026-11-20T09:40:00.000Z',
      version: 2,
    })
    expect(await interaction(visit.id)).toMatchObject({
      endDateTime: '2026-11-20T09:40:00.000Z',
      status: 'complete',
      notes: 'Closed',
      version: 2,
    })
    expect((await read(agent, visit.id)).body.photos).toMatchObject([{ id: photo.id, received: 0 }])
    // The answer was lost, and it is sent again; then with the version that is told.
    const stale = await complete(visit, body)
    expect([stale.status, stale.error.current]).toEqual([409, done.body.visit])
    expect((await complete(done.body.visit, body)).body.visit).toEqual(done.body.visit)
    expect((await read(agent, visit.id)).body.photos).toHaveLength(1)
    expect((await list(agent, { shopId: shop.id, status: 'completed' })).body.visits[0]).toMatchObject({
      id: visit.id,
      answers: 1,
      photos: 1,
      photosMissing: 1,
      surveyName: survey.name,
    })
  })

  test('leaves a visit that only grows', async () => {
    const visit = await start(agent, { surveyId: survey.id })
    const photos = [{ purpose: 'question', questionId: shelf.id, ...announcedPicture }]
    const { body } = await complete(visit, { answers: { [isOpen.id]: false }, photos, notes: 'One' })
    const grown = await edit(body.visit, { answers: { [remarks.id]: 'More' }, notes: 'One, two' })
    expect(grown.body.visit).toMatchObject({ version: 3, notes: 'One, two' })
    const message = 'The visit is completed: it can be added to, and not changed'
    for (const changes of [
      { answers: { [isOpen.id]: true, [facings.id]: 1 } },
      { answers: { [remarks.id]: null } },
      { notes: 'Two' },
      { shopId: shop.id },
      { status: 'cancelled' },
    ]) {
      const answer = await edit(grown.body.visit, changes)
      expect([answer.status, answer.error.details?.[0]?.message]).toEqual([400, message])
    }
  })

  test('adds a photo that has no id of its own once', async () => {
    const visit = await start(agent, { surveyId: survey.id })
    const shelfPhoto = { purpose: 'question', questionId: shelf.id, ...announcedPicture }
    const photos = [shelfPhoto, { ...announcedPicture, purpose: 'shelf' }]
    const body = { answers: { [isOpen.id]: false }, photos }
    const done = await complete(visit, body)
    expect((await read(agent, visit.id)).body.photos).toHaveLength(2)
    expect((await complete(done.body.visit, body)).body.visit).toEqual(done.body.visit)
    const other = { ...announcedPicture, purpose: 'other', sha256: 'f'.repeat(64) }
    await complete(done.body.visit, { photos: [...photos, other] })
    expect((await read(agent, visit.id)).body.photos).toHaveLength(3)
  })

  test('waits for whoever edits its interaction without holding up the site', async () => {
    const visit = await start(agent, { surveyId: survey.id })
    const client = await server.database.owner.connect()
    try {
      await client.query('BEGIN')
      await client.query('SELECT FROM interactions WHERE id = $1 FOR UPDATE', [visit.id])
      const photos = [{ purpose: 'question', questionId: shelf.id, ...announcedPicture }]
      const completing = complete(visit, { answers: { [isOpen.id]: false }, photos })
      await expect
        .poll(() =>
          sql(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`),
        )
        .toHaveLength(1)
      await client.query(`SET LOCAL lock_timeout = '1s'`)
      await client.query('UPDATE feed_heads SET seq = seq WHERE feed_id = $1', [site])
      await client.query('COMMIT')
      expect((await completing).status).toBe(200)
    } finally {
      client.release(true)
    }
    const deeds = await sql<{ action: string }>(
      `SELECT action FROM audit_logs WHERE feed_id = $1 ORDER BY position DESC LIMIT 3`,
      [site],
    )
    expect(deeds.map(({ action }) => action)).toEqual([
      'visit.completed',
      'photo.added',
      'interaction.updated',
    ])
  })

  test('not before its start', async () => {
    const visit = await start(agent, { startedAt: '2026-11-20T09:00:00Z' })
    expect((await complete(visit, { completedAt: '2026-11-20T08:59:59Z' })).error.details).toEqual([
      { field: 'completedAt', message: 'Must not be before the start' },
    ])
  })
})

describe('its interaction', () => {
  test('keeps what others wrote into it, and the status they gave it', async () => {
    const visit = await start(agent, { shopId: shop.id })
    const editor = server.as('editor', site)
    await editor.put(`/interactions/${visit.id}`, { title: 'Renamed', status: 'draft', version: 1 })
    await complete(visit, { notes: 'Done', completedAt: '2029-12-31T00:00:00Z' })
    expect(await interaction(visit.id)).toMatchObject({
      title: 'Renamed',
      notes: 'Done',
      endDateTime: '2029-12-31T00:00:00.000Z',
      status: 'draft',
      version: 3,
    })
  })

  test('keeps the notes of whoever wrote some into it', async () => {
    const visit = await start(agent, { shopId: shop.id, notes: 'Quiet' })
    const { body } = await edit(visit, { notes: 'Quiet day' })
    expect(await interaction(visit.id)).toMatchObject({ notes: 'Quiet day' })
    await server.as('editor', site).put(`/interactions/${visit.id}`, { notes: 'Call again', version: 2 })
    await edit(body.visit, { notes: 'Quiet day, rain', shopId: null })
    expect(await interaction(visit.id)).toMatchObject({ notes: 'Call again', title: 'Visit: Routine visit' })
  })

  test('goes with a visit that is cancelled, unless somebody else changed it', async () => {
    const alone = await start(agent, { shopId: shop.id })
    const { body } = await edit(alone, { notes: 'x' })
    const cancelled = await edit(body.visit, { status: 'cancelled' })
    expect(cancelled.body.visit).toMatchObject({ status: 'cancelled', version: 3 })
    expect(await interaction(alone.id)).toBeNull()
    const again = await edit(cancelled.body.visit, { notes: 'y' })
    expect(again.error.details).toEqual([{ field: 'status', message: 'The visit was cancelled' }])

    const shared = await start(agent)
    await server.as('editor', site).put(`/interactions/${shared.id}`, { description: 'Theirs', version: 1 })
    const edited = await edit(shared, { notes: 'x' })
    await edit(edited.body.visit, { status: 'cancelled' })
    expect(await interaction(shared.id)).toMatchObject({ description: 'Theirs' })
  })

  test('that is gone does not come back, and does not stop the visit', async () => {
    const visit = await start(agent)
    await admin.delete(`/interactions/${visit.id}`)
    expect((await complete(visit)).status).toBe(200)
    expect(await interaction(visit.id)).toBeNull()
  })

  test('has the type “Visit”, which is added where there is none', async () => {
    await sql(
      `UPDATE interaction_types SET name = 'Call at a shop' WHERE name = 'Visit' AND tenant_id = $1`,
      [server.ids.tenants['Harbour & Vale']],
    )
    const visit = await start(agent)
    expect(await interaction(visit.id)).toMatchObject({ type: 'Visit' })
    const { body } = await admin.get<{ types: { name: string; active: boolean }[] }>('/interaction-types')
    expect(body.types.at(-1)).toMatchObject({ name: 'Visit', active: true })
  })
})

describe('who', () => {
  test('others find no such visit, whatever they are', async () => {
    const visit = await start(agent)
    for (const client of [colleague, leader, server.as('viewer', site), server.as('manager', site)]) {
      expect((await client.get(`/visits/${visit.id}`)).status).toBe(404)
      expect((await list(client)).body.visits.map(({ id }) => id)).not.toContain(visit.id)
    }
    expect((await server.as('outsider').get(`/visits/${visit.id}`)).status).toBe(404)
    expect((await edit(visit, { notes: 'x' }, colleague)).status).toBe(404)
    expect((await complete(visit, {}, colleague)).status).toBe(404)
    expect((await edit(visit, { notes: 'x' }, leader)).status).toBe(403)
    await expect
      .poll(() =>
        sql(
          `SELECT new_values ->> 'status' AS status FROM audit_logs
           WHERE action = 'access.refused' AND actor_id = $1 AND new_values ->> 'url' LIKE $2`,
          [colleague.id, `%${visit.id}%`],
        ),
      )
      .toHaveLength(3)
    expect((await admin.get<WholeVisit>(`/visits/${visit.id}`)).body.visit).toEqual(visit)
    expect((await list(admin)).body.visits.map(({ id }) => id)).toContain(visit.id)
  })

  test('a leader sees those of the people below, until they are no more', async () => {
    const visit = await start(agent, { shopId: shop.id, surveyId: survey.id })
    const foreign = await start(colleague)
    const { body } = await admin.post<{ team: { id: string } }>('/teams', {
      name: `Team ${randomUUID()}`,
      level: 'team',
      parentId: null,
      leaderId: leader.id,
    })
    await admin.post(`/teams/${body.team.id}/members`, { userId: agent.id })
    expect((await read(leader, visit.id)).body).toMatchObject({ visit, shop, agentName: 'Agnes Pier' })
    expect((await list(leader, { search: 'agnes mitte' })).body.visits.map(({ id }) => id)).toContain(
      visit.id,
    )
    expect((await read(leader, foreign.id)).status).toBe(404)
    expect((await edit(visit, { notes: 'x' }, leader)).status).toBe(403)

    await admin.delete(`/teams/${body.team.id}/members?userId=${agent.id}`)
    expect((await read(leader, visit.id)).status).toBe(404)
    expect((await list(leader)).body.total).toBe(0)
  })

  test('an agent works only where they belong, and sees of their own what is there', async () => {
    const mobile = await person('mobile', ['agent'], { [site]: 'viewer' })
    const visit = await start(mobile)
    expect((await list(mobile)).body.total).toBe(1)
    await sql('DELETE FROM user_sites WHERE user_id = $1', [mobile.id])
    expect((await read(mobile, visit.id)).status).toBe(404)
    expect((await list(mobile)).body.total).toBe(0)
    expect((await edit(visit, { notes: 'x' }, mobile)).status).toBe(403)
    expect((await mobile.post('/visits', { visitType: 'routine' })).status).toBe(404)
    const plain = await person('plain', [], { [site]: 'administrator' })
    expect((await plain.post('/visits', { visitType: 'routine' })).status).toBe(403)
  })
})

test('the audit tells whoever reads it of a site only that there was a visit, and nowhere where', async () => {
  const position = { latitude: 52.512345, longitude: 13.412345, accuracy: 3, source: 'device' }
  const visit = await start(agent, { surveyId: survey.id, geocode: position, notes: 'Between us' })
  await edit(visit, { answers: { [remarks.id]: 'Between us too' } })
  await field.addPhoto(agent, visit.id, { latitude: 52.512345, longitude: 13.412345 })
  interface Audit {
    entries: { action: string; entity: string; newValues: Record<string, unknown> | null }[]
  }
  const ofSite = await server.as('manager', site).get<Audit>(`/sites/${site}/audit?limit=20`)
  const told = ofSite.body.entries.filter(({ entity }) => entity === 'visit' || entity === 'photo')
  expect(told.slice(0, 3).map(({ action, newValues }) => [action, newValues])).toEqual([
    ['photo.added', null],
    ['visit.updated', null],
    ['visit.started', null],
  ])
  const file = await server.as('manager', site).get(`/sites/${site}/audit/export`)
  expect([file.status, file.text.includes('Between us too')]).toEqual([200, false])
  const { text, body } = await admin.get<Audit>('/audit?limit=20')
  expect(text).toContain('Between us too')
  expect(text).not.toContain('12345')
  expect(body.entries.find(({ action }) => action === 'visit.started')!.newValues).toMatchObject({
    position: { source: 'device' },
  })
})

describe('a list', () => {
  test('is filtered, searched and paged, the latest first', async () => {
    const walker = await person('wanda', ['agent'], { [site]: 'viewer' })
    const other = await field.shop({ name: 'Ünder den Linden' })
    const days = ['2026-10-01', '2026-10-03', '2026-10-02']
    const visits: Visit[] = []
    for (const [index, day] of days.entries())
      visits.push(
        await start(walker, {
          startedAt: `${day}T08:00:00Z`,
          shopId: index === 1 ? other.id : shop.id,
          ...(index === 0 && { surveyId: survey.id }),
        }),
      )
    const [first, third, second] = visits.map(({ id }) => id) as [string, string, string]
    const ids = async (query: Record<string, string>) =>
      (await list(walker, query)).body.visits.map(({ id }) => id)
    expect(await ids({})).toEqual([third, second, first])
    expect(await ids({ search: 'UNDER wanda' })).toEqual([third])
    expect(await ids({ search: '%' })).toEqual([])
    expect(await ids({ shopId: other.id })).toEqual([third])
    expect(await ids({ surveyId: survey.id })).toEqual([first])
    expect(await ids({ from: '2026-10-02T00:00:00Z', to: '2026-10-03T08:00:00Z' })).toEqual([second])
    expect(await ids({ siteId: server.ids.sites.Sales })).toEqual([])
    expect(await ids({ agentId: walker.id, status: 'in_progress' })).toHaveLength(3)
    expect(await ids({ agentId: agent.id })).toEqual([])
    const { body } = await list(walker, { page: '2', pageSize: '2' })
    expect(body).toMatchObject({ total: 3, page: 2, pageSize: 2, visits: [{ id: first }] })
  })

  test('is what a figure was about: days, a team, a brand, marks, surveys, or far from the shop', async () => {
    const walker = await person('fiona', ['agent'], { [site]: 'viewer' })
    const nearBrand = await field.brand('Northwind')
    const otherBrand = await field.brand('Southwind')
    const north = { ...home, latitude: home.latitude + 0.1, accuracy: 9, source: 'device' }
    // On the clocks of Berlin it is the 2nd already, on those of Lisbon the 1st still.
    const late = { startedAt: '2026-10-01T22:30:00Z', timezone: 'Europe/Berlin' }
    const plain = await start(walker, { ...late, surveyId: survey.id })
    const far = await start(walker, { ...late, timezone: 'Europe/Lisbon', shopId: shop.id, geocode: north })
    const { id: marked } = await field.addPhoto(walker, plain.id)
    const polygon = [0, 1, 2].map((corner) => ({ x: Number(corner > 0), y: Number(corner > 1) }))
    await walker.post(`/photos/${marked}/shelf_quadrants`, {
      quadrants: [{ brandId: nearBrand.id, polygon }],
    })
    await field.addPhoto(walker, far.id)
    const ids = async (query: Record<string, string>, client: Pick<typeof agent, 'call'> = admin) =>
      (await list(client, { agentId: walker.id, ...query })).body.visits.map(({ id }) => id)
    expect(await ids({ fromDay: '2026-10-02' })).toEqual([plain.id])
    expect(await ids({ toDay: '2026-10-01' })).toEqual([far.id])
    expect(await ids({ fromDay: '2026-10-01', toDay: '2026-10-02' })).toHaveLength(2)
    expect(await ids({ marked: 'true' })).toEqual([plain.id])
    expect(await ids({ brandId: nearBrand.id })).toEqual([plain.id])
    expect(await ids({ brandId: otherBrand.id })).toEqual([])
    expect(await ids({ hasSurvey: 'true' })).toEqual([plain.id])
    expect(await ids({ isFar: 'true' })).toEqual([far.id])
    for (const query of [
      { fromDay: '2026-02-31' },
      { toDay: 'today' },
      { isFar: 'false' },
      { teamId: 'x' },
    ]) {
      const answer = await list(admin, query)
      expect([answer.status, answer.error.details?.[0]?.field]).toEqual([400, Object.keys(query)[0]])
    }

    const head = await person('hedda', ['area_manager'], { [site]: 'viewer' })
    const { id: area } = await field.team({ level: 'area', leaderId: head.id })
    const { id: below } = await field.team({ parentId: area, members: [walker.id] })
    const { id: foreign } = await field.team({ members: [walker.id] })
    expect(await ids({ teamId: area })).toHaveLength(2)
    expect(await ids({ teamId: foreign })).toHaveLength(2)
    expect(await ids({ teamId: below }, head)).toHaveLength(2)
    expect(await ids({ teamId: area }, walker)).toHaveLength(2)
    // That the person is in this team, too, the leader of another is not told.
    expect(await ids({ teamId: foreign }, head)).toEqual([])
    expect(await ids({ teamId: randomUUID() })).toEqual([])
  })

  test('of very many is counted to a thousand', async () => {
    const runner = await person('rita', ['agent'], { [site]: 'viewer' })
    await sql(
      `INSERT INTO visits (tenant_id, site_id, id, agent_id, visit_type, status, started_at, timezone)
       SELECT $1, $2, gen_random_uuid(), $3, 'audit', 'in_progress', now() - n * interval '1 minute', 'UTC'
       FROM generate_series(1, 1001) n`,
      [server.ids.tenants['Harbour & Vale'], site, runner.id],
    )
    expect((await list(runner)).body).toMatchObject({ total: 1000, totalIsCapped: true })
    const { body } = await list(runner, { page: '101', pageSize: '10', search: 'rita' })
    expect(body.visits).toHaveLength(1)
    const before = new Date(Date.now() - 90_000).toISOString()
    const exact = await list(runner, { to: before })
    expect(exact.body).toMatchObject({ total: 1000 })
    expect(exact.body).not.toHaveProperty('totalIsCapped')
  })
})
