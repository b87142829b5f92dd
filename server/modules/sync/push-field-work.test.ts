import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Photo } from '#common/contract/photos'
import type { Visit, WholeVisit } from '#common/contract/visits'
import { createFieldDevice, createFieldWork, photoFields, questionsOfSurvey } from '../../test/field-work.ts'

const field = await createFieldWork()
const { server, site, admin, sql, person, start, addPhoto, interaction } = field
const agent = await person('agnes', ['agent'], { [site]: 'viewer' })
const colleague = await person('carlo', ['agent'], { [site]: 'editor' })
const shop = await field.shop()
const questions = questionsOfSurvey()
const { isOpen, facings, remarks, shelf } = questions
const survey = await field.survey(Object.values(questions))
const brand = await field.brand('Arla')
const device = createFieldDevice(site)

const push = (mutations: object[], client = agent, deviceId = device.id) =>
  client.push<Visit | Photo>(deviceId, mutations)
const one = async (mutation: object, client = agent) => (await push([mutation], client))[0]!
const read = async (id: string, client = agent) => (await client.get<WholeVisit>(`/visits/${id}`)).body
const square = [
  { x: 0, y: 0 },
  { x: 0.5, y: 0 },
  { x: 0.5, y: 1 },
]

describe('a visit of a device', () => {
  test('comes whole in one batch: started, with its photo, answered, marked and completed', async () => {
    const begun = device.start({ shopId: shop.id, surveyId: survey.id, surveyNumber: 1 })
    const id = begun.entityId
    const photoId = randomUUID()
    const fields = photoFields(id, { purpose: 'question', questionId: shelf.id })
    const announced = device.photo('create', photoId, { patch: fields }, begun)
    const shelfPhoto = device.photo('create', randomUUID(), { patch: photoFields(id) }, begun)
    const quadrants = [{ id: randomUUID(), brandId: brand.id, polygon: square }]
    const marked = device.photo(
      'update',
      shelfPhoto.entityId,
      { base: { quadrants: [], shelf: null }, patch: { quadrants, shelf: null } },
      shelfPhoto,
    )
    const seen = { ...(begun.patch as Visit), id }
    const answered = device.edit(seen, { answers: { [isOpen.id]: true, [facings.id]: 3 } }, begun)
    const done = device.edit(
      { ...seen, answers: answered.patch.answers! },
      { status: 'completed', completedAt: '2026-11-20T10:30:00+01:00' },
      answered,
      announced,
    )
    const batch = [begun, announced, shelfPhoto, marked, answered, done]
    const results = await push(batch)
    expect(results.map(({ status, problem }) => problem ?? status)).toEqual(batch.map(() => 'applied'))
    const { visit, photos } = await read(id)
    expect(visit).toMatchObject({
      agentId: agent.id,
      status: 'completed',
      completedAt: '2026-11-20T09:30:00.000Z',
      answers: { [isOpen.id]: true, [facings.id]: 3 },
      version: 3,
    })
    expect(results.at(-1)!.record).toEqual(visit)
    expect(photos.map((photo) => photo.id)).toEqual([photoId, shelfPhoto.entityId])
    expect(photos[1]!.quadrants).toEqual([{ ...quadrants[0], areaPercentage: 100 }])
    expect(await interaction(id)).toMatchObject({ status: 'complete', createdBy: agent.id })

    // The answer was lost, and all is sent again.
    expect((await push(batch)).map(({ status }) => status)).toEqual(batch.map(() => 'duplicate'))
    expect(await read(id)).toMatchObject({ visit, photos })
  })

  test('may name what was taken out of use meanwhile, and an older version of the survey', async () => {
    const closed = await field.shop()
    await admin.put(`/shops/${closed.id}`, { active: false, version: 1 })
    const old = await field.survey([{ ...remarks, id: randomUUID() }])
    const changed = { questions: [{ ...remarks, id: randomUUID() }], active: false, version: old.version }
    const { body } = await admin.put<{ survey: typeof old }>(`/surveys/${old.id}`, changed)
    await field.publish(body.survey)
    const result = await one(device.start({ shopId: closed.id, surveyId: old.id, surveyNumber: 1 }))
    expect(result).toMatchObject({ status: 'applied', record: { shopId: closed.id, surveyNumber: 1 } })
  })

  test('created twice under its id is one, and a conflict where it is another', async () => {
    const begun = device.start({ notes: 'Hi' })
    expect((await one(begun)).status).toBe('applied')
    const again = await one({ ...begun, mutationId: randomUUID() })
    expect(again).toMatchObject({ status: 'applied', record: { id: begun.entityId, version: 1 } })
    const other = await one(device.start({ notes: 'Other' }, begun.entityId))
    expect(other).toMatchObject({ status: 'conflict', conflict: { fields: [], theirs: { notes: 'Hi' } } })
    // Of somebody else nothing is told, and nothing is left behind.
    const stolen = await one(device.start({ notes: 'Hi' }, begun.entityId), colleague)
    expect(stolen).toMatchObject({ status: 'conflict', conflict: { fields: [], theirs: null } })
    const elsewhere = createFieldDevice(server.ids.sites.Sales)
    const traveller = await person('tessa', ['agent'], { [server.ids.sites.Sales]: 'editor' })
    const [taken] = await push([elsewhere.start({}, begun.entityId)], traveller, elsewhere.id)
    expect(taken).toMatchObject({ status: 'conflict', conflict: { theirs: null } })
    expect(await sql('SELECT FROM interactions WHERE id = $1', [begun.entityId])).toHaveLength(1)
  })

  test('at an address of any length has a place that can be stored', async () => {
    const address = `${'a'.repeat(253)}😀😀`
    const { id } = await field.shop({ address })
    const begun = device.start({ shopId: id })
    expect((await one(begun)).status).toBe('applied')
    expect(await interaction(begun.entityId)).toMatchObject({ location: `${'a'.repeat(253)}…` })
  })

  test('merges answer by answer, and conflicts in those both sides gave', async () => {
    const visit = await start(agent, { surveyId: survey.id })
    const mine = device.edit(visit, { answers: { [isOpen.id]: true, [remarks.id]: 'Mine' } })
    const beside = device.edit(visit, { answers: { [facings.id]: 4 } })
    const notes = device.edit(visit, { notes: 'From here' })
    await agent.put(`/visits/${visit.id}`, {
      answers: { [isOpen.id]: false, [remarks.id]: 'Mine' },
      version: 1,
    })
    const [conflict, merged, noted] = await push([mine, beside, notes])
    expect(conflict).toMatchObject({
      status: 'conflict',
      conflict: {
        fields: [`answers.${isOpen.id}`],
        base: { answers: { [isOpen.id]: null, [remarks.id]: null } },
        mine: { answers: { [isOpen.id]: true } },
        theirs: { version: 2, answers: { [isOpen.id]: false } },
      },
    })
    expect([merged!.status, noted!.status]).toEqual(['applied', 'applied'])
    expect((await read(visit.id)).visit).toMatchObject({
      notes: 'From here',
      answers: { [isOpen.id]: false, [remarks.id]: 'Mine', [facings.id]: 4 },
      version: 4,
    })
    // It stays a conflict for ever.
    expect((await one(mine)).status).toBe('conflict')
  })

  test('is refused with reasons that name what is wrong', async () => {
    const visit = await start(agent, { surveyId: survey.id })
    const unread = device.edit(visit, { notes: 'x', answers: { [isOpen.id]: true } })
    const { startedAt: _, ...partial } = device.start().patch
    const refusals: [object, string, string[]][] = [
      [device.start({ shopId: randomUUID() }), 'VALIDATION_ERROR', ['shopId']],
      [device.start({ surveyId: survey.id, surveyNumber: 9 }), 'VALIDATION_ERROR', ['surveyNumber']],
      [device.start({ surveyId: survey.id }), 'VALIDATION_ERROR', ['surveyNumber']],
      [device.start({ surveyId: survey.id, surveyNumber: 3e12 }), 'VALIDATION_ERROR', ['patch.surveyNumber']],
      [
        device.start({ status: 'completed', completedAt: '2026-11-20T10:00:00Z' }),
        'VALIDATION_ERROR',
        ['status'],
      ],
      [{ ...device.start(), patch: partial }, 'VALIDATION_ERROR', ['patch.startedAt']],
      [{ ...unread, base: { answers: {} } }, 'VALIDATION_ERROR', ['base.notes', `base.answers.${isOpen.id}`]],
      [device.edit(visit, { answers: { [isOpen.id]: 'x' } }), 'VALIDATION_ERROR', [`answers.${isOpen.id}`]],
      [
        device.edit(visit, { answers: { '\0': 'x' } }),
        'VALIDATION_ERROR',
        ['base.answers.\0', 'patch.answers.\0'],
      ],
      [
        device.edit(visit, { status: 'completed', completedAt: visit.startedAt }),
        'VALIDATION_ERROR',
        [`answers.${isOpen.id}`, `answers.${shelf.id}`],
      ],
      [{ ...device.edit(visit, { notes: 'x' }), entityId: randomUUID() }, 'RESOURCE_NOT_FOUND', []],
      [{ ...device.start(), op: 'delete' }, 'VALIDATION_ERROR', ['op']],
      [{ ...device.start(), entity: 'shop' }, 'VALIDATION_ERROR', ['entity']],
      [{ ...device.start(), siteId: server.ids.sites.Sales }, 'AUTHORIZATION_ERROR', []],
    ]
    const results = await push(refusals.map(([mutation]) => mutation))
    for (const [index, [, code, fields]] of refusals.entries()) {
      expect(results[index], String(index)).toMatchObject({ status: 'rejected', problem: { code } })
      const named = (results[index]!.problem!.details ?? []).map((detail) => detail.field)
      for (const name of fields) expect(named, String(index)).toContain(name)
    }
    expect(await read(visit.id)).toMatchObject({ visit })
    expect(
      await sql('SELECT FROM interactions WHERE id = ANY ($1)', [
        refusals
          .map(([mutation]) => (mutation as { entityId: string }).entityId)
          .filter((id) => id !== visit.id),
      ]),
    ).toEqual([])
  })

  test('is nobody’s but its agent’s', async () => {
    const visit = await start(agent)
    const edit = device.edit(visit, { notes: 'x' })
    const [theirs] = await push([edit], colleague, randomUUID())
    expect(theirs).toMatchObject({ status: 'rejected', problem: { code: 'RESOURCE_NOT_FOUND' } })
    const [plain] = await server.as('editor', site).push(randomUUID(), [device.start()])
    expect(plain).toMatchObject({ status: 'rejected', problem: { code: 'AUTHORIZATION_ERROR' } })
    expect((await read(visit.id)).visit).toEqual(visit)
  })
})

describe('a photo of a device', () => {
  test('waits for its visit, and is refused without one', async () => {
    const begun = device.start({ shopId: randomUUID() })
    const photo = device.photo('create', randomUUID(), { patch: photoFields(begun.entityId) }, begun)
    const results = await push([begun, photo])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'blocked'])
    const alone = device.photo('create', randomUUID(), { patch: photoFields(randomUUID()) })
    expect(await one(alone)).toMatchObject({ status: 'rejected', problem: { code: 'RESOURCE_NOT_FOUND' } })
    const foreign = await start(colleague)
    const stray = device.photo('create', randomUUID(), { patch: photoFields(foreign.id) })
    expect(await one(stray)).toMatchObject({ status: 'rejected', problem: { code: 'RESOURCE_NOT_FOUND' } })
  })

  test('announced twice is one; marks conflict where both sides changed them', async () => {
    const visit = await start(agent)
    const photo = await addPhoto(agent, visit.id)
    const again = device.photo('create', photo.id, { patch: photoFields(visit.id) })
    expect(await one(again)).toMatchObject({ status: 'applied', record: photo })
    const other = device.photo('create', photo.id, { patch: photoFields(visit.id, { purpose: 'other' }) })
    expect(await one(other)).toMatchObject({ status: 'conflict', conflict: { theirs: { purpose: 'shelf' } } })

    const quadrants = [{ id: randomUUID(), brandId: brand.id, polygon: square }]
    const marks = { base: { quadrants: [] }, patch: { quadrants } }
    await agent.post(`/photos/${photo.id}/shelf_quadrants`, {
      quadrants: [{ brandId: brand.id, polygon: square }],
    })
    const [conflict, outline] = await push([
      device.photo('update', photo.id, marks),
      device.photo('update', photo.id, { base: { shelf: null }, patch: { shelf: square } }),
    ])
    expect(conflict).toMatchObject({ status: 'conflict', conflict: { fields: ['quadrants'] } })
    expect(outline).toMatchObject({ status: 'applied', record: { shelf: square, version: 3 } })
    const unread = await one(device.photo('update', photo.id, { patch: { quadrants } }))
    expect(unread.problem!.details).toEqual([
      { field: 'base.quadrants', message: 'Is required: the value before the edit' },
    ])
  })

  test('that is gone is gone, and what was marked on it meanwhile is a conflict', async () => {
    const visit = await start(agent)
    const photo = await addPhoto(agent, visit.id)
    const theirs = await addPhoto(colleague, (await start(colleague)).id)
    const marks = { base: { quadrants: [] }, patch: { quadrants: [] } }
    const results = await push([
      device.photo('delete', photo.id, {}),
      device.photo('delete', photo.id, {}),
      device.photo('delete', randomUUID(), {}),
      device.photo('update', photo.id, marks),
      device.photo('update', randomUUID(), marks),
      device.photo('delete', theirs.id, {}),
      device.photo('update', theirs.id, marks),
    ])
    expect(results.map(({ status, problem }) => problem?.code ?? status)).toEqual([
      'applied',
      'applied',
      'applied',
      'conflict',
      'RESOURCE_NOT_FOUND',
      'applied',
      'RESOURCE_NOT_FOUND',
    ])
    expect(results[3]!.conflict).toMatchObject({ fields: ['quadrants'], theirs: null })
    expect((await colleague.get(`/photos/${theirs.id}`)).status).toBe(200)
    const done = await start(agent)
    const kept = await addPhoto(agent, done.id)
    await agent.put(`/visits/${done.id}/complete`, { version: done.version })
    const lost = await addPhoto(agent, done.id)
    await sql('UPDATE pictures SET stored_at = now() WHERE id = $1', [kept.id])
    expect(await one(device.photo('delete', kept.id, {}))).toMatchObject({
      status: 'rejected',
      problem: { code: 'VALIDATION_ERROR' },
    })
    expect((await one(device.photo('delete', lost.id, {}))).status).toBe('applied')
    const back = device.photo('create', lost.id, { patch: photoFields(done.id) })
    expect(await one(back)).toMatchObject({ status: 'conflict', conflict: { theirs: null } })
  })

  test('is taken out with the marks that were seen on it, and with no others', async () => {
    const visit = await start(agent)
    const { id } = await addPhoto(agent, visit.id)
    const quadrants = [{ id: randomUUID(), brandId: brand.id, polygon: square }]
    const removal = (base: object, photoId = id) => device.photo('delete', photoId, { base })
    await agent.post(`/photos/${id}/shelf_quadrants`, { shelf: square, quadrants })
    const unseen = [{ shelf: null, quadrants: [] }, { shelf: null, quadrants }, {}].map((base) =>
      removal(base),
    )
    expect(await push(unseen)).toMatchObject(
      [['shelf', 'quadrants'], ['shelf'], ['shelf', 'quadrants']].map((fields) => ({
        status: 'conflict',
        conflict: { fields, theirs: { id, shelf: square, quadrants } },
      })),
    )
    expect((await one(removal({ shelf: square, quadrants }))).status).toBe('applied')
    // That somebody took the marks away again loses nothing.
    const other = await addPhoto(agent, visit.id)
    expect((await one(removal({ shelf: square, quadrants }, other.id))).status).toBe('applied')
  })
})
