import { createHash } from 'node:crypto'
import { AppError } from '#common/contract/errors'
import type { PhotoFields } from '#common/contract/photos'
import { maxThumbnailBytes } from '#common/contract/pictures'
import { assertClean, PhotoError, readPhotoBytes, readTaken } from '#common/rules/image-bytes'
import { instantsOf } from '#common/rules/time-zone'
import type { Answer, Request } from '#desktop/bridge/channels'
import type { LocalPhoto } from '#desktop/bridge/field'
import { composePhoto } from '../outbox/compose-photo.ts'
import { mayWorkOn, workedOn } from '../outbox/compose-visit.ts'
import { needsAttention } from '../outbox/entry.ts'
import { photoEntries, photosByQuestion } from '../outbox/present-visit.ts'
import { guarded, ifWritable } from './failures.ts'
import type { FieldStore } from './field-store.ts'
import type { FieldView, Ground } from './field-view.ts'
import type { PictureFiles } from './picture-files.ts'
import type { Picture, Upload } from './pictures.ts'

const thumbnailSide = 320

type PictureFields = Pick<PhotoFields, 'sha256' | 'size' | 'type' | 'width' | 'height'>

/**
 * Photos with their bytes, and how far these have come. A photo is saved when its bytes are on the disk, encrypted, and
 * after that its edit and its row in one step; bytes without a row are left of a crash between the two, and go. Only
 * those that lay there before the queue are moved aside: they may be all there is of photos that were not sent.
 */
export class PhotoStore {
  readonly #ground: Ground
  readonly #view: FieldView
  readonly #field: FieldStore
  readonly #files: PictureFiles
  /** There may be files that nothing speaks of. */
  #mustTidy = true

  constructor(ground: Ground, view: FieldView, field: FieldStore, files: PictureFiles) {
    this.#ground = ground
    this.#view = view
    this.#field = field
    this.#files = files
    this.#tidyFiles()
  }

  addPhoto(request: Request<'photos.add'>): { id: string; siteId: string } {
    const { newId, now, carryOut, pictures } = this.#ground
    const { visitId, purpose, questionId, original, picture, thumbnail } = request
    const context = this.#view.context(visitId)
    const visit = workedOn(context)
    this.#assertQuestion(visit, questionId, context.photos)
    assertThumbnail(thumbnail)
    const taken = original ? inField('original', () => readTaken(original)) : null
    const fields: PhotoFields = {
      visitId,
      questionId,
      purpose,
      ...this.pictureFields(picture),
      takenAt: taken ? momentOf(taken.takenAt, visit.timezone) : now(),
      latitude: taken?.latitude ?? null,
      longitude: taken?.longitude ?? null,
      shelf: null,
      quadrants: [],
    }
    const { sha256, size } = fields
    const { siteId } = visit
    const id = newId()
    const plan = composePhoto(id, fields, context)
    try {
      guarded(() => this.#files.put(sha256, picture))
      carryOut(plan, [this.#view.photoTitle(visit)], [], () =>
        pictures.add({ id, visitId, siteId, sha256, size, thumbnail }, now()),
      )
    } catch (error) {
      this.#tidyFiles()
      throw error
    }
    return { id, siteId }
  }

  /** What bytes are, before anything decodes them. */
  lookAtPicture(bytes: Uint8Array): Answer<'photos.look'> {
    const { type, width, height } = inField('bytes', () => readPhotoBytes(bytes))
    return { type, width, height }
  }

  /** What has to be said of a picture before its bytes are sent. */
  pictureFields(bytes: Uint8Array): PictureFields {
    const { type, width, height } = inField('picture', () => {
      const photo = readPhotoBytes(bytes)
      assertClean(photo)
      return photo
    })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { sha256, size: bytes.length, type, width, height }
  }

  /** Null where its bytes are not here. */
  photoBytes(id: string): Uint8Array | null {
    const picture = this.#ground.pictures.find(id)
    return picture && guarded(() => this.#files.get(picture.sha256))
  }

  thumbnailBytes(id: string): Uint8Array | null {
    return this.#ground.pictures.thumbnail(id)
  }

  /** The next photo whose bytes are to be sent, the oldest first. */
  nextUpload(except: readonly string[] = []): Upload | null {
    return this.#ground.pictures.next(except)
  }

  noteUpload(
    id: string,
    changes: Partial<Pick<Picture, 'state' | 'received' | 'restarts' | 'problem'>>,
  ): void {
    this.#ground.pictures.note(id, changes)
  }

  /** The server has all of it, and its digest is the right one. */
  noteStored(id: string): void {
    this.#ground.pictures.noteStored(id, this.#ground.now())
  }

  noteThumbnailSent(id: string): void {
    this.#ground.pictures.noteThumbnailSent(id)
  }

  /** Sends one that is stopped once more. Answers with its site. */
  retryPhoto(id: string): string | null {
    const { queue, pictures } = this.#ground
    const visitId = this.#view.visitOfPhoto(id)
    const stopped =
      visitId !== null && photoEntries(queue.family(visitId), id).find((entry) => needsAttention(entry))
    if (stopped) this.#field.amendVisit('retry', stopped.mutationId)
    const picture = pictures.find(id)
    if (picture && picture.state !== 'sent')
      pictures.note(id, { state: 'waiting', received: 0, restarts: 0, problem: null })
    return picture?.siteId ?? null
  }

  /** Gives up the bytes of one that the server does not take; where its visit is here, it is taken out of that too. */
  giveUpPhoto(id: string): void {
    const picture = this.#ground.pictures.find(id)
    if (!picture) throw new AppError('RESOURCE_NOT_FOUND', 'This photo is not waiting any more.')
    const context = this.#view.context(picture.visitId)
    const photo = context.photos.find((each) => each.id === id)
    if (photo?.storedAt === null && mayWorkOn(context)) this.#field.removePhoto(id)
    this.#ground.pictures.drop(id)
    this.tidyPhotos()
  }

  /** Lets go of bytes that are on the server for good, and of those nothing speaks of; what cannot go now, later. */
  tidyPhotos(): void {
    const { pictures, now, fromCache } = this.#ground
    const at = now()
    ifWritable(() => {
      for (const visitId of pictures.visitsToTidy(at)) {
        const visit = fromCache((cache) => cache.visit(visitId))
        if (visit && visit.status !== 'in_progress') pictures.tidy(visitId, at)
      }
    })
    if (pictures.takeGone() || this.#mustTidy) this.#tidyFiles()
  }

  #tidyFiles() {
    const { queue, pictures, now } = this.#ground
    this.#mustTidy = true
    ifWritable(() => {
      const names = pictures.files()
      if (queue.mayHaveLeftFiles()) {
        if (!this.#files.moveOthers(names, `photos.left-${now().replaceAll(/[:.]/g, '-')}`)) return
        queue.noteNoLeftFiles()
      }
      this.#mustTidy = !this.#files.keepOnly(names)
    })
  }

  #assertQuestion(
    visit: Parameters<FieldView['questionsOf']>[0],
    questionId: string | null,
    photos: readonly LocalPhoto[],
  ) {
    const questions = this.#view.questionsOf(visit)
    if (questionId === null || questions === null) return
    const question = questions.find(({ id, type }) => id === questionId && type === 'photo')
    if (!question)
      throw new AppError('VALIDATION_ERROR', 'This question is not answered by a photo.', {
        details: [{ field: 'questionId', message: 'Is no question for a photo of this survey' }],
      })
    const { max } = question
    if (max !== null && (photosByQuestion(photos).get(questionId) ?? 0) >= max)
      throw new AppError('VALIDATION_ERROR', 'The question takes no more photos.', {
        details: [{ field: 'questionId', message: `Takes ${max} at most` }],
      })
  }
}

/** What is wrong with a picture, said of a field of the request. */
function inField<T>(field: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof PhotoError)) throw error
    const { message } = error
    throw new AppError('VALIDATION_ERROR', `${message}.`, { details: [{ field, message }] })
  }
}

function assertThumbnail(bytes: Uint8Array) {
  const { type, width, height } = inField('thumbnail', () => {
    const photo = readPhotoBytes(bytes)
    assertClean(photo)
    return photo
  })
  const isSmall = bytes.length <= maxThumbnailBytes && Math.max(width, height) <= thumbnailSide
  if (type !== 'image/jpeg' || !isSmall)
    throw new AppError('VALIDATION_ERROR', 'The small version of the photo is too large.', {
      details: [{ field: 'thumbnail', message: `Must be a JPEG of ${thumbnailSide} pixels at most` }],
    })
}

/** A camera's time, which is of the visit's zone where it says no other; null for what is no moment of use. */
function momentOf(takenAt: string | null, zone: string): string | null {
  if (takenAt === null) return null
  const hasOffset = takenAt.length > 19
  const minute = hasOffset ? takenAt : instantsOf(takenAt.slice(0, 16), zone)[0]
  if (minute === undefined) return null
  const time = Date.parse(minute) + (hasOffset ? 0 : Number(takenAt.slice(17)) * 1000)
  const isOfUse = time >= Date.UTC(1900, 0, 1) && time < Date.UTC(3000, 0, 1)
  return isOfUse ? new Date(time).toISOString() : null
}
