import type { Readable } from 'node:stream'
import { v7 as uuidv7 } from 'uuid'
import type { AuditDeed } from '#common/contract/audit-actions'
import { AppError, type FieldProblem } from '#common/contract/errors'
import type {
  MarkedQuadrant,
  Photo,
  PhotoFields,
  PhotoInput,
  Polygon,
  Quadrant,
} from '#common/contract/photos'
import type { SurveyVersion } from '#common/contract/surveys'
import type { Visit } from '#common/contract/visits'
import { shelfShares } from '#common/rules/shelf-share'
import {
  isSame,
  mayRemovePhoto,
  normalisePhoto,
  photoCountProblems,
  photoFieldsOf,
  photoProblems,
} from '#common/rules/visit-rules'
import { refused } from '../../shared/people.ts'
import type { PictureFile } from '../../shared/picture-answer.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { Entry, Journal } from '../journal/journal.service.ts'
import type { PicturesService, PictureState } from '../pictures/pictures.service.ts'
import type { SurveysService } from '../surveys/surveys.service.ts'
import { createPhotosRepository } from './photos.repository.ts'
import { createVisitsRepository } from './visits.repository.ts'
import { missing as missingVisit, type VisitsService } from './visits.service.ts'

export const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such photo')

/** What was there already changes nothing, and has no `seq`. */
export interface Written {
  record: Photo
  seq: number | null
}

export interface ShelfMarks {
  /** Left as it is where nothing is said. */
  shelf?: Polygon | null
  quadrants: (Omit<Quadrant, 'id'> & { id?: string })[]
  /** The one that was looked at; any where nothing is said. */
  version?: number
}

export type PhotosService = ReturnType<typeof createPhotosService>

const isSamePhoto = (one: PhotoFields, other: PhotoFields) => isSame(photoFieldsOf(one), photoFieldsOf(other))

/** Of a photo nothing is said to be marked on, whatever was marked on it since is no difference. */
const withMarksOf = (photo: PhotoFields, { shelf, quadrants }: PhotoFields): PhotoFields =>
  photo.shelf === null && photo.quadrants.length === 0 ? { ...photo, shelf, quadrants } : photo

/** As the audit keeps it: not where it was taken, as of visits. */
const audited = ({ latitude: _, longitude: __, ...photo }: PhotoFields) => photo

/** A photo that is announced over REST: nothing is marked on it yet. */
export const announced = (visitId: string, { id: _, ...given }: PhotoInput): PhotoFields => ({
  visitId,
  questionId: null,
  takenAt: null,
  latitude: null,
  longitude: null,
  shelf: null,
  quadrants: [],
  ...given,
})

function shared(quadrants: readonly Quadrant[], shelf: Polygon | null): MarkedQuadrant[] {
  const shares = shelfShares(
    quadrants.map(({ polygon }) => polygon),
    shelf,
  )
  return quadrants.map((quadrant, index) => ({ ...quadrant, areaPercentage: shares[index]! }))
}

/**
 * Photos of visits and the marks on them. Whoever holds the visit changes its photos; their bytes come when they come,
 * also after the visit was completed.
 */
export function createPhotosService(
  transact: Transact,
  journal: Journal,
  pictures: PicturesService,
  visits: VisitsService,
  { inTransaction: surveys }: Pick<SurveysService, 'inTransaction'>,
) {
  const entryOf = (
    deed: AuditDeed<'photo'>,
    id: string,
    { siteId, agentId }: Pick<Visit, 'siteId' | 'agentId'>,
    values: Pick<Entry, 'oldValues' | 'newValues' | 'isQuiet'>,
  ): Entry => ({
    action: `photo.${deed}`,
    feedId: siteId,
    entity: 'photo',
    entityId: id,
    ...values,
    changes: [{ entity: 'photo', entityId: id, removed: deed === 'removed', ownerId: agentId }],
  })

  /** Throws what is wrong with a photo as it is to be; `survey` is that of the visit, of one that is added. */
  async function check(
    tx: Transaction,
    visit: Visit,
    photo: PhotoFields,
    before: PhotoFields | null,
    survey: SurveyVersion | null = null,
  ): Promise<void> {
    const problems: FieldProblem[] = photoProblems(photo, before, visit.status)
    const { questionId } = photo
    if (!before && questionId !== null) {
      const question = survey?.questions.find(({ id }) => id === questionId)
      if (question?.type !== 'photo')
        problems.push({ field: 'questionId', message: 'The survey has no such question for photos' })
    }
    if (photo.quadrants.length > 0) {
      const known = await createPhotosRepository(tx).brands(photo.quadrants.map(({ brandId }) => brandId))
      for (const [index, { brandId }] of photo.quadrants.entries())
        if (!known.has(brandId))
          problems.push({ field: `quadrants.${index}.brandId`, message: 'There is no such brand' })
    }
    if (problems.length > 0)
      throw new AppError('VALIDATION_ERROR', 'The photo is not valid', { details: problems })
  }

  /** Those that are not there yet, as they are to be added. Throws CONFLICT for an id that something else has, or had. */
  async function newAmong(
    tx: Transaction,
    visit: Visit,
    given: ReadonlyMap<string, PhotoFields>,
  ): Promise<Map<string, PhotoFields>> {
    const repository = createPhotosRepository(tx)
    const ids = [...given.keys()]
    const there = new Map((await repository.withIds(ids)).map((photo) => [photo.id, photo]))
    const removed = await repository.removed(ids)
    const more = new Map<string, PhotoFields>()
    for (const [id, fields] of given) {
      const photo = photoFieldsOf(normalisePhoto(fields))
      const same = there.get(id)
      if (same && isSamePhoto(same, withMarksOf(photo, same))) continue
      if (same)
        throw new AppError('CONFLICT', 'There is another photo with this id', {
          ...(same.visitId === visit.id && { current: same }),
        })
      if (removed.has(id)) throw new AppError('CONFLICT', 'The photo with this id was removed')
      more.set(id, photo)
    }
    return more
  }

  const inTransaction = {
    /**
     * Adds photos to a visit that is held, by their ids; answers with what is to go into the journal of it. The same again
     * under the same id is nothing new; an id that something else has, or that a photo had, is a CONFLICT: of one that is
     * removed nothing comes back by a request that comes late.
     */
    async insert(tx: Transaction, visit: Visit, given: ReadonlyMap<string, PhotoFields>): Promise<Entry[]> {
      const repository = createPhotosRepository(tx)
      const more = await newAmong(tx, visit, given)
      if (more.size === 0) return []
      const details = photoCountProblems(await repository.count(visit.id), more.size)
      if (details.length > 0)
        throw new AppError('VALIDATION_ERROR', 'The visit has too many photos', { details })
      const { surveyId, surveyNumber } = visit
      const survey = surveyId ? await surveys.version(tx, surveyId, surveyNumber!) : null
      for (const [id, photo] of more) {
        await check(tx, visit, photo, null, survey)
        const { sha256, size, type, width, height } = photo
        const picture = { id, visitId: visit.id, sha256, size, type, width, height }
        if (!(await pictures.inTransaction.announce(tx, picture)))
          throw new AppError('CONFLICT', 'There is another picture with this id')
        await repository.insert(id, photo, shared(photo.quadrants, photo.shelf))
      }
      return [...more].map(([id, photo]) => entryOf('added', id, visit, { newValues: audited(photo) }))
    },

    /** Adds one, as `insert` does; one that is there is answered as it is now. */
    async add(tx: Transaction, actor: Actor, visit: Visit, id: string, given: PhotoFields): Promise<Written> {
      const [entry] = await inTransaction.insert(tx, visit, new Map([[id, given]]))
      const seq = entry ? await journal.record(tx, actor, entry) : null
      return { record: (await createPhotosRepository(tx).find(id))!, seq }
    },

    /** Marks the shelf on a photo of a visit that is held, in place of what was marked before. */
    async edit(
      tx: Transaction,
      actor: Actor,
      visit: Visit,
      current: Photo,
      photo: PhotoFields,
    ): Promise<Written> {
      const before = photoFieldsOf(current)
      const after = photoFieldsOf(normalisePhoto(photo))
      if (isSamePhoto(before, after)) return { record: current, seq: null }
      await check(tx, visit, after, before)
      const repository = createPhotosRepository(tx)
      await repository.replaceMarks(current.id, after.shelf, shared(after.quadrants, after.shelf))
      const values = {
        oldValues: { shelf: before.shelf, quadrants: before.quadrants },
        newValues: { shelf: after.shelf, quadrants: after.quadrants },
      }
      const seq = await journal.record(tx, actor, entryOf('marked', current.id, visit, values))
      return { record: (await repository.find(current.id))!, seq }
    },

    /** Removes a photo of a visit that is held, and its bytes. */
    async remove(tx: Transaction, actor: Actor, visit: Visit, { id, ...photo }: Photo): Promise<number> {
      if (!mayRemovePhoto(photo, visit)) throw refused('id', 'The visit is completed: its photos stay')
      await pictures.inTransaction.discard(tx, id)
      const values = { oldValues: audited(photoFieldsOf(photo)) }
      return journal.record(tx, actor, entryOf('removed', id, visit, values))
    },

    find: (tx: Transaction, id: string) => createPhotosRepository(tx).find(id),
    wasRemoved: async (tx: Transaction, id: string) =>
      (await createPhotosRepository(tx).removed([id])).has(id),
    ofAgent: (tx: Transaction, agentId: string, ids: readonly string[]) =>
      createPhotosRepository(tx).ofAgent(agentId, ids),
    ofVisits: (tx: Transaction, ids: readonly string[]) => createPhotosRepository(tx).ofVisits(ids),
  }

  /** For whoever may see its visit. */
  async function find(tx: Transaction, id: string): Promise<Photo> {
    const photo = await inTransaction.find(tx, id)
    if (!photo) throw missing()
    return photo
  }
  const read = (actor: Actor, id: string) => transact(scopeOf(actor), (tx) => find(tx, id))

  /** Does something to a photo of a visit of the actor's own, which is held. */
  const work = <T>(
    actor: Actor,
    id: string,
    then: (tx: Transaction, visit: Visit, photo: Photo) => Promise<T>,
  ): Promise<T> =>
    visits.work(
      actor,
      async (tx) => (await find(tx, id)).visitId,
      async (tx, visit) => then(tx, visit, await find(tx, id)),
    )

  const whenStored =
    (actor: Actor, values: Pick<Entry, 'newValues' | 'isQuiet'>) =>
    async (tx: Transaction, { id, visitId }: { id: string; visitId: string | null }): Promise<void> => {
      await createPhotosRepository(tx).countUp(id)
      const visit = (await createVisitsRepository(tx).place(visitId!))!
      await journal.record(tx, actor, entryOf('stored', id, visit, values))
    }

  /** The scope in which a photo of the actor's own is sent; `body` is read to its end where there is none. */
  const sendingTo = (actor: Actor, id: string, body: Readable) =>
    work(actor, id, ({ scope }) => Promise.resolve(scope)).catch((error: unknown) => {
      body.resume()
      throw error
    })

  return {
    inTransaction,

    add: (actor: Actor, { visitId, ...input }: PhotoInput & { visitId: string }): Promise<Photo> =>
      visits.work(actor, visitId, async (tx, visit) => {
        const id = input.id ?? uuidv7()
        return (await inTransaction.add(tx, actor, visit, id, announced(visitId, input))).record
      }),

    /** Of a visit, for whoever may see it. */
    ofVisit: (actor: Actor, visitId: string): Promise<Photo[]> =>
      transact(scopeOf(actor), async (tx) => {
        if (!(await createVisitsRepository(tx).place(visitId))) throw missingVisit()
        return inTransaction.ofVisits(tx, [visitId])
      }),

    read,

    mark: (actor: Actor, id: string, { shelf, quadrants, version }: ShelfMarks): Promise<Photo> =>
      work(actor, id, async (tx, visit, photo) => {
        if (version !== undefined && version !== photo.version) {
          const message = 'The photo was changed meanwhile; look at it again and repeat your change'
          throw new AppError('CONFLICT', message, { current: photo })
        }
        const marked = quadrants.map((quadrant) => ({ ...quadrant, id: quadrant.id ?? uuidv7() }))
        const after = { ...photo, shelf: shelf === undefined ? photo.shelf : shelf, quadrants: marked }
        return (await inTransaction.edit(tx, actor, visit, photo, after)).record
      }),

    remove: (actor: Actor, id: string): Promise<void> =>
      work(actor, id, async (tx, visit, photo) => void (await inTransaction.remove(tx, actor, visit, photo))),

    async receive(actor: Actor, id: string, offset: number, body: Readable): Promise<PictureState> {
      const scope = await sendingTo(actor, id, body)
      return pictures.receive(scope, id, offset, body, whenStored(actor, { newValues: { stored: true } }))
    },

    async receiveThumbnail(actor: Actor, id: string, body: Readable): Promise<void> {
      const scope = await sendingTo(actor, id, body)
      const whenThere = whenStored(actor, { newValues: { thumbnail: true }, isQuiet: true })
      await pictures.receiveThumbnail(scope, id, body, whenThere)
    },

    async file(actor: Actor, id: string): Promise<PictureFile | null> {
      await read(actor, id)
      return pictures.file(scopeOf(actor), id)
    },

    async thumbnail(actor: Actor, id: string): Promise<PictureFile | null> {
      await read(actor, id)
      return pictures.thumbnail(scopeOf(actor), id)
    },
  }
}
