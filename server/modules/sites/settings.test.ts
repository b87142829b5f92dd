import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { SessionUser, SignedIn } from '#common/contract/auth'
import type { Site, SiteSettings } from '#common/contract/sites'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { password, type PersonName } from '../../test/fixture.ts'
import { listenTo } from '../../test/listener.ts'

let server: TestApp
let site: string
beforeAll(async () => {
  server = await createTestApp()
  site = server.ids.sites.Marketing
})
afterAll(() => server.close())

const change = (settings: object, person: PersonName = 'manager', id = site) =>
  server.as(person).put<{ site: Site }>(`/sites/${id}/settings`, settings)
const settingsIn = (sites: readonly { id: string; settings?: SiteSettings }[]) =>
  sites.find(({ id }) => id === site)!.settings

test('are told wherever sites are, at once', async () => {
  const editor = server.as('editor')
  const everywhere = async () => {
    const { body: me } = await editor.get<{ user: SessionUser }>('/auth/me')
    const { body: mine } = await editor.get<{ sites: SessionUser['sites'] }>('/auth/sites')
    const { body: listed } = await editor.get<{ sites: Site[] }>('/sites')
    const { body: read } = await editor.get<{ site: Site }>(`/sites/${site}`)
    const { body: signedIn } = await server
      .anonymous()
      .post<SignedIn>('/auth/login', { username: 'editor', password })
    const page = await editor.pull()
    return [me.user.sites, mine.sites, listed.sites, [read.site], signedIn.user.sites, page.sites].map(
      settingsIn,
    )
  }
  expect(await everywhere()).toEqual([undefined, undefined, {}, {}, undefined, undefined])

  const settings = { timezone: 'Europe/Lisbon', pageSize: 50 }
  const { status, body } = await change(settings)
  expect(status).toBe(200)
  expect(body.site).toEqual({
    id: site,
    name: 'Marketing',
    description: null,
    settings,
    active: true,
    version: 1,
  })
  expect(await everywhere()).toEqual(Array.from({ length: 6 }, () => settings))

  // What is left out is as the app has it.
  await change({ pageSize: 10 })
  expect(await everywhere()).toEqual(Array.from({ length: 6 }, () => ({ pageSize: 10 })))
  await change({})
  expect(await everywhere()).toEqual([undefined, undefined, {}, {}, undefined, undefined])
})

test('are for administrators of the site to change', async () => {
  for (const person of ['editor', 'viewer'] as const) expect((await change({}, person)).status).toBe(403)
  for (const person of ['outsider', 'siteless'] as const) expect((await change({}, person)).status).toBe(404)
  expect((await change({}, 'manager', server.ids.sites.Sales)).status).toBe(404)
  expect((await change({ pageSize: 25 }, 'admin')).status).toBe(200)
  expect((await change({}, 'admin')).status).toBe(200)
})

test('that make no sense are refused by name', async () => {
  for (const [settings, field] of [
    [{ timezone: 'Europe/Atlantis' }, 'timezone'],
    [{ pageSize: 9 }, 'pageSize'],
    [{ pageSize: 101 }, 'pageSize'],
    [{ colour: 'red' }, 'colour'],
  ] as const) {
    expect(await change(settings)).toMatchObject({ status: 400, error: { details: [{ field }] } })
  }
})

test('are journalled with what they were, and devices are told to ask', async () => {
  const listener = await listenTo(server.app, inject('sessions').viewer.token)
  const told = listener.nextMessage()
  await change({ pageSize: 30 })
  await told
  listener.socket.close()
  await listener.closed
  await change({ pageSize: 30 })
  await change({ pageSize: 40 })
  const { rows } = await server.database.owner.query(
    `SELECT actor_id, old_values, new_values FROM audit_logs WHERE entity_id = $1 AND feed_id = $1 ORDER BY position DESC LIMIT 2`,
    [site],
  )
  const whose = { actor_id: server.ids.users.manager }
  expect(rows).toMatchObject([
    { ...whose, old_values: { settings: { pageSize: 30 } }, new_values: { settings: { pageSize: 40 } } },
    { ...whose, old_values: { settings: {} }, new_values: { settings: { pageSize: 30 } } },
  ])
})
