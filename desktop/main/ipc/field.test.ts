import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jpegOfSize, realJpeg } from '#common/rules/test/pictures'
import { createPictures } from '../security/picture-protocol.ts'
import { sessionPictures } from '../session/pictures.ts'
import { Computer } from '../test/computer.ts'
import { alice, bob, siteA, siteB } from '../test/device.ts'
import { asked, brandId, fieldModel, photoRequest, startRequest } from '../test/field.ts'
import { temporaryFolder } from '../test/folder.ts'
import { PhotoServer } from '../test/photo-server.ts'
import { refusal } from '../test/server-model.ts'
import { WebModel, type WebRequest } from '../test/web-model.ts'

async function setUp({ keepsData = true } = {}) {
  const web = new WebModel(fieldModel())
  const server = new PhotoServer(web.model)
  const requests: WebRequest[] = []
  web.answer = (request) => {
    if (!request.path.startsWith('/sync') && !request.path.startsWith('/views')) requests.push(request)
    return server.over(request)
  }
  web.addUser('alice', alice, { [siteA]: 'viewer' })
  web.model.setRoles(alice, ['agent'])
  const computer = new Computer(web)
  computer.keychain.available = keepsData
  await computer.start()
  await computer.signIn('alice')
  await computer.pass(1000)
  return { web, server, computer, requests }
}

const done = async (computer: Computer) => {
  await computer.pass(30_000)
  await computer.pass(30_000)
}

describe('a visit', () => {
  it('is begun, worked on and completed over the bridge, and arrives with its photo', async () => {
    const { web, server, computer } = await setUp()
    const { do: ask } = computer
    web.reachable = false
    const { id } = await ask['visits.start'](startRequest)
    await ask['visits.edit']({ id, answers: { [asked.fridge]: false } })
    const picture = jpegOfSize(5000, 6)
    const asking = { purpose: 'question' as const, questionId: asked.shelf, picture }
    const photo = await ask['photos.add'](photoRequest(id, asking))
    await ask['visits.complete']({ id })
    await done(computer)
    expect(computer.dataChanged).toContain(siteA)
    expect((await ask['sync.status']({})).waiting).toBe(3)
    expect((await ask['visits.open']({ id })).open).toMatchObject({
      visit: { status: 'completed', unsent: true },
    })
    expect(await computer.session.signOut({ leaveUnsent: false })).toEqual({ unsent: 3, done: false })

    web.reachable = true
    await ask['sync.now']({})
    await done(computer)
    expect(web.model.field.find('visit', id)).toMatchObject({ status: 'completed' })
    expect(server.parts.get(photo.id)!.equals(picture)).toBe(true)
    expect(computer.photoChanges.at(-1)).toEqual({
      visitId: id,
      id: photo.id,
      state: 'sent',
      received: 5000,
      size: 5000,
    })
    expect(await ask['sync.status']({})).toMatchObject({ waiting: 0, needsAttention: 0 })
    expect((await ask['visits.open']({ id })).open!.photos).toMatchObject([{ state: 'sent', isHere: true }])
  })

  it('waits with its photo for the person to come back, also where nothing may be kept', async () => {
    const { web, server, computer } = await setUp({ keepsData: false })
    web.reachable = false
    const { id } = await computer.do['visits.start']({ ...startRequest, surveyId: null })
    const photo = await computer.do['photos.add'](photoRequest(id))
    expect(await computer.session.signOut({ leaveUnsent: true })).toEqual({ unsent: 2, done: true })
    expect(await computer.session.unsentInMemory()).toBe(2)
    web.reachable = true
    await computer.signIn('alice')
    await done(computer)
    expect(server.parts.get(photo.id)!.length).toBe(2000)
  })

  it('photos are looked at, removed, marked and sent again', async () => {
    const { web, computer, server } = await setUp()
    const { do: ask } = computer
    expect(await ask['photos.look']({ bytes: realJpeg })).toEqual({ type: 'image/jpeg', width: 8, height: 8 })
    await expect(ask['photos.look']({ bytes: new Uint8Array([1, 2]) })).rejects.toThrow(/not a picture/)
    const { id } = await ask['visits.start']({ ...startRequest, surveyId: null })
    const first = await ask['photos.add'](photoRequest(id))
    const second = await ask['photos.add'](photoRequest(id, { picture: jpegOfSize(600, 3) }))
    await ask['photos.remove'](first)
    server.troubles.push(refusal(403, 'AUTHORIZATION_ERROR', 'Not now'))
    await done(computer)
    expect((await ask['visits.open']({ id })).open!.photos).toMatchObject([
      { state: 'stopped', problem: 'Not now' },
    ])
    const list = { siteId: siteA, search: '', status: null, from: null, to: null, offset: 0, limit: 9 }
    const needy = async () => (await ask['visits.mine'](list)).visits.map((visit) => visit.needsAttention)
    expect(await needy()).toEqual([true])
    await ask['photos.retry'](second)
    expect(await needy()).toEqual([false])
    const polygon = [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 1 },
    ]
    await ask['photos.mark']({ ...second, shelf: null, quadrants: [{ id: brandId, brandId, polygon }] })
    await done(computer)
    expect(web.model.field.find('photo', second.id)).toMatchObject({ quadrants: [{ brandId }] })
    expect((await ask['visits.open']({ id })).open!.photos).toMatchObject([{ state: 'sent' }])
  })
})

describe('pictures of the session', () => {
  async function pictured() {
    const world = await setUp()
    const { computer } = world
    const source = sessionPictures(computer.session, 4 * 1000)
    computer.onSession = source.follow
    const pictures = createPictures(source)
    const status = async (path: string) =>
      (await pictures({ url: `app://fieldbook/${path}`, method: 'GET' })!).status
    return { ...world, status }
  }
  const other = '0192f000-0000-7000-8000-0000000000ee'

  it('come from this device, without the network', async () => {
    const { web, computer, status } = await pictured()
    const { id } = await computer.do['visits.start']({ ...startRequest, surveyId: null })
    const photo = await computer.do['photos.add'](photoRequest(id))
    web.reachable = false
    expect(await status(`photo/${photo.id}`)).toBe(200)
    expect(await status(`photo/${photo.id}/thumbnail`)).toBe(200)
    expect(await status(`photo/${other}`)).toBe(404)
    await computer.session.signOut({ leaveUnsent: true })
    expect(await status(`photo/${photo.id}`)).toBe(404)
  })

  it('come from the server else, once, and are nobody else’s', async () => {
    const { web, computer, server, status, requests } = await pictured()
    server.parts.set(other, Buffer.from(realJpeg))
    web.addUser('bob', bob, { [siteA]: 'viewer' })
    const asked = () => requests.filter(({ path }) => path === `/photos/${other}/content`).length
    expect(await status(`photo/${other}`)).toBe(200)
    expect(await status(`photo/${other}`)).toBe(200)
    expect(asked()).toBe(1)
    expect(await status(`photo/${other}/thumbnail`)).toBe(404)
    server.parts.clear()
    await computer.signIn('bob')
    expect(await status(`photo/${other}`)).toBe(404)
    await computer.signIn('alice')
    expect(await status(`photo/${other}`)).toBe(404)
    expect(asked()).toBe(3)
  })

  it('are asked for anew once the person may see something else, or has signed out', async () => {
    const { web, computer, server, status, requests } = await pictured()
    server.parts.set(other, Buffer.from(realJpeg))
    const asked = () => requests.filter(({ path }) => path === `/photos/${other}/content`).length
    expect(await status(`photo/${other}`)).toBe(200)
    web.model.setRoles(alice, [])
    await computer.pass(30_000)
    expect(await status(`photo/${other}`)).toBe(200)
    expect(asked()).toBe(2)
    web.model.setSites(alice, { [siteA]: 'viewer', [siteB]: 'viewer' })
    await computer.pass(30_000)
    expect(await status(`photo/${other}`)).toBe(200)
    expect(asked()).toBe(3)
    await computer.session.signOut({ leaveUnsent: true })
    await computer.signIn('alice')
    expect(await status(`photo/${other}`)).toBe(200)
    expect(asked()).toBe(4)
  })

  it('that were fetched take no more than their share of memory', async () => {
    const { server, status, requests } = await pictured()
    const large = jpegOfSize(1200)
    const ids = [1, 2, 3, 4].map((n) => `0192f000-0000-7000-8000-00000000010${n}`)
    for (const id of ids) server.parts.set(id, Buffer.from(large))
    for (const id of [...ids, ids[3]!, ids[0]!]) expect(await status(`photo/${id}`)).toBe(200)
    // The first had gone, the last had not.
    expect(requests.filter(({ path }) => path.endsWith('/content')).map(({ path }) => path.at(-9))).toEqual([
      '1',
      '2',
      '3',
      '4',
      '1',
    ])
  })
})

describe('what the server has', () => {
  it('is asked of it, where the person acts', async () => {
    const { web, computer, requests } = await setUp()
    const { do: ask } = computer
    const shop = web.model.field.all('shop')[0]!
    web.answer = (request) => {
      requests.push(request)
      if (request.path === '/visits') return { visits: [], total: 0, page: 1, pageSize: 25 }
      if (request.path.startsWith('/shops')) return { success: true, shop }
      return undefined
    }
    requests.length = 0
    await ask['visits.list']({ status: 'completed', search: 'Müller' })
    expect(requests[0]).toMatchObject({ method: 'GET', path: '/visits' })
    expect(Object.fromEntries(requests[0]!.query)).toEqual({ status: 'completed', search: 'Müller' })
    await ask['shops.update']({ siteId: siteA, id: shop.id, active: false, version: 1 })
    expect(requests[1]).toMatchObject({
      method: 'PUT',
      path: `/shops/${shop.id}`,
      siteId: siteA,
      body: { active: false, version: 1 },
    })
    web.reachable = false
    await expect(ask['visits.list']({})).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringMatching(/^The visits of others are on the server only\./) as string,
    })
  })

  it('an infographic is announced and sent whole', async () => {
    const { web, computer, requests } = await setUp()
    web.answer = (request) => {
      requests.push(request)
      if (request.path.endsWith('/infographics')) {
        const infographic = { ...request.body, brandId, received: 0, storedAt: null }
        return { success: true, infographic, fileUrl: '/x' }
      }
      if (request.path.endsWith('/content'))
        return { success: true, received: realJpeg.length, storedAt: '2026-01-01T00:00:00.000Z' }
      return undefined
    }
    const { infographic } = await computer.do['brands.addInfographic']({
      brandId,
      title: 'What to look for',
      picture: realJpeg,
    })
    expect(infographic).toMatchObject({ title: 'What to look for', storedAt: '2026-01-01T00:00:00.000Z' })
    const sent = requests.find(({ path }) => path === `/infographics/${infographic.id}/content`)!
    expect(new Uint8Array(sent.bytes!)).toEqual(realJpeg)
    expect(sent.query.get('offset')).toBe('0')
    await expect(
      computer.do['brands.addInfographic']({ brandId, title: 'x', picture: new Uint8Array([1]) }),
    ).rejects.toThrow(/not a picture/)
  })

  it('a table of shops is read whole, by a process of its own', async () => {
    const { computer } = await setUp()
    const { do: ask } = computer
    expect(await ask['shops.readTable']({})).toEqual({ table: null })
    computer.table = join(temporaryFolder(), 'shops.csv')
    writeFileSync(computer.table, 'name;address\nMüller;Markt 1\nAldi;\n')
    expect(await ask['shops.readTable']({})).toEqual({
      table: {
        fileName: 'shops.csv',
        headers: ['name', 'address'],
        rows: [['Müller', 'Markt 1'], ['Aldi']],
      },
    })
    writeFileSync(computer.table, '%PDF-1.7')
    await expect(ask['shops.readTable']({})).rejects.toThrow(/This is a PDF/)
    writeFileSync(computer.table, `name\n${'Shop\n'.repeat(10_001)}`)
    await expect(ask['shops.readTable']({})).rejects.toThrow(/10,001 rows, and 10,000/)
  })
})
