import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { AppError } from '#common/contract/errors'
import { maxThumbnailBytes, type Received } from '#common/contract/pictures'
import { assertClean, type PhotoBytes, PhotoError, readPhotoBytes } from '#common/rules/image-bytes'
import type { BlobStore } from '../../shared/blob-store.ts'
import type { Jobs } from '../../shared/jobs.ts'
import { refused } from '../../shared/people.ts'
import type { PictureFile } from '../../shared/picture-answer.ts'
import { type Scope, systemScope } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import { type Announced, createPicturesRepository, type Picture } from './pictures.repository.ts'

/** So much of what arrives is held in memory, and lost should the server die. */
const pieceBytes = 256 * 1024

/** Each is in memory as a whole while it is looked at. */
const lookedAtOnce = 4

const thumbnailSide = 512

/** What was announced and did not come. */
const keptDays = 30

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such picture')

/** What its owner does in the transaction in which a picture, or its thumbnail, is stored: journal and feed. */
export type WhenStored = (tx: Transaction, picture: Picture) => Promise<void>

export type PictureState = Omit<Received, 'success'>

interface Removal {
  tenantId: string
  id: string
}

const keyOf = (tenantId: string, id: string) => `pictures/${tenantId}/${id}`
const thumbnailKeyOf = (tenantId: string, id: string) => `${keyOf(tenantId, id)}-thumbnail`

const stateOf = ({ received, storedAt }: Picture): PictureState => ({ received, storedAt })

export type PicturesService = ReturnType<typeof createPicturesService>

/**
 * The bytes of pictures. They come in pieces, on as many connections and to as many servers as it takes; each piece is
 * in the database before the next is read, and the whole goes to the blob store once it is what was announced. No
 * connection to the database is held while bytes travel. Who may see or send a picture is for its owner to say, and
 * for the database; what is out of reach is not there.
 */
export function createPicturesService({
  transact,
  blobs,
  jobs,
  failed,
}: {
  transact: Transact
  blobs: BlobStore
  jobs: Jobs
  /** Told of what should not be. */
  failed: (error: Error) => void
}) {
  const inTurn = turns(lookedAtOnce)

  const sendRemoval = jobs.define<Removal>('picture-removal', {
    async work({ tenantId, id }) {
      const again = await transact(systemScope(tenantId), (tx) => createPicturesRepository(tx).find(id))
      if (again) return
      await blobs.remove(keyOf(tenantId, id))
      await blobs.remove(thumbnailKeyOf(tenantId, id))
    },
  })

  async function find(scope: Scope, id: string): Promise<Picture> {
    const picture = await transact(scope, (tx) => createPicturesRepository(tx).find(id))
    if (!picture) throw missing()
    return picture
  }

  /** Keeps a piece; answers with where the next one begins. */
  const keep = (scope: Scope, id: string, first: number, piece: Buffer): Promise<number> =>
    transact(scope, async (tx) => {
      const repository = createPicturesRepository(tx)
      const picture = await repository.lock(id)
      if (!picture) throw missing()
      assertPlace(picture, first)
      const end = first + piece.length
      if (end > picture.size) throw refused('body', `More came than the ${picture.size} bytes announced`)
      await repository.addPart(id, first, piece)
      return end
    })

  async function finish(scope: Scope, id: string, whenStored: WhenStored): Promise<PictureState> {
    const arrived = await transact(scope, async (tx) => {
      const repository = createPicturesRepository(tx)
      const picture = await repository.lock(id)
      if (!picture) throw missing()
      if (picture.storedAt) return { picture, bytes: null }
      assertPlace(picture, picture.size)
      return { picture, bytes: await repository.readParts(id, picture.size) }
    })
    const { picture, bytes } = arrived
    if (!bytes) return stateOf(picture)
    try {
      assertAnnounced(picture, bytes)
    } catch (error) {
      await beginAnew(scope, id)
      throw error
    }
    const key = keyOf(scope.tenantId, id)
    await blobs.put(key, bytes, picture.type)
    const stored = await transact(scope, async (tx) => {
      const repository = createPicturesRepository(tx)
      const now = await repository.lock(id)
      if (!now || now.storedAt) return now
      if (now.sha256 !== picture.sha256) throw missing()
      const after = await repository.store(id)
      await whenStored(tx, after)
      return after
    })
    if (stored) return stateOf(stored)
    await blobs.remove(key)
    throw missing()
  }

  const beginAnew = (scope: Scope, id: string): Promise<void> =>
    transact(scope, async (tx) => {
      const repository = createPicturesRepository(tx)
      const picture = await repository.lock(id)
      if (picture && !picture.storedAt && picture.received === picture.size) await repository.forgetParts(id)
    })

  async function open(picture: Picture, key: string): Promise<Readable | null> {
    const content = await blobs.get(key)
    if (!content) failed(new Error(`The bytes of picture ${picture.id} are gone from the photo storage`))
    return content
  }

  const inTransaction = {
    /** False when there is one under this id already. */
    announce: (tx: Transaction, picture: Announced): Promise<boolean> =>
      createPicturesRepository(tx).insert(picture),

    /** With its bytes, which go once this is committed; says whether it was stored. */
    async discard(tx: Transaction, id: string): Promise<boolean> {
      const wasStored = await createPicturesRepository(tx).remove(id)
      await sendRemoval(tx, { tenantId: tx.scope.tenantId, id })
      return wasStored
    },
  }

  return {
    inTransaction,

    /**
     * Takes bytes from `offset` on, and keeps what has come even when the connection is cut. The last ones have all of
     * it looked at: what is not the picture that was announced is refused, and begins anew at 0. One that is stored
     * already is answered as it is.
     */
    async receive(
      scope: Scope,
      id: string,
      offset: number,
      body: Readable,
      whenStored: WhenStored,
    ): Promise<PictureState> {
      try {
        const picture = await find(scope, id)
        if (picture.storedAt) return stateOf(picture)
        assertPlace(picture, offset)
        let received = offset
        for await (const piece of piecesOf(body)) received = await keep(scope, id, received, piece)
        if (received < picture.size) return { received, storedAt: null }
        return await inTurn(() => finish(scope, id, whenStored))
      } finally {
        // What is left is read and dropped, so that whoever sends it hears the answer.
        body.resume()
      }
    },

    /** The small version, whole; the first one that comes stays. */
    async receiveThumbnail(scope: Scope, id: string, body: Readable, whenStored: WhenStored): Promise<void> {
      try {
        if ((await find(scope, id)).hasThumbnail) return
        const bytes = await wholeOf(body, maxThumbnailBytes)
        assertThumbnail(bytes)
        const key = thumbnailKeyOf(scope.tenantId, id)
        await blobs.put(key, bytes, 'image/jpeg')
        const now = await transact(scope, async (tx) => {
          const repository = createPicturesRepository(tx)
          const picture = await repository.lock(id)
          if (!picture || picture.hasThumbnail) return picture
          await repository.addThumbnail(id)
          const after = { ...picture, hasThumbnail: true }
          await whenStored(tx, after)
          return after
        })
        if (now) return
        await blobs.remove(key)
        throw missing()
      } finally {
        body.resume()
      }
    },

    /** null: not all of it has arrived. */
    async file(scope: Scope, id: string): Promise<PictureFile | null> {
      const picture = await find(scope, id)
      if (!picture.storedAt) return null
      const content = await open(picture, keyOf(scope.tenantId, id))
      return content && { content, type: picture.type, size: picture.size }
    },

    /** null: none was sent. */
    async thumbnail(scope: Scope, id: string): Promise<PictureFile | null> {
      const picture = await find(scope, id)
      if (!picture.hasThumbnail) return null
      const stream = await open(picture, thumbnailKeyOf(scope.tenantId, id))
      if (!stream) return null
      const content = await wholeOf(stream, maxThumbnailBytes)
      return { content, type: 'image/jpeg', size: content.length }
    },

    /**
     * Removes the infographics of a tenant that were announced long ago and did not come. Photos stay, since their devices
     * may still send them; what has come of one is dropped.
     */
    async sweep(through: Transact, tenantId: string): Promise<void> {
      const late = await through(systemScope(tenantId), async (tx) => {
        const repository = createPicturesRepository(tx)
        for (const id of await repository.overdue(keptDays)) await inTransaction.discard(tx, id)
        return repository.overduePhotos(keptDays)
      })
      for (const { id, siteId, agentId } of late)
        await through({ ...systemScope(tenantId, siteId), userId: agentId }, async (tx) => {
          const repository = createPicturesRepository(tx)
          if ((await repository.lock(id))?.storedAt === null) await repository.forgetParts(id)
        })
    },
  }
}

function assertPlace({ received }: Picture, offset: number): void {
  if (offset === received) return
  throw new AppError('CONFLICT', `Go on at byte ${received}`, { current: { received } })
}

/** Cut to size; the last one is what came before the end, or before the connection broke. */
async function* piecesOf(body: Readable): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0)
  let waiting: Buffer[] = []
  let length = 0
  try {
    // Whoever stops reading still has an answer to send, on this connection.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      waiting.push(chunk)
      length += chunk.length
      if (length < pieceBytes) continue
      rest = Buffer.concat(waiting)
      while (rest.length >= pieceBytes) {
        yield rest.subarray(0, pieceBytes)
        rest = rest.subarray(pieceBytes)
      }
      waiting = [rest]
      length = rest.length
    }
  } catch {
    // There is nobody left to tell.
  }
  if (length > 0) yield Buffer.concat(waiting)
}

async function wholeOf(body: Readable, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > most) throw refused('body', `A small version has at most ${most} bytes; make it smaller`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function assertAnnounced({ sha256, type, width, height }: Picture, bytes: Buffer): void {
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw refused('content', 'What arrived is not what was announced; send it again from the beginning')
  const picture = readPicture(bytes)
  if (picture.type !== type || picture.width !== width || picture.height !== height) {
    const is = `${picture.type} of ${picture.width} × ${picture.height}`
    throw refused('content', `The picture is ${is}, not as it was announced; announce it as it is`)
  }
}

function assertThumbnail(bytes: Buffer): void {
  const { type, width, height } = readPicture(bytes)
  if (type !== 'image/jpeg' || Math.max(width, height) > thumbnailSide) {
    throw refused(
      'content',
      `A small version is a JPEG of at most ${thumbnailSide} × ${thumbnailSide} pixels`,
    )
  }
}

function readPicture(bytes: Buffer): PhotoBytes {
  try {
    const picture = readPhotoBytes(bytes)
    assertClean(picture)
    return picture
  } catch (error) {
    if (error instanceof PhotoError) throw refused('content', error.message)
    throw error
  }
}

/** Lets so many at a time work, and the others wait. */
function turns(most: number) {
  let free = most
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
