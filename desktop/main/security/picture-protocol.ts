import { readPhotoBytes } from '#common/rules/image-bytes'

/** Where pictures are read from. Null for one that is not there, or that this person may not see. */
export interface PictureSource {
  photo(id: string): Promise<Uint8Array | null>
  thumbnail(id: string): Promise<Uint8Array | null>
  infographic(id: string): Promise<Uint8Array | null>
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const address = new RegExp(`^app://fieldbook/(?:photo/(${uuid})(/thumbnail)?|infographic/(${uuid}))$`)

export const missing = () => new Response('Not found', { status: 404 })

/** Answers for the addresses of pictures; null for any other, which is somebody else's to answer. */
export function createPictures(
  source: PictureSource,
): (request: { url: string; method: string }) => Promise<Response> | null {
  return ({ url, method }) => {
    const [found, photo, small, infographic] = address.exec(url) ?? []
    if (found === undefined) return null
    if (method !== 'GET') return Promise.resolve(missing())
    const reading = photo
      ? small
        ? source.thumbnail(photo)
        : source.photo(photo)
      : source.infographic(infographic!)
    return reading.then(
      (bytes) => (bytes && asPicture(bytes)) ?? missing(),
      () => missing(),
    )
  }
}

/** Its type is what the bytes say; null for what is no picture. */
function asPicture(bytes: Uint8Array): Response | null {
  const type = typeOf(bytes)
  if (type === null) return null
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': type,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; sandbox`,
    },
  })
}

function typeOf(bytes: Uint8Array): string | null {
  try {
    return readPhotoBytes(bytes).type
  } catch {
    return null
  }
}
