import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Infographic } from '#common/contract/brands'
import type { Received } from '#common/contract/pictures'
import {
  joined,
  jpegOfSize,
  pngHeader,
  pngMagic,
  realJpeg,
  realWebp,
  tinyJpeg,
  tinyPng,
  withExif,
} from '#common/rules/test/pictures'
import { createBlobStore } from '../../shared/blob-store.ts'
import type { Scope } from '../../shared/scope.ts'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { createDatabase, type TestDatabase } from '../../test/database.ts'
import { createFolder } from '../../test/folder.ts'
import { noJobsLeft } from '../../test/jobs.ts'
import { addressOf } from '../../test/listener.ts'
import { writingTogether } from '../../test/together.ts'
import { createPicturesService } from './pictures.service.ts'

let database: TestDatabase
let folder: Awaited<ReturnType<typeof createFolder>>
let server: TestApp
let admin: Client
let brandId: string
const open: TestApp[] = []

async function start(more: Omit<Parameters<typeof createTestApp>[0] & object, 'database'> = {}) {
  const config = { photoFolder: join(folder.path, 'photos') }
  const started = await createTestApp({ database, config, ...more })
  open.push(started)
  return started
}
beforeAll(async () => {
  database = await createDatabase()
  folder = await createFolder()
  server = await createTestApp({ database, config: { photoFolder: join(folder.path, 'photos') } })
  admin = server.as('admin')
  const brand = { name: 'Brand', description: '', colour: '#0d6e6e' }
  brandId = (await admin.post<{ brand: { id: string } }>('/brands', brand)).body.brand.id
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})
afterAll(async () => {
  await server.close()
  await database.drop()
  await folder.remove()
})

const sql = async <R>(text: string, values: unknown[] = []) =>
  (await database.owner.query(text, values)).rows as R[]
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const octets = { 'content-type': 'application/octet-stream' }

/** An infographic of these bytes that is to come. */
async function announce(bytes: Uint8Array, more: object = {}): Promise<string> {
  const { body, status, text } = await admin.post<{ infographic: Infographic; fileUrl: string }>(
    `/brands/${brandId}/infographics`,
    {
      title: 'How it looks',
      sha256: digestOf(bytes),
      size: bytes.length,
      type: 'image/jpeg',
      width: 8,
      height: 8,
      ...more,
    },
  )
  expect(status, text).toBe(201)
  expect(body.fileUrl).toBe(`/api/v1/infographics/${body.infographic.id}/content`)
  return body.infographic.id
}
const send = (id: string, offset: number, bytes: Uint8Array, headers = octets, by = admin) =>
  by.call<Received>('PUT', `/infographics/${id}/content`, {
    query: { offset: String(offset) },
    payload: Buffer.from(bytes),
    headers,
  })
const fetchFile = (id: string, by = admin) => by.get(`/infographics/${id}/content`)
const stateOf = async (id: string) =>
  (
    await admin.get<{ infographics: Infographic[] }>(`/brands/${brandId}/infographics`)
  ).body.infographics.find((one) => one.id === id)!
const partsOf = (id: string) => sql('SELECT FROM picture_parts WHERE picture_id = $1', [id])
const auditsOf = async (id: string) =>
  (
    await sql<{ action: string }>(
      `SELECT action FROM audit_logs WHERE new_values ->> 'id' = $1 ORDER BY position`,
      [id],
    )
  ).map(({ action }) => action)

/** As a device does: goes on where the server says, until it is all there. */
async function sendRest(id: string, bytes: Uint8Array): Promise<void> {
  let { received, storedAt } = await stateOf(id)
  while (!storedAt) {
    const { status, body, error } = await send(id, received, bytes.subarray(received))
    expect([200, 409]).toContain(status)
    if (status === 200) ({ received, storedAt } = body)
    else ({ received } = error.current as { received: number })
  }
}

/** A request whose bytes come over a plain socket, one by one if need be. */
async function sendSlowly(to: TestApp, id: string, length: number) {
  const [host, port] = (await addressOf(to.app)).split(':')
  const socket = connect(Number(port), host)
  const heard = { text: '' }
  socket.setEncoding('utf8').on('data', (part: string) => (heard.text += part))
  socket.on('error', () => {})
  socket.write(
    [
      `PUT /api/v1/infographics/${id}/content?offset=0 HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${inject('sessions').admin.token}`,
      'Content-Type: application/octet-stream',
      `Content-Length: ${length}`,
      '\r\n',
    ].join('\r\n'),
  )
  return { socket, heard }
}

const piece = 256 * 1024

describe('a picture', () => {
  test('that comes whole is kept, and served as what it is', async () => {
    const bytes = jpegOfSize(300_000)
    const id = await announce(bytes)
    expect(await stateOf(id)).toMatchObject({ received: 0, storedAt: null })
    expect(await fetchFile(id)).toMatchObject({
      status: 404,
      error: { message: 'The infographic is still arriving' },
    })

    const sent = await send(id, 0, bytes)
    expect(sent).toMatchObject({ status: 200, body: { success: true, received: 300_000 } })
    expect(sent.body.storedAt).not.toBeNull()
    expect(await stateOf(id)).toMatchObject({ received: 300_000, storedAt: sent.body.storedAt })
    expect(await partsOf(id)).toEqual([])

    const file = await fetchFile(id)
    expect(file.status).toBe(200)
    expect(file.bytes.equals(bytes)).toBe(true)
    expect(file.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': '300000',
      'x-content-type-options': 'nosniff',
    })
    expect(file.headers['content-disposition']).toContain(`attachment; filename="${id}.jpg"`)
    expect((await fetchFile(id, server.as('viewer'))).status).toBe(200)
  })

  test('comes in as many pieces as it takes', async () => {
    const bytes = jpegOfSize(700_000, 1)
    const id = await announce(bytes)
    for (const [from, to] of [
      [0, 1],
      [1, 300_001],
      [300_001, 699_999],
    ] as const) {
      const { body } = await send(id, from, bytes.subarray(from, to))
      expect(body).toEqual({ success: true, received: to, storedAt: null })
    }
    expect((await send(id, 699_999, bytes.subarray(699_999))).body.storedAt).not.toBeNull()
    expect((await fetchFile(id)).bytes.equals(bytes)).toBe(true)
  })

  test('may be a PNG or a WebP', async () => {
    const png = tinyPng()
    for (const [type, bytes] of [
      ['image/png', png],
      ['image/webp', realWebp],
    ] as const) {
      const id = await announce(bytes, { type, width: 3, height: 2 })
      expect((await send(id, 0, bytes, { 'content-type': type })).status).toBe(200)
      expect((await fetchFile(id)).headers['content-type']).toBe(type)
    }
  })

  test('goes on where it stopped and nowhere else', async () => {
    const bytes = jpegOfSize(1000, 2)
    const id = await announce(bytes)
    await send(id, 0, bytes.subarray(0, 400))
    for (const offset of [0, 399, 401, 1000])
      expect(await send(id, offset, bytes.subarray(offset))).toMatchObject({
        status: 409,
        error: { code: 'CONFLICT', message: 'Go on at byte 400', current: { received: 400 } },
      })
    expect((await send(id, 400, bytes.subarray(400))).body.storedAt).not.toBeNull()
    expect((await fetchFile(id)).bytes.equals(bytes)).toBe(true)
  })

  test('that is there is answered as it is, whatever is sent', async () => {
    const bytes = jpegOfSize(1000, 3)
    const id = await announce(bytes)
    const { body } = await send(id, 0, bytes)
    expect((await send(id, 0, bytes)).body).toEqual(body)
    expect((await send(id, 77, jpegOfSize(500))).body).toEqual(body)
    expect((await fetchFile(id)).bytes.equals(bytes)).toBe(true)
    expect(await auditsOf(id)).toEqual(['brand.infographicAdded', 'brand.infographicStored'])
  })

  test('of two who send it at once comes from one of them', async () => {
    const bytes = jpegOfSize(600_000, 4)
    const id = await announce(bytes)
    const requests = [1, 2, 3].map(() => () => send(id, 0, bytes))
    const answers = await writingTogether(database, 'picture_parts', requests)
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    expect((await fetchFile(id)).bytes.equals(bytes)).toBe(true)
    expect(await partsOf(id)).toEqual([])
    expect(await auditsOf(id)).toEqual(['brand.infographicAdded', 'brand.infographicStored'])
  })
})

describe('a connection that breaks', () => {
  const bytes = jpegOfSize(600_000, 5)

  test('in the middle of a piece loses nothing that had come, and doubles nothing', async () => {
    const id = await announce(bytes)
    const { socket } = await sendSlowly(server, id, bytes.length)
    socket.write(bytes.subarray(0, piece + 50_000))
    await expect.poll(async () => (await stateOf(id)).received).toBe(piece)
    socket.end()
    await expect.poll(async () => (await stateOf(id)).received).toBe(piece + 50_000)
    await sendRest(id, bytes)
    expect((await fetchFile(id)).bytes.equals(bytes)).toBe(true)
  })

  test('because it took too long keeps what had come', async () => {
    const id = await announce(bytes)
    const impatient = await start({
      patience: { headers: 2000, request: 2000, idle: 20_000, silence: 20_000, checkEvery: 50 },
    })
    const { socket, heard } = await sendSlowly(impatient, id, bytes.length)
    socket.write(bytes.subarray(0, piece + 7))
    await expect.poll(async () => (await stateOf(id)).received).toBe(piece)
    await expect.poll(async () => (await stateOf(id)).received, { timeout: 5000 }).toBe(piece + 7)
    expect(heard.text).toMatch(/^HTTP\/1\.1 503 /)
    await sendRest(id, bytes)
    expect((await fetchFile(id)).bytes.equals(bytes)).toBe(true)
  })
})

describe('what is not the picture that was announced', () => {
  const refusal = async (bytes: Uint8Array, more: object = {}) => {
    const id = await announce(bytes, more)
    const { status, error } = await send(id, 0, bytes)
    expect(status).toBe(400)
    expect(error.details).toEqual([{ field: 'content', message: error.message }])
    expect(await stateOf(id)).toMatchObject({ received: 0, storedAt: null })
    expect(await partsOf(id)).toEqual([])
    return error.message
  }
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
  const huge = joined(pngMagic, pngHeader(50_000, 50_000))

  test('is refused with the reason, and begins anew', async () => {
    expect(await refusal(svg)).toContain('Choose a JPEG, PNG or WebP picture')
    expect(await refusal(Buffer.from('%PDF-1.7'))).toContain('Choose a JPEG, PNG or WebP picture')
    expect(await refusal(joined(realJpeg, 'PK\x03\x04'))).toContain('holds more than a picture')
    expect(await refusal(realJpeg.subarray(0, -4))).toContain('The end of this picture is missing')
    expect(await refusal(huge, { type: 'image/png', width: 20_000, height: 20_000 })).toContain(
      'too many pixels',
    )
    expect(await refusal(withExif(realJpeg, { latitude: 50, longitude: 4 }))).toContain('without its details')
    expect(await refusal(tinyPng())).toBe(
      'The picture is image/png of 3 × 2, not as it was announced; announce it as it is',
    )
    expect(await refusal(tinyJpeg({ width: 9 }))).toContain('image/jpeg of 9 × 8')
  })

  test('by its digest too, and the right one may follow', async () => {
    const [right, wrong] = [jpegOfSize(5000, 6), jpegOfSize(5000, 7)]
    const id = await announce(right)
    expect(await send(id, 0, wrong)).toMatchObject({
      status: 400,
      error: {
        details: [
          {
            field: 'content',
            message: 'What arrived is not what was announced; send it again from the beginning',
          },
        ],
      },
    })
    expect(await stateOf(id)).toMatchObject({ received: 0 })
    expect((await send(id, 0, right)).status).toBe(200)
    expect((await fetchFile(id)).bytes.equals(right)).toBe(true)
  })

  test('is refused once it is more', async () => {
    const bytes = jpegOfSize(1000, 8)
    const id = await announce(bytes)
    expect(await send(id, 0, joined(bytes, 'x'))).toMatchObject({
      status: 400,
      error: { details: [{ field: 'body', message: 'More came than the 1000 bytes announced' }] },
    })
    expect(await stateOf(id)).toMatchObject({ received: 0 })
    const { socket, heard } = await sendSlowly(server, id, 25 * 1024 * 1024 + 1)
    await expect.poll(() => heard.text).toContain('larger than 25 MiB')
    socket.destroy()
  })

  test('is answered before all of it has come, on a connection that goes on', async () => {
    const id = await announce(jpegOfSize(1000, 8))
    const { socket, heard } = await sendSlowly(server, id, 4 * piece)
    socket.write(Buffer.alloc(piece))
    await expect.poll(() => heard.text).toContain('More came than the 1000 bytes announced')
    socket.write(Buffer.alloc(3 * piece))
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await once(socket, 'close')
    expect(heard.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200'])
  })
})

describe('a body', () => {
  test('is bytes where bytes are taken, and JSON everywhere else', async () => {
    const id = await announce(realJpeg)
    const asIs = {
      status: 400,
      error: { details: [{ field: 'body', message: expect.stringContaining('as they are') as string }] },
    }
    expect(await admin.put(`/infographics/${id}/content?offset=0`, { bytes: 'x' })).toMatchObject(asIs)
    expect(await send(id, 0, realJpeg, { 'content-type': 'text/html' })).toMatchObject(asIs)
    expect(await send(id, 0, realJpeg, {} as typeof octets)).toMatchObject(asIs)
    expect(
      await admin.call('POST', '/brands', { payload: Buffer.from('{}'), headers: octets }),
    ).toMatchObject({
      status: 400,
      error: {
        details: [{ field: 'body', message: 'Send the body as JSON, with Content-Type: application/json' }],
      },
    })
  })

  test('is not looked at before it is known whose it is', async () => {
    const id = await announce(realJpeg)
    expect((await send(id, 0, realJpeg, octets, server.anonymous())).status).toBe(401)
    expect((await send(id, 0, realJpeg, octets, server.as('editor'))).status).toBe(403)
    expect((await send(id, 0, realJpeg, octets, server.as('outsider'))).status).toBe(404)
    expect((await fetchFile(id, server.as('outsider'))).status).toBe(404)
    expect((await send(randomUUID(), 0, realJpeg)).status).toBe(404)
    expect(await stateOf(id)).toMatchObject({ received: 0 })
  })

  test('is binary in OpenAPI', async () => {
    const { body } = await server
      .anonymous()
      .get<{ paths: Record<string, { put: object }> }>('/api/docs/json')
    expect(body.paths['/api/v1/infographics/{id}/content']!.put).toMatchObject({
      requestBody: {
        content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      },
      responses: { 200: expect.anything() as object },
    })
  })
})

test('when the photo storage is away all that came waits for it', async () => {
  const photoFolder = join(folder.path, 'away')
  await writeFile(photoFolder, 'not a folder')
  const other = await start({ config: { photoFolder } })
  const by = other.as('admin')
  const bytes = jpegOfSize(1000, 9)
  const id = await announce(bytes)
  expect(await send(id, 0, bytes, octets, by)).toMatchObject({
    status: 503,
    error: { code: 'SERVICE_UNAVAILABLE' },
  })
  expect(await stateOf(id)).toMatchObject({ received: 1000, storedAt: null })
  await rm(photoFolder)
  expect((await send(id, 1000, Buffer.alloc(0), octets, by)).body.storedAt).not.toBeNull()
  expect((await fetchFile(id, by)).bytes.equals(bytes)).toBe(true)
})

test('what is removed is gone from the photo storage too', async () => {
  const working = await start({ jobs: {} })
  const id = await announce(realJpeg)
  await send(id, 0, realJpeg)
  const path = join(folder.path, 'photos', 'pictures', server.ids.tenants['Harbour & Vale'], `${id}.blob`)
  expect(existsSync(path)).toBe(true)
  expect((await working.as('admin').delete(`/infographics/${id}`)).status).toBe(200)
  expect((await fetchFile(id)).status).toBe(404)
  await noJobsLeft(database)
  expect(existsSync(path)).toBe(false)
})

describe('the service', () => {
  const service = () => {
    const failures: Error[] = []
    const failed = (error: Error) => void failures.push(error)
    const { transact, jobs } = server.app
    const blobs = createBlobStore({ s3: null, photoFolder: join(folder.path, 'photos') }, failed)
    return { pictures: createPicturesService({ transact, blobs, jobs, failed }), failures }
  }
  const scope = (): Scope => {
    const id = server.ids.users.admin
    const by = { id, roles: ['admin'] as const, sites: [] }
    return { tenantId: server.ids.tenants['Harbour & Vale'], siteId: null, userId: id, by }
  }

  test('takes a small version, a clean JPEG of some 512 pixels, once', async () => {
    const { pictures } = service()
    const id = await announce(realJpeg)
    const stored: string[] = []
    const receive = (bytes: Uint8Array) =>
      pictures.receiveThumbnail(scope(), id, Readable.from([Buffer.from(bytes)]), async (_, picture) => {
        stored.push(picture.id)
      })
    for (const bytes of [tinyPng(), tinyJpeg({ width: 513 }), withExif(realJpeg, { orientation: 6 })])
      await expect(receive(bytes)).rejects.toMatchObject({ details: [{ field: 'content' }] })
    await expect(receive(jpegOfSize(64 * 1024 + 1))).rejects.toMatchObject({ details: [{ field: 'body' }] })
    expect(await pictures.thumbnail(scope(), id)).toBeNull()
    await receive(jpegOfSize(64 * 1024))
    await receive(realJpeg)
    expect(stored).toEqual([id])
    const thumbnail = await pictures.thumbnail(scope(), id)
    expect(thumbnail).toMatchObject({ type: 'image/jpeg', size: 64 * 1024 })
    expect(Buffer.from(jpegOfSize(64 * 1024)).equals(thumbnail!.content as Buffer)).toBe(true)
    await expect(pictures.thumbnail(scope(), randomUUID())).rejects.toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
    })
  })

  test('takes nothing for one that was announced again with other bytes meanwhile', async () => {
    const { transact, jobs } = server.app
    const id = await announce(realJpeg)
    const failed = () => {}
    const blobs = createBlobStore({ s3: null, photoFolder: join(folder.path, 'photos') }, failed)
    const changing = {
      ...blobs,
      put: async (...given: Parameters<typeof blobs.put>) => {
        await blobs.put(...given)
        await sql(`UPDATE pictures SET sha256 = repeat('0', 64) WHERE id = $1`, [id])
      },
    }
    const pictures = createPicturesService({ transact, blobs: changing, jobs, failed })
    const sending = pictures.receive(scope(), id, 0, Readable.from([Buffer.from(realJpeg)]), async () => {})
    await expect(sending).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
    expect((await stateOf(id)).storedAt).toBeNull()
  })

  test('says so where the photo storage has lost one', async () => {
    const { pictures, failures } = service()
    const id = await announce(realJpeg)
    await send(id, 0, realJpeg)
    await rm(join(folder.path, 'photos'), { recursive: true })
    expect(await pictures.file(scope(), id)).toBeNull()
    expect(failures.map(({ message }) => message)).toEqual([
      `The bytes of picture ${id} are gone from the photo storage`,
    ])
  })

  test('does not wait for ever for what was announced', async () => {
    const { pictures } = service()
    const [late, stored, recent] = [
      await announce(realJpeg),
      await announce(realJpeg),
      await announce(realJpeg),
    ]
    await send(stored, 0, realJpeg)
    await sql(`UPDATE pictures SET created_at = now() - interval '31 days' WHERE id = ANY ($1)`, [
      [late, stored],
    ])
    await pictures.sweep(server.app.transact, server.ids.tenants.Brightmart)
    expect(await stateOf(late)).toBeDefined()
    await pictures.sweep(server.app.transact, scope().tenantId)
    expect(await stateOf(late)).toBeUndefined()
    expect(await stateOf(stored)).toBeDefined()
    expect(await stateOf(recent)).toBeDefined()
  })
})
