import { expect, it } from 'vitest'
import { joined, realJpeg, realWebp } from '#common/rules/test/pictures'
import { createPictures } from './picture-protocol.ts'

const id = '0192f000-0000-7000-8000-000000000001'

function setUp(bytes: Uint8Array | null = realJpeg) {
  const asked: string[] = []
  const read = (what: string) => async (of: string) => {
    asked.push(`${what} ${of}`)
    return bytes
  }
  const pictures = createPictures({
    photo: read('photo'),
    thumbnail: read('thumbnail'),
    infographic: read('infographic'),
  })
  return { asked, get: (url: string, method = 'GET') => pictures({ url, method }) }
}

it.each([
  [`app://fieldbook/photo/${id}`, `photo ${id}`],
  [`app://fieldbook/photo/${id}/thumbnail`, `thumbnail ${id}`],
  [`app://fieldbook/infographic/${id}`, `infographic ${id}`],
])('%s is a picture, as which it is told, and nothing else', async (url, expected) => {
  const { asked, get } = setUp()
  const response = (await get(url))!
  expect(response.status).toBe(200)
  expect(asked).toEqual([expected])
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(realJpeg)
  expect(Object.fromEntries(response.headers)).toEqual({
    'content-type': 'image/jpeg',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; sandbox`,
  })
})

it('the type is what the bytes say', async () => {
  const response = await setUp(realWebp).get(`app://fieldbook/photo/${id}`)
  expect(response!.headers.get('content-type')).toBe('image/webp')
})

it.each([
  ['is not there', null],
  ['is a page', new TextEncoder().encode('<html><script>alert(1)</script>')],
  ['is a picture and a page', joined(realJpeg, '<script>alert(1)</script>')],
])('what %s is answered with 404', async (_, bytes) => {
  expect((await setUp(bytes).get(`app://fieldbook/photo/${id}`))!.status).toBe(404)
})

it('what cannot be read is answered with 404, and says nothing of why', async () => {
  const failing = () => Promise.reject(new Error('secret'))
  const pictures = createPictures({ photo: failing, thumbnail: failing, infographic: failing })
  const response = (await pictures({ url: `app://fieldbook/photo/${id}`, method: 'GET' }))!
  expect([response.status, await response.text()]).toEqual([404, 'Not found'])
})

it.each([
  `app://elsewhere/photo/${id}`,
  `https://fieldbook/photo/${id}`,
  `app://fieldbook/photo/${id}?x=1`,
  `app://fieldbook/photo/${id}#x`,
  `app://fieldbook/photo/${id}/`,
  `app://fieldbook/photo/${id}/content`,
  `app://fieldbook/photo/${id.toUpperCase()}`,
  `app://fieldbook/photo/../photo/${id}`,
  `app://fieldbook//photo/${id}`,
  `app://fieldbook/infographic/${id}/thumbnail`,
  `app://fieldbook/photos/${id}`,
  'app://fieldbook/photo/..%2f..%2fqueue.db',
  'app://fieldbook/photo/',
  'app://fieldbook/index.html',
])('%s is none of its addresses', (url) => {
  const { asked, get } = setUp()
  expect(get(url)).toBeNull()
  expect(asked).toEqual([])
})

it('answers questions only, no changes', async () => {
  const { asked, get } = setUp()
  expect((await get(`app://fieldbook/photo/${id}`, 'POST'))!.status).toBe(404)
  expect(asked).toEqual([])
})
