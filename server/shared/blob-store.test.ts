import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFolder } from '../test/folder.ts'
import { startS3Server } from '../test/s3-server.ts'
import { type BlobStore, createBlobStore } from './blob-store.ts'
import { createS3Store, type S3Settings } from './s3-blob-store.ts'

const failures: string[] = []
const opened: BlobStore[] = []
const none = join(tmpdir(), 'fieldbook-test-no-folder')
function openStore({ s3 = null, photoFolder = none }: { s3?: S3Settings | null; photoFolder?: string }) {
  const store = createBlobStore({ s3, photoFolder }, ({ message }) => failures.push(message))
  opened.push(store)
  return store
}

let s3: Awaited<ReturnType<typeof startS3Server>>
let folder: Awaited<ReturnType<typeof createFolder>>
let photoFolder: string
beforeAll(async () => {
  s3 = await startS3Server()
})
afterAll(() => s3.close())
beforeEach(async () => {
  folder = await createFolder()
  photoFolder = join(folder.path, 'photos')
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const store of opened.splice(0)) store.close()
  failures.length = 0
  await folder.remove()
})

const jpeg = 'image/jpeg'
const bytes = Buffer.from('some bytes of a photo')
const unavailable = {
  code: 'SERVICE_UNAVAILABLE',
  message: 'The photo storage cannot be reached; try again in a moment',
}
async function read(store: BlobStore, key: string) {
  const stream = await store.get(key)
  return stream && buffer(stream)
}

describe.each([
  ['a folder', () => openStore({ photoFolder })],
  ['a bucket', () => openStore({ s3: s3.settings })],
])('in %s', (_, openIt) => {
  let store: BlobStore
  beforeEach(() => {
    store = openIt()
  })
  afterEach(() => expect(failures).toEqual([]))

  test('bytes are given back until they are removed', async () => {
    await store.check()
    expect(await store.get('site-1/photo-1')).toBeNull()
    await store.put('site-1/photo-1', bytes, jpeg)
    await store.put('site-1/photo-1', bytes, jpeg)
    expect(await read(store, 'site-1/photo-1')).toEqual(bytes)
    await store.remove('site-1/photo-1')
    await store.remove('site-1/photo-1')
    expect(await store.get('site-1/photo-1')).toBeNull()
  })

  test('a key may begin as another one ends', async () => {
    await store.put('a/b', bytes, jpeg)
    await store.put('a/b/c', Buffer.from('other'), jpeg)
    expect(await store.get('a')).toBeNull()
    expect(await read(store, 'a/b')).toEqual(bytes)
    expect(await read(store, 'a/b/c')).toEqual(Buffer.from('other'))
  })

  test('25 MiB are the same afterwards', async () => {
    const large = randomBytes(25 * 1024 * 1024)
    await store.put('large', large, jpeg)
    const digest = (of: Uint8Array) => createHash('sha256').update(of).digest('hex')
    expect(digest((await read(store, 'large'))!)).toBe(digest(large))
  })

  test.each(['', '/', '../a', 'a/../b', '/a', 'a/', 'a//b', 'A', 'a.b', 'a\\b', 'a\0', 'a\n'])(
    'the key %j is refused',
    async (key) => {
      await expect(store.put(key, bytes, jpeg)).rejects.toThrow('is no key of a blob')
      await expect(store.get(key)).rejects.toThrow('is no key of a blob')
      await expect(store.remove(key)).rejects.toThrow('is no key of a blob')
    },
  )
})

describe('a folder', () => {
  test('has all of it on the disk before it says so', async () => {
    const flushed: number[] = []
    const handle = await open(folder.path)
    vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'sync').mockImplementation(async function (
      this: typeof handle,
    ) {
      flushed.push((await this.stat()).ino)
    })
    await handle.close()
    await openStore({ photoFolder }).put('site/day/photo', bytes, jpeg)
    const day = join(photoFolder, 'site', 'day')
    const expected = [join(day, 'photo.blob'), day, dirname(day), photoFolder, folder.path]
    expect(flushed).toEqual(await Promise.all(expected.map(async (path) => (await stat(path)).ino)))
    expect(await readdir(day)).toEqual(['photo.blob'])
  })

  test('is for the eyes of the server alone', async () => {
    await openStore({ photoFolder }).put('site/photo', bytes, jpeg)
    const mode = async (...path: string[]) => (await stat(join(photoFolder, ...path))).mode & 0o777
    expect([await mode(), await mode('site'), await mode('site', 'photo.blob')]).toEqual([
      0o700, 0o700, 0o600,
    ])
  })

  test('that cannot be written to is an outage until it can', async () => {
    const store = openStore({ photoFolder })
    await writeFile(photoFolder, 'in the way')
    await expect(store.put('site/photo', bytes, jpeg)).rejects.toMatchObject(unavailable)
    await expect(store.check()).rejects.toThrow(photoFolder)
    expect(failures).toHaveLength(2)
    await rename(photoFolder, `${photoFolder}.old`)
    await store.put('site/photo', bytes, jpeg)
    await store.check()
    expect(await readdir(photoFolder)).toEqual(['site'])
  })

  test('keeps nothing of what could not be written', async () => {
    await mkdir(join(photoFolder, 'photo.blob'), { recursive: true })
    await expect(openStore({ photoFolder }).put('photo', bytes, jpeg)).rejects.toMatchObject(unavailable)
    expect(await readdir(photoFolder)).toEqual(['photo.blob'])
  })
})

describe('a bucket', () => {
  test.each([
    ['that is not there', { bucket: 'others' }, /^There is no bucket “others” at http:\/\/127/],
    [
      'for other credentials',
      { credentials: { accessKeyId: 'OTHER', secretAccessKey: 'a-secret' } },
      /^The credentials may not use the bucket “photos” \(\w+\)$/,
    ],
    [
      'at an address where nobody listens',
      { endpoint: 'http://127.0.0.1:1' },
      /^The storage at http:\/\/127.0.0.1:1 does not answer: ECONNREFUSED$/,
    ],
  ])('%s', async (_, wrong, why) => {
    const store = openStore({ s3: { ...s3.settings, ...wrong } })
    await expect(store.check()).rejects.toThrow(why)
    await expect(store.put('photo', bytes, jpeg)).rejects.toMatchObject(unavailable)
    await expect(store.get('photo')).rejects.toMatchObject(unavailable)
    await expect(store.remove('photo')).rejects.toMatchObject(unavailable)
    expect(failures).toEqual(Array(4).fill(expect.stringMatching(why)))
  })

  test('is used again once its server is back', async () => {
    const store = openStore({ s3: s3.settings })
    await store.put('photo', bytes, jpeg)
    await s3.stop()
    await expect(store.get('photo')).rejects.toMatchObject(unavailable)
    await expect(store.check()).rejects.toThrow('does not answer: ECONNREFUSED')
    await s3.restart()
    await store.check()
    expect(await read(store, 'photo')).toEqual(bytes)
  })

  describe('whose server goes silent', () => {
    const soon = { connect: 100, request: 100, silence: 100 }
    const sockets = new Set<Socket>()
    let words = ''
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {}).once('data', () => socket.write(words))
    })
    let settings: S3Settings
    beforeAll(async () => {
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { port } = server.address() as { port: number }
      settings = { ...s3.settings, endpoint: `http://127.0.0.1:${port}` }
    })
    afterAll(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })

    test('is not waited for', async () => {
      const store = createS3Store(settings, soon)
      for (const asked of [store.get('a'), store.put('a', bytes, jpeg), store.remove('a'), store.check()]) {
        await expect(asked).rejects.toThrow('does not answer: no answer within 0.1 s')
      }
      store.close()
    })

    test('half way through what is read, neither', async () => {
      words = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'
      const store = createS3Store(settings, { ...soon, request: 60_000 })
      await expect(read(store, 'a')).rejects.toThrow('timed out after 100 ms')
      store.close()
    })
  })
})
