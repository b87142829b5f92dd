import { createHash, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { MarkedQuadrant, Photo } from '#common/contract/photos'
import { realJpeg, tinyJpeg } from '#common/rules/test/pictures'
import { shelfShares } from '#common/rules/shelf-share'
import type { Client } from '../../test/app.ts'
import type { BlobStore } from '../../shared/blob-store.ts'
import { createPicturesService } from '../pictures/pictures.service.ts'
import { createFieldWork, questionsOfSurvey } from '../../test/field-work.ts'
import { announcedPicture } from '../../test/samples.ts'

const field = await createFieldWork()
const { server, site, admin, sql, person, start, addPhoto } = field
const agent = await person('agnes', ['agent'], { [site]: 'viewer' })
const colleague = await person('carlo', ['agent'], { [site]: 'editor' })
const questions = questionsOfSurvey()
const survey = await field.survey(Object.values(questions))
const [arla, oatly] = [await field.brand('Arla'), await field.brand('Oatly')]

const read = (id: string, client: Pick<Client, 'get'> = agent) =>
  client.get<{ photo: Photo }>(`/photos/${id}`)
const bytes = (client: Pick<Client, 'call'>, url: string, payload: Uint8Array) =>
  client.call<{ received: number; storedAt: string | null }>('PUT', url, {
    payload: Buffer.from(payload),
    headers: { 'content-type': 'application/octet-stream' },
  })
const mark = (id: string, body: object, client: Pick<Client, 'post'> = agent) =>
  client.post<{ photo: Photo }>(`/photos/${id}/shelf_quadrants`, body)
const box = (left: number, top: number, right: number, bottom: number) => [
  { x: left, y: top },
  { x: right, y: top },
  { x: right, y: bottom },
  { x: left, y: bottom },
]
const changesOf = (id: string) =>
  sql('SELECT removed, owner_id FROM feed_changes WHERE feed_id = $1 AND entity = $2 AND entity_id = $3', [
    site,
    'photo',
    id,
  ])
const deeds = async (id: string) =>
  (
    await sql<{ action: string }>(`SELECT action FROM audit_logs WHERE entity_id = $1 ORDER BY position`, [
      id,
    ])
  ).map(({ action }) => action)

describe('a photo', () => {
  test('is announced, and announced again the same', async () => {
    const visit = await start(agent)
    const id = randomUUID()
    const fields = { id, takenAt: '2026-11-20T10:00:00+01:00', latitude: 52.5, longitude: 13.4 }
    const photo = await addPhoto(agent, visit.id, fields)
    expect(photo).toMatchObject({
      id,
      siteId: site,
      visitId: visit.id,
      purpose: 'shelf',
      ...announcedPicture,
      takenAt: '2026-11-20T09:00:00.000Z',
      shelf: null,
      quadrants: [],
      received: 0,
      storedAt: null,
      hasThumbnail: false,
      version: 1,
    })
    expect(await addPhoto(agent, visit.id, fields)).toEqual(photo)
    expect((await agent.get<{ photos: Photo[] }>(`/visits/${visit.id}/photos`)).body.photos).toEqual([photo])
    expect(await changesOf(id)).toEqual([{ removed: false, owner_id: agent.id }])
    const other = await agent.post('/photos', {
      visitId: visit.id,
      purpose: 'other',
      ...announcedPicture,
      id,
    })
    expect([other.status, other.error.current]).toEqual([409, photo])
    const stolen = { visitId: (await start(colleague)).id, purpose: 'shelf', ...announcedPicture, id }
    const theft = await colleague.post('/photos', stolen)
    expect([theft.status, theft.error.current]).toEqual([409, undefined])
  })

  test('answers a question for photos of the survey, and no other', async () => {
    const visit = await start(agent, { surveyId: survey.id })
    const answering = { purpose: 'question', questionId: questions.shelf.id }
    expect(await addPhoto(agent, visit.id, answering)).toMatchObject(answering)
    for (const questionId of [questions.isOpen.id, randomUUID()]) {
      const body = { visitId: visit.id, ...announcedPicture, purpose: 'question', questionId }
      expect((await agent.post('/photos', body)).error.details).toEqual([
        { field: 'questionId', message: 'The survey has no such question for photos' },
      ])
    }
    const stray = { visitId: visit.id, ...announcedPicture, purpose: 'shelf', questionId: questions.shelf.id }
    expect((await agent.post('/photos', stray)).error.details).toMatchObject([{ field: 'questionId' }])
  })

  test('arrives in pieces, and then devices hear of it', async () => {
    const visit = await start(agent)
    const picture = tinyJpeg({ size: 3000, seed: 7 })
    const { id } = await addPhoto(agent, visit.id, {
      ...announcedPicture,
      size: picture.length,
      sha256: createHash('sha256').update(picture).digest('hex'),
    })
    expect((await bytes(agent, `/photos/${id}/content?offset=0`, picture.subarray(0, 1000))).body).toEqual({
      success: true,
      received: 1000,
      storedAt: null,
    })
    const seq = async () =>
      (await sql<{ seq: string }>(`SELECT seq FROM feed_changes WHERE entity_id = $1`, [id]))[0]!.seq
    const before = await seq()
    expect((await agent.get(`/photos/${id}/content`)).status).toBe(404)
    const early = await bytes(agent, `/photos/${id}/content?offset=0`, picture)
    expect([early.status, early.error.current]).toEqual([409, { received: 1000 }])
    const done = await bytes(agent, `/photos/${id}/content?offset=1000`, picture.subarray(1000))
    expect(done.body).toMatchObject({ received: 3000, storedAt: expect.any(String) as string })
    expect((await read(id)).body.photo).toMatchObject({
      version: 2,
      storedAt: done.body.storedAt,
      received: 3000,
    })
    expect(Number(await seq())).toBeGreaterThan(Number(before))
    expect(await deeds(id)).toEqual(['photo.added', 'photo.stored'])
    const file = await agent.get(`/photos/${id}/content`)
    expect(file.bytes.equals(picture)).toBe(true)
    expect(file.headers['content-type']).toBe('image/jpeg')

    expect((await agent.get(`/photos/${id}/thumbnail`)).status).toBe(404)
    expect((await bytes(agent, `/photos/${id}/thumbnail`, realJpeg)).status).toBe(200)
    expect((await agent.get(`/photos/${id}/thumbnail`)).bytes.equals(realJpeg)).toBe(true)
    expect((await read(id)).body.photo).toMatchObject({ version: 3, hasThumbnail: true })
  })

  test('is removed with its bytes, until the visit is completed', async () => {
    const visit = await start(agent)
    const { id } = await addPhoto(agent, visit.id)
    await bytes(agent, `/photos/${id}/content?offset=0`, realJpeg)
    expect((await agent.delete(`/photos/${id}`)).status).toBe(200)
    expect((await read(id)).status).toBe(404)
    expect(await changesOf(id)).toEqual([{ removed: true, owner_id: agent.id }])
    expect(await sql('SELECT FROM pictures WHERE id = $1', [id])).toEqual([])

    const kept = await addPhoto(agent, visit.id)
    await agent.put(`/visits/${visit.id}/complete`, { version: 1 })
    // What is announced may still arrive, and more be added.
    expect((await bytes(agent, `/photos/${kept.id}/content?offset=0`, realJpeg)).body.storedAt).not.toBeNull()
    expect((await agent.delete(`/photos/${kept.id}`)).error.details).toEqual([
      { field: 'id', message: 'The visit is completed: its photos stay' },
    ])
    const lost = await addPhoto(agent, visit.id)
    expect(lost.visitId).toBe(visit.id)
    // One that cannot arrive any more may go.
    expect((await agent.delete(`/photos/${lost.id}`)).status).toBe(200)
    const { photos } = (await agent.get<{ photos: Photo[] }>(`/visits/${visit.id}/photos`)).body
    expect(photos.map(({ id: there }) => there)).toEqual([kept.id])
  })

  test('that was removed does not come back under its id', async () => {
    const visit = await start(agent)
    const { id } = await addPhoto(agent, visit.id)
    await agent.delete(`/photos/${id}`)
    const again = { id, purpose: 'shelf', ...announcedPicture }
    expect((await agent.post('/photos', { visitId: visit.id, ...again })).status).toBe(409)
    const completed = await agent.put(`/visits/${visit.id}/complete`, { version: 1, photos: [again] })
    expect(completed.status).toBe(409)
    expect((await read(id)).status).toBe(404)
  })

  test('is one of two hundred at most', async () => {
    const visit = await start(agent)
    await sql(
      `WITH pictured AS (
         INSERT INTO pictures (tenant_id, id, visit_id, sha256, size, type, width, height)
         SELECT v.tenant_id, gen_random_uuid(), v.id, repeat('0', 64), 1, 'image/png', 1, 1
         FROM visits v, generate_series(1, 199) WHERE v.id = $1 RETURNING tenant_id, id, visit_id)
       INSERT INTO photos (tenant_id, id, site_id, visit_id, purpose) SELECT tenant_id, id, $2, visit_id, 'other' FROM pictured`,
      [visit.id, site],
    )
    const { id } = await addPhoto(agent, visit.id)
    const more = { purpose: 'shelf', ...announcedPicture }
    const refused = await agent.post('/photos', { visitId: visit.id, ...more })
    expect(refused.error.details).toEqual([{ field: 'visitId', message: 'Has 200 photos; 200 is the most' }])
    expect((await addPhoto(agent, visit.id, { id })).id).toBe(id)
  })

  test('that came in part long ago begins anew, and its visit keeps it', async () => {
    const visit = await start(agent)
    const picture = tinyJpeg({ size: 3000, seed: 9 })
    const fields = { size: picture.length, sha256: createHash('sha256').update(picture).digest('hex') }
    const [late, recent] = [await addPhoto(agent, visit.id, fields), await addPhoto(agent, visit.id, fields)]
    for (const { id } of [late, recent])
      await bytes(agent, `/photos/${id}/content?offset=0`, picture.subarray(0, 1000))
    await sql(`UPDATE pictures SET created_at = now() - interval '31 days' WHERE id = $1`, [late.id])
    const pictures = createPicturesService({
      transact: server.app.transact,
      jobs: server.app.jobs,
      blobs: {} as BlobStore,
      failed: () => {},
    })
    await pictures.sweep(server.app.transact, server.ids.tenants['Harbour & Vale'])
    expect((await read(late.id)).body.photo).toMatchObject({ received: 0, storedAt: null })
    expect((await read(recent.id)).body.photo.received).toBe(1000)
    expect(await sql('SELECT FROM picture_parts WHERE picture_id = $1', [late.id])).toEqual([])
    const sent = await bytes(agent, `/photos/${late.id}/content?offset=0`, picture)
    expect(sent.body.storedAt).not.toBeNull()
  })

  test('of somebody else is not there', async () => {
    const visit = await start(agent)
    const { id } = await addPhoto(agent, visit.id)
    await bytes(agent, `/photos/${id}/content?offset=0`, realJpeg)
    for (const client of [colleague, server.as('manager', site), server.as('outsider')]) {
      for (const url of [
        `/photos/${id}`,
        `/photos/${id}/content`,
        `/photos/${id}/thumbnail`,
        `/visits/${visit.id}/photos`,
      ])
        expect((await client.get(url)).status, url).toBe(404)
    }
    expect((await mark(id, { quadrants: [] }, colleague)).status).toBe(404)
    expect((await colleague.delete(`/photos/${id}`)).status).toBe(404)
    expect((await bytes(colleague, `/photos/${id}/content?offset=0`, realJpeg)).status).toBe(404)
    expect((await bytes(colleague, `/photos/${id}/thumbnail`, realJpeg)).status).toBe(404)
    const body = { visitId: visit.id, purpose: 'shelf', ...announcedPicture }
    expect((await colleague.post('/photos', body)).status).toBe(404)
    // An admin sees it, and an infographic is no photo.
    expect((await admin.get(`/photos/${id}/content`)).bytes.equals(realJpeg)).toBe(true)
    const { body: infographic } = await admin.post<{ infographic: { id: string } }>(
      `/brands/${arla.id}/infographics`,
      { title: 'How it looks', ...announcedPicture },
    )
    expect((await admin.get(`/photos/${infographic.infographic.id}/content`)).status).toBe(404)
  })
})

describe('a shelf', () => {
  test('is marked with shares that are those of the rules, to the last digit', async () => {
    const { id } = await addPhoto(agent, (await start(agent)).id)
    const slanted = [
      { x: 1 / 3, y: 0.1 },
      { x: 0.987654321098765, y: 0.123456789012345 },
      { x: 0.7, y: 1 },
    ]
    const quadrants = [
      { id: randomUUID(), brandId: arla.id, polygon: box(0, 0, 0.1 + 0.2, 2 / 3) },
      { id: randomUUID(), brandId: oatly.id, polygon: slanted },
      { id: randomUUID(), brandId: arla.id, polygon: box(0.2, 0.2, 0.6, 1e-7 + 0.9) },
    ]
    const shelf = box(0.05, 0, 1, 0.95)
    const { body } = await mark(id, { shelf, quadrants })
    const shares = shelfShares(
      quadrants.map(({ polygon }) => polygon),
      shelf,
    )
    const marked = quadrants.map((quadrant, index) => ({ ...quadrant, areaPercentage: shares[index] }))
    expect(body.photo).toMatchObject({ version: 2, shelf, quadrants: marked })
    expect((await read(id)).body.photo).toEqual(body.photo)
    const [row] = await sql<{ shares: number[] }>(
      'SELECT array_agg(area_percentage ORDER BY position) AS shares FROM shelf_quadrants WHERE photo_id = $1',
      [id],
    )
    expect(row!.shares).toEqual(shares)
    // The same again is nothing new; others come in place of them.
    expect((await mark(id, { shelf, quadrants })).body.photo.version).toBe(2)
    const stale = await mark(id, { version: 1, shelf: null, quadrants: [] })
    expect([stale.status, stale.error.current]).toEqual([409, body.photo])
    const again = await mark(id, {
      version: 2,
      quadrants: quadrants.slice(0, 1).map(({ id: _, ...rest }) => rest),
    })
    expect(again.body.photo).toMatchObject({ version: 3, shelf, quadrants: [{ brandId: arla.id }] })
    expect((await mark(id, { shelf: null, quadrants: [] })).body.photo).toMatchObject({
      shelf: null,
      quadrants: [],
    })
    expect(await deeds(id)).toEqual(['photo.added', 'photo.marked', 'photo.marked', 'photo.marked'])
  })

  test('takes no block that is none, and no brand there is not', async () => {
    const { id } = await addPhoto(agent, (await start(agent)).id)
    const quadrants = [
      { brandId: randomUUID(), polygon: box(0, 0, 1, 1) },
      { brandId: arla.id, polygon: box(0.1, 0.1, 0.1, 0.9) },
    ]
    const { status, error } = await mark(id, { quadrants })
    expect(status).toBe(400)
    expect(error.details).toEqual([
      { field: 'quadrants.1.polygon', message: 'The block is too small to measure.' },
      { field: 'quadrants.0.brandId', message: 'There is no such brand' },
    ])
    const outside = await addPhoto(agent, (await start(agent)).id, { purpose: 'outside' })
    const block = [{ brandId: arla.id, polygon: box(0, 0, 1, 1) }]
    expect((await mark(outside.id, { quadrants: block })).error.details).toEqual([
      { field: 'quadrants', message: 'Only shelf photos are marked' },
    ])
  })

  test('of a completed visit is marked once', async () => {
    const visit = await start(agent)
    const { id } = await addPhoto(agent, visit.id)
    await agent.put(`/visits/${visit.id}/complete`, { version: 1 })
    const block: Omit<MarkedQuadrant, 'id' | 'areaPercentage'> = {
      brandId: arla.id,
      polygon: box(0, 0, 1, 1),
    }
    expect((await mark(id, { quadrants: [block] })).body.photo.quadrants).toMatchObject([
      { areaPercentage: 100 },
    ])
    expect((await mark(id, { quadrants: [] })).error.details).toEqual([
      { field: 'quadrants', message: 'The visit is completed: what is marked stays as it is' },
    ])
    // A brand that is marked stays.
    expect((await admin.delete(`/brands/${arla.id}`)).status).toBe(409)
  })
})
