import { describe, expect, test } from 'vitest'
import type { Photo } from '#common/contract/photos'
import type { PullPage } from '#common/contract/sync'
import type { Visit } from '#common/contract/visits'
import type { Client } from '../../test/app.ts'
import { createFieldWork, questionsOfSurvey } from '../../test/field-work.ts'
import { createReplica } from '../../test/replica.ts'

const field = await createFieldWork()
const { server, site, admin, sql, person, start, addPhoto } = field
const agent = await person('agnes', ['agent'], { [site]: 'viewer' })
const colleague = await person('carlo', ['agent'], { [site]: 'editor' })
const questions = Object.values(questionsOfSurvey())

const shops = [await field.shop(), await field.shop(), await field.shop()]
const brand = await field.brand('Arla')
const survey = await field.survey(questions)
const visits: Visit[] = []
const photos: Photo[] = []
const others: (Visit | Photo)[] = []
for (let day = 1; day <= 4; day++) {
  const visit = await start(agent, { startedAt: `2026-11-0${day}T09:00:00Z`, shopId: shops[0]!.id })
  visits.push(visit)
  for (let n = 0; n < day % 3; n++) photos.push(await addPhoto(agent, visit.id))
  const theirs = await start(colleague, { startedAt: `2026-11-0${day}T10:00:00Z` })
  others.push(theirs, await addPhoto(colleague, theirs.id))
}
for (let n = 0; n < 5; n++) await admin.create({ title: `Meeting ${n}` })

const sorted = (records: Iterable<{ id: string }>) => [...records].sort((a, b) => (a.id < b.id ? -1 : 1))
const names = (pages: PullPage[]) => pages.flatMap(({ changes }) => changes.map(({ entity }) => entity))
const nowOf = (client: Pick<Client, 'get'>, id: string) =>
  client.get<{ visit: Visit }>(`/visits/${id}`).then(({ body }) => body.visit)

describe('a first sync', () => {
  test.each([1, 2, 4, 1000])(
    'in pages of %i brings shops, then visits with photos, then interactions',
    async (limit) => {
      const replica = createReplica(agent)
      const pages = await replica.catchUp(limit)
      const order = names(pages).filter((entity) =>
        ['shop', 'visit', 'photo', 'interaction'].includes(entity),
      )
      expect(order.lastIndexOf('shop')).toBeLessThan(order.indexOf('visit'))
      expect(Math.max(order.lastIndexOf('visit'), order.lastIndexOf('photo'))).toBeLessThan(
        order.indexOf('interaction'),
      )
      const { kept } = replica
      expect(sorted(kept.shop.values())).toEqual(sorted(shops))
      expect([...kept.visit.values()]).toEqual([...visits].reverse())
      expect(sorted(kept.photo.values())).toEqual(sorted(photos))
      expect(kept.interaction.size).toBe(visits.length * 2 + 5)
      expect([...kept.brand.values()]).toEqual([brand])
      expect([...kept.survey.values()]).toEqual([
        { id: survey.id, name: survey.name, active: true, publishedNumber: 1 },
      ])
      expect([...kept.surveyVersion.values()]).toMatchObject([{ surveyId: survey.id, number: 1, questions }])
      // Each record once, and never more in a page than was asked for but the photos of its one visit.
      expect(
        new Set(pages.flatMap(({ changes }) => changes.map(({ entity, record }) => entity + record.id))).size,
      ).toBe(names(pages).length)
      for (const page of pages.slice(1)) {
        const visited = page.changes.filter(({ entity }) => entity === 'visit').length
        expect(page.changes.length).toBeLessThanOrEqual(visited === 1 ? limit + 2 : limit)
      }
    },
  )

  test('counts what is still to come', async () => {
    const pages = await createReplica(agent).catchUp(2)
    let left = 1 + shops.length + visits.length + visits.length * 2 + 5
    for (const page of pages) {
      left -= page.changes.filter(({ entity }) =>
        ['surveyVersion', 'shop', 'visit', 'interaction'].includes(entity),
      ).length
      expect(page.remaining).toBe(left)
    }
    expect(left).toBe(0)
  })

  test('brings what was ever published in pages too, before the sites that name it', async () => {
    const tenant = server.ids.tenants['Harbour & Vale']
    const old = await field.survey(Object.values(questionsOfSurvey()))
    await sql(
      `INSERT INTO survey_versions (tenant_id, survey_id, number, id, name, description, questions)
       SELECT $1, $2, n, gen_random_uuid(), 'Old', '', '[]' FROM generate_series(2, 235) n`,
      [tenant, old.id],
    )
    await sql('UPDATE surveys SET published_number = 235 WHERE id = $1', [old.id])
    const before = createReplica(agent)
    const pages = await before.catchUp(1000)
    const versionsOf = (page: PullPage) => names([page]).filter((entity) => entity === 'surveyVersion').length
    expect(pages.map(versionsOf)).toEqual([100, 100, 36])
    expect(pages.map((page) => names([page]).includes('visit'))).toEqual([false, false, true])
    expect(pages.map(({ remaining }) => remaining > 0)).toEqual([true, true, false])
    const small = await createReplica(agent).catchUp(7)
    expect(Math.max(...small.slice(1).map(({ changes }) => changes.length))).toBeLessThanOrEqual(7)
    // What is published while a first sync goes on comes once it is over, and all ways lead to the same.
    const during = createReplica(agent)
    await during.pull(7)
    const draft = { description: 'Other', version: old.version }
    const { body } = await admin.put<{ survey: typeof old }>(`/surveys/${old.id}`, draft)
    await field.publish(body.survey)
    const all = await sql<{ id: string }>('SELECT id FROM survey_versions WHERE tenant_id = $1 ORDER BY id', [
      tenant,
    ])
    for (const replica of [before, during, createReplica(agent)]) {
      await replica.catchUp(50)
      expect([...replica.kept.surveyVersion.keys()].sort()).toEqual(all.map(({ id }) => id))
    }
    await sql('DELETE FROM survey_versions WHERE survey_id = $1', [old.id])
    await sql('DELETE FROM surveys WHERE id = $1', [old.id])
  })

  test('goes on from a cursor of before there was field work', async () => {
    const first = await agent.pull({ limit: 2 })
    const cursor = JSON.parse(Buffer.from(first.cursor, 'base64url').toString()) as {
      feeds: Record<string, { first?: object }>
    }
    cursor.feeds[site]!.first = { after: null, left: 13 }
    const older = Buffer.from(JSON.stringify(cursor)).toString('base64url')
    const page = await agent.pull({ cursor: older, limit: 3 })
    expect(names([page])).toEqual(['interaction', 'interaction', 'interaction'])
    expect(page.remaining).toBe(10)
  })
})

describe('what changes', () => {
  test('reaches the agent’s devices, and of others nothing, not even that it is there', async () => {
    const mine = createReplica(agent)
    const foreign = [createReplica(server.as('editor', site)), createReplica(admin)]
    for (const replica of [mine, ...foreign]) await replica.catchUp()
    const visit = await start(agent)
    const photo = await addPhoto(agent, visit.id)
    const gone = await addPhoto(agent, visit.id)
    await agent.delete(`/photos/${gone.id}`)
    await agent.put(`/visits/${visit.id}`, { notes: 'x', version: 1 })

    const [page] = await mine.catchUp()
    expect(page!.changes.map(({ entity, record }) => [entity, record.id])).toEqual([
      ['interaction', visit.id],
      ['visit', visit.id],
      ['photo', photo.id],
    ])
    expect(page!.removals).toEqual([{ entity: 'photo', id: gone.id, siteId: site }])
    expect(mine.kept.visit.get(visit.id)).toEqual(await nowOf(agent, visit.id))
    for (const replica of foreign) {
      const pages = await replica.catchUp()
      // The interaction is the site's, and has the visit's id.
      expect(pages.flatMap(({ changes }) => changes)).toMatchObject([
        { entity: 'interaction', record: { id: visit.id } },
      ])
      const text = JSON.stringify(pages)
      expect(text).not.toContain(photo.id)
      expect(text).not.toContain(gone.id)
      expect(pages.flatMap(({ removals }) => removals)).toEqual([])
      expect([replica.kept.visit.size, replica.kept.photo.size]).toEqual([0, 0])
    }
  })

  test('of others never comes, in whatever pages', async () => {
    const ids = others.flatMap((record) => ('purpose' in record ? record.id : []))
    for (const client of [agent, server.as('viewer', site), server.as('manager', site), admin]) {
      const replica = createReplica(client)
      const text = JSON.stringify(await replica.catchUp(3))
      for (const id of ids) expect(text).not.toContain(id)
      for (const { id } of others) expect(replica.kept.visit.has(id)).toBe(false)
    }
  })

  test('of a deleted interaction does not take its visit along', async () => {
    const replica = createReplica(agent)
    const visit = await start(agent)
    await replica.catchUp()
    await admin.delete(`/interactions/${visit.id}`)
    await agent.put(`/visits/${visit.id}`, { notes: 'still here', version: 1 })
    const [page] = await replica.catchUp()
    expect(page!.removals).toEqual([{ entity: 'interaction', id: visit.id, siteId: site }])
    expect(replica.kept.visit.get(visit.id)).toMatchObject({ notes: 'still here' })
    expect(replica.records.has(visit.id)).toBe(false)
  })

  test('of shops, brands and surveys reaches everybody they are for', async () => {
    const replica = createReplica(server.as('viewer', site))
    await replica.catchUp()
    const shop = await field.shop()
    await admin.put(`/shops/${shops[0]!.id}`, { active: false, version: 1 })
    await admin.delete(`/shops/${shops[2]!.id}`)
    const other = await field.brand('Valio')
    const draft = { name: survey.name, questions: questions.slice(0, 1), version: survey.version }
    const { body } = await admin.put<{ survey: typeof survey }>(`/surveys/${survey.id}`, draft)
    await field.publish(body.survey)
    await field.shop({}, server.ids.sites.Sales)
    await replica.catchUp()
    const { kept } = replica
    expect(sorted(kept.shop.values())).toMatchObject(
      sorted([
        { ...shops[0]!, active: false, version: 2, updatedAt: expect.any(String) as string },
        shops[1]!,
        shop,
      ]),
    )
    expect(kept.brand.get(other.id)).toEqual(other)
    expect(kept.survey.get(survey.id)).toMatchObject({ publishedNumber: 2 })
    expect([...kept.surveyVersion.values()].map(({ number }) => number).sort()).toEqual([1, 2])
  })

  test('goes from the device with the site', async () => {
    const mobile = await person('mobile', ['agent'], { [site]: 'viewer' })
    await start(mobile)
    const replica = createReplica(mobile)
    await replica.catchUp()
    expect(replica.kept.visit.size).toBe(1)
    await sql('DELETE FROM user_sites WHERE user_id = $1', [mobile.id])
    const [page] = await replica.catchUp()
    expect(page!.sites).toEqual([])
    expect([replica.kept.visit.size, replica.kept.shop.size]).toEqual([0, 0])
  })
})
