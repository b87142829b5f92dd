import { createHash } from 'node:crypto'
import type { Photo } from '#common/contract/photos'
import type { SignedInClient } from '../api/signed-in-client.ts'
import { NetworkError, ServerError } from '../api/failures.ts'
import { refusal, type ServerModel } from './server-model.ts'
import type { WebRequest } from './web-model.ts'

type Trouble = 'cut' | 'lost answer' | Error

/** The server's side of sending photos: what has come of each is kept, and every byte is counted. */
export class PhotoServer {
  readonly model: ServerModel
  /** What has come so far, by photo. */
  readonly parts = new Map<string, Buffer>()
  readonly thumbnails = new Map<string, Uint8Array>()
  /** Bytes that were taken, by photo: each counts once for each time it came. */
  readonly taken = new Map<string, number>()
  /** What happens to the next requests, in order; null lets one pass. */
  readonly troubles: (Trouble | null)[] = []
  /** Photos of which each request fails, or none brings it any further. */
  readonly poisoned = new Map<string, Error | 'stuck'>()
  /** In order, as `PUT 0` or `GET`. */
  readonly log: string[] = []
  /** Told of each before it is answered. */
  onRequest: (line: string) => void = () => {}
  /** Of a cut request, how much of it arrives. */
  share = 0.5

  constructor(model: ServerModel) {
    this.model = model
  }

  get client(): Pick<SignedInClient, 'call'> {
    return { call: (async (name: string, input: object) => this.#answer(name, input as Input)) as never }
  }

  /** As behind HTTP; undefined for what is none of its. */
  over({ method, path, query, bytes }: WebRequest): Promise<unknown> | undefined {
    const [, id, part] = /^\/photos\/([^/]+)(\/.*)?$/.exec(path) ?? []
    if (id === undefined) return undefined
    if (method === 'GET' && part) return this.#file(id, part)
    const name = part === undefined ? 'readPhoto' : part === '/thumbnail' ? 'sendThumbnail' : 'sendPhoto'
    const offset = Number(query.get('offset'))
    return this.#answer(name, { params: { id }, query: { offset }, ...(bytes && { bytes }) })
  }

  #file(id: string, part: string): Promise<Uint8Array> {
    const bytes = part === '/thumbnail' ? this.thumbnails.get(id) : this.parts.get(id)
    return bytes ? Promise.resolve(new Uint8Array(bytes)) : Promise.reject(refusal(404, 'RESOURCE_NOT_FOUND'))
  }

  async #answer(name: string, { params, query, bytes }: Input): Promise<unknown> {
    await Promise.resolve()
    const { id } = params
    const trouble = this.troubles.shift()
    if (trouble instanceof Error) throw trouble
    const poison = this.poisoned.get(id)
    if (poison instanceof Error) throw poison
    if (poison && name === 'sendPhoto') return { success: true, received: 0, storedAt: null }
    const photo = this.model.field.find('photo', id)
    if (!photo) throw refusal(404, 'RESOURCE_NOT_FOUND', 'There is no such photo')
    if (name === 'readPhoto') {
      this.log.push('GET')
      return { photo: { ...photo, received: this.#received(id) } }
    }
    if (name === 'sendThumbnail') {
      this.log.push('THUMBNAIL')
      this.thumbnails.set(id, bytes!)
      return { success: true }
    }
    this.log.push(`PUT ${query!.offset}`)
    this.onRequest(this.log.at(-1)!)
    if (photo.storedAt) return { success: true, received: photo.size, storedAt: photo.storedAt }
    const there = this.parts.get(id) ?? Buffer.alloc(0)
    if (query!.offset !== there.length) throw new ServerError(409, expected(there.length), undefined)
    const arrived = trouble === 'cut' ? bytes!.subarray(0, Math.floor(bytes!.length * this.share)) : bytes!
    this.taken.set(id, (this.taken.get(id) ?? 0) + arrived.length)
    this.parts.set(id, Buffer.concat([there, arrived]))
    if (trouble === 'cut') throw new NetworkError('unreachable', 'the server')
    const answer = this.#finish(photo)
    if (trouble === 'lost answer') throw new NetworkError('unreachable', 'the server')
    return answer
  }

  #received(id: string): number {
    const photo = this.model.field.find('photo', id)!
    return photo.storedAt ? photo.size : (this.parts.get(id)?.length ?? 0)
  }

  #finish(photo: Photo) {
    const bytes = this.parts.get(photo.id)!
    if (bytes.length < photo.size) return { success: true, received: bytes.length, storedAt: null }
    if (createHash('sha256').update(bytes).digest('hex') !== photo.sha256) {
      this.parts.delete(photo.id)
      throw refusal(400, 'VALIDATION_ERROR', 'These are not the bytes that were announced')
    }
    const storedAt = '2026-02-02T00:00:00.000Z'
    const version = photo.version + 1
    this.model.putField({ entity: 'photo', record: { ...photo, received: photo.size, storedAt, version } })
    return { success: true, received: photo.size, storedAt }
  }
}

interface Input {
  params: { id: string }
  query?: { offset: number }
  bytes?: Uint8Array
}

const expected = (received: number) => ({
  status: 'error' as const,
  error: {
    code: 'CONFLICT' as const,
    message: `Go on at byte ${received}`,
    requestId: 'r1',
    current: { received },
  },
})
