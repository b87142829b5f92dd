import Type, { type Static } from 'typebox'
import { endpoint, fileAnswer } from './endpoint.ts'
import { byId } from './interactions.ts'
import {
  FromOffset,
  maxPictureBytes,
  maxThumbnailBytes,
  pictureFields,
  pictureState,
  pictureTypes,
  Received,
} from './pictures.ts'
import { Closed, Instant, Nullable, Success, Uuid, Version } from './primitives.ts'
import { Latitude, Longitude } from './shops.ts'

/** Photos of visits, and what is marked on those of shelves. Whoever may read the visit may read them. */

export const photoPurposes = ['shelf', 'outside', 'display', 'question', 'other'] as const
export const PhotoPurpose = Type.Enum(photoPurposes)
export type PhotoPurpose = Static<typeof PhotoPurpose>

/** Relative to the photo: 0 is its left or upper edge, 1 its right or lower one. */
export const Corner = Closed({
  x: Type.Number({ minimum: 0, maximum: 1 }),
  y: Type.Number({ minimum: 0, maximum: 1 }),
})
export const maxCorners = 200
export const Polygon = Type.Array(Corner, { minItems: 3, maxItems: maxCorners })
export type Polygon = Static<typeof Polygon>

export const maxQuadrants = 100

export const maxPhotosOfVisit = 200

/** A block of one brand on the shelf. */
export const Quadrant = Closed({ id: Uuid, brandId: Uuid, polygon: Polygon })
export type Quadrant = Static<typeof Quadrant>

const shelf = Type.Union([Polygon, Type.Null()], {
  description: 'The outline of the shelf that shares are of; null: all that is marked',
})
const quadrants = Type.Array(Quadrant, {
  maxItems: maxQuadrants,
  description: 'What several cover belongs to the last of them',
})

const fields = {
  visitId: Uuid,
  questionId: Type.Union([Uuid, Type.Null()], {
    description: 'The question it answers, with purpose `question`',
  }),
  purpose: PhotoPurpose,
  ...pictureFields,
  takenAt: Nullable(Instant),
  latitude: Nullable(Latitude),
  longitude: Nullable(Longitude),
  shelf,
  quadrants,
}

export const PhotoFields = Closed(fields)
export type PhotoFields = Static<typeof PhotoFields>

export const PhotoPatch = Type.Partial(PhotoFields, { additionalProperties: false })
export type PhotoPatch = Static<typeof PhotoPatch>

export const MarkedQuadrant = Closed({
  ...Quadrant.properties,
  areaPercentage: Type.Number({
    minimum: 0,
    maximum: 100,
    description: 'Of the marked shelf, by `common/rules/shelf-share`',
  }),
})
export type MarkedQuadrant = Static<typeof MarkedQuadrant>

export const Photo = Closed({
  id: Uuid,
  siteId: Uuid,
  ...fields,
  quadrants: Type.Array(MarkedQuadrant),
  ...pictureState,
  hasThumbnail: Type.Boolean(),
  version: Version,
  createdAt: Instant,
})
export type Photo = Static<typeof Photo>

/** A photo that is to come. */
export const PhotoInput = Closed({
  id: Type.Optional(Uuid),
  purpose: PhotoPurpose,
  questionId: Type.Optional(fields.questionId),
  ...pictureFields,
  takenAt: Type.Optional(fields.takenAt),
  latitude: Type.Optional(fields.latitude),
  longitude: Type.Optional(fields.longitude),
})
export type PhotoInput = Static<typeof PhotoInput>

const tags = ['photos'] as const
const file = { 200: fileAnswer(...pictureTypes) }

export const addPhoto = endpoint({
  method: 'POST',
  url: '/photos',
  config: { policy: 'visit.work', limit: 'write' },
  schema: {
    tags,
    summary: "Announce a photo of one's own visit; its bytes, without EXIF, go to PUT /photos/:id/content",
    body: Closed({ visitId: Uuid, ...PhotoInput.properties }),
    response: { 201: Closed({ success: Type.Literal(true), photo: Photo, fileUrl: Type.String() }) },
  },
})

export const readPhoto = endpoint({
  method: 'GET',
  url: '/photos/:id',
  config: { policy: 'visit.read', limit: 'read' },
  schema: {
    tags,
    summary: 'What a photo is of, how much of it has arrived and what is marked on it',
    params: byId,
    response: { 200: Closed({ photo: Photo }) },
  },
})

export const sendPhoto = endpoint({
  method: 'PUT',
  url: '/photos/:id/content',
  config: { policy: 'visit.work', limit: 'upload', takesBytes: maxPictureBytes },
  schema: {
    tags,
    summary:
      'Send the bytes of a photo from an offset on, as many as one likes; what arrives before a cut is kept. Another offset than the one expected answers 409, another digest in the end 400 and begins anew',
    params: byId,
    querystring: FromOffset,
    response: { 200: Received },
  },
})

export const readPhotoFile = endpoint({
  method: 'GET',
  url: '/photos/:id/content',
  config: { policy: 'visit.read', limit: 'upload' },
  schema: { tags, summary: 'The photo itself', params: byId, response: file },
})

export const sendThumbnail = endpoint({
  method: 'PUT',
  url: '/photos/:id/thumbnail',
  config: { policy: 'visit.work', limit: 'upload', takesBytes: maxThumbnailBytes },
  schema: {
    tags,
    summary: 'Send the small version that lists show, a JPEG without EXIF',
    params: byId,
    response: { 200: Success },
  },
})

export const readThumbnail = endpoint({
  method: 'GET',
  url: '/photos/:id/thumbnail',
  config: { policy: 'visit.read', limit: 'upload' },
  schema: { tags, summary: 'The small version; 404 where none was sent', params: byId, response: file },
})

export const removePhoto = endpoint({
  method: 'DELETE',
  url: '/photos/:id',
  config: { policy: 'visit.work', limit: 'write' },
  schema: {
    tags,
    summary: 'Take a photo out of a visit that is not completed, or one that has not arrived out of any',
    params: byId,
    response: { 200: Success },
  },
})

export const markShelf = endpoint({
  method: 'POST',
  url: '/photos/:id/shelf_quadrants',
  config: { policy: 'visit.work', limit: 'write' },
  schema: {
    tags,
    summary: 'Mark the blocks of brands on a shelf photo, in place of what was marked before',
    params: byId,
    body: Closed({
      version: Type.Optional({
        ...Version,
        description:
          'The version that was looked at, where nobody else’s marks are to be replaced; bytes that arrive move it too',
      }),
      shelf: Type.Optional(shelf),
      quadrants: Type.Array(Closed({ ...Quadrant.properties, id: Type.Optional(Uuid) }), {
        maxItems: maxQuadrants,
      }),
    }),
    response: { 200: Closed({ success: Type.Literal(true), photo: Photo }) },
  },
})
