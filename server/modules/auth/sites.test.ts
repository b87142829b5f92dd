import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SessionUser } from '#common/contract/auth'
import type { Site, SiteMembership } from '#common/contract/sites'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'

let server: TestApp
let editor: Client
let sites: TestApp['ids']['sites']
beforeAll(async () => {
  server = await createTestApp()
  editor = server.as('editor')
  sites = server.ids.sites
})
afterAll(() => server.close())

const me = async (client: Client) => (await client.get<{ user: SessionUser }>('/auth/me')).body.user

describe('the sites of a person', () => {
  test('are those they belong to, with the role in each', async () => {
    const { body } = await editor.get<{ sites: SiteMembership[] }>('/auth/sites')
    expect(body).toEqual({
      sites: [
        { id: sites.Marketing, name: 'Marketing', role: 'editor' },
        { id: sites.Sales, name: 'Sales', role: 'editor' },
      ],
    })
    expect((await server.as('siteless').get('/auth/sites')).body).toEqual({ sites: [] })
    expect((await server.as('root').get('/auth/sites')).body).toEqual({ sites: [] })
  })

  test('are told in full at /sites, and one by one', async () => {
    const { body } = await editor.get<{ sites: Site[] }>('/sites')
    expect(body.sites.map(({ name }) => name)).toEqual(['Marketing', 'Sales'])
    expect((await editor.get(`/sites/${sites.Sales}`)).body).toEqual({
      site: { id: sites.Sales, name: 'Sales', description: null, settings: {}, active: true, version: 1 },
    })
  })

  test('have no others beside them', async () => {
    for (const id of [sites.Support, sites['Head office'], '01a1fc5e-0000-7000-8000-000000000000']) {
      const answer = await editor.get(`/sites/${id}`)
      expect(answer.error).toMatchObject({
        code: 'RESOURCE_NOT_FOUND',
        message: 'There is no such site among yours',
      })
    }
    expect((await editor.get('/sites/nonsense')).error).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'id', message: 'Must be a UUID in lower case' }],
    })
  })
})

describe('the site of a request', () => {
  const statusAt = async (headers: Record<string, string>) =>
    (await editor.get('/interactions', headers)).status

  test('has to be named where nothing says which', async () => {
    const answer = await editor.get('/interactions')
    expect(answer).toMatchObject({
      status: 400,
      error: {
        code: 'VALIDATION_ERROR',
        message: 'No site is chosen',
        details: [
          {
            field: 'X-Site-ID',
            message: 'Say which site: send X-Site-ID, or choose one with POST /auth/site',
          },
        ],
      },
    })
    expect((await server.as('siteless').get('/interactions')).status).toBe(400)
    expect((await server.as('root').get('/interactions')).status).toBe(400)
  })

  test('is the only one somebody has', async () => {
    await server.as('viewer', sites.Marketing).get('/interactions')
    expect((await server.as('viewer').get('/interactions')).status).toBe(200)
  })

  test('is the one in the header; one that is not theirs is not found, and neither is nonsense', async () => {
    expect(await statusAt({ 'x-site-id': sites.Sales })).toBe(200)
    for (const id of [
      sites.Support,
      sites['Head office'],
      '01a1fc5e-0000-7000-8000-000000000000',
      'nonsense',
      '',
    ]) {
      expect(await statusAt({ 'x-site-id': id })).toBe(404)
    }
  })

  test('is else the chosen one, else the default; the header comes first', async () => {
    const marketing = server.as('editor', sites.Marketing)
    const sales = server.as('editor', sites.Sales)
    const { id } = await sales.create({ title: 'Only in Sales' })

    const chosen = await editor.post('/auth/site', { siteId: sites.Sales })
    expect(chosen.body).toEqual({ success: true, currentSite: { id: sites.Sales, name: 'Sales' } })
    expect((await editor.get(`/interactions/${id}`)).status).toBe(200)
    expect((await marketing.get(`/interactions/${id}`)).status).toBe(404)
    expect(await me(editor)).toMatchObject({ activeSiteId: sites.Sales, defaultSiteId: null })

    await editor.post('/auth/site', { siteId: sites.Marketing, makeDefault: true })
    expect(await me(editor)).toMatchObject({ activeSiteId: sites.Marketing, defaultSiteId: sites.Marketing })
    await editor.post('/auth/site', { siteId: sites.Sales })
    expect(await me(editor)).toMatchObject({ activeSiteId: sites.Sales, defaultSiteId: sites.Marketing })

    const { owner } = server.database
    await owner.query('UPDATE sessions SET active_site_id = NULL WHERE user_id = $1', [
      server.ids.users.editor,
    ])
    expect(await me(editor)).toMatchObject({ activeSiteId: sites.Marketing, defaultSiteId: sites.Marketing })

    const { rows } = await owner.query(
      `SELECT old_values, new_values, entity_id FROM audit_logs WHERE action = 'user.updated'`,
    )
    expect(rows).toEqual([
      {
        entity_id: server.ids.users.editor,
        old_values: { defaultSiteId: null },
        new_values: { defaultSiteId: sites.Marketing },
      },
    ])
  })

  test('becomes the default while somebody else names the person, as an entry of the audit does', async () => {
    const other = await server.database.owner.connect()
    try {
      await other.query('BEGIN')
      await other.query('SELECT FROM users WHERE id = $1 FOR KEY SHARE', [server.ids.users.editor])
      const chosen = await editor.post('/auth/site', { siteId: sites.Sales, makeDefault: true })
      expect(chosen.status, chosen.text).toBe(200)
    } finally {
      await other.query('ROLLBACK')
      other.release()
    }
  })

  test('falls back when the chosen one is taken away', async () => {
    const { owner } = server.database
    const { admin } = server.ids.users
    const client = server.as('admin')
    await client.post('/auth/site', { siteId: sites.Support, makeDefault: true })
    await client.post('/auth/site', { siteId: sites.Sales })
    await owner.query('UPDATE sites SET active = false WHERE id = $1', [sites.Sales])
    expect(await me(client)).toMatchObject({ id: admin, activeSiteId: sites.Support })
    await owner.query('UPDATE sites SET active = true WHERE id = $1', [sites.Sales])
  })

  test('cannot be chosen where one does not belong', async () => {
    for (const siteId of [sites.Support, sites['Head office'], '01a1fc5e-0000-7000-8000-000000000000']) {
      const answer = await editor.post('/auth/site', { siteId })
      expect(answer.error).toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
    }
    expect((await editor.post('/auth/site', { siteId: 'x' })).error.details).toEqual([
      { field: 'siteId', message: 'Must be a UUID in lower case' },
    ])
  })
})
