import Type, { type Static } from 'typebox'
import { addInfographic, Brand, createBrand, Infographic, updateBrand } from '#common/contract/brands'
import { maxQuadrants, Photo, PhotoPurpose, Polygon, Quadrant } from '#common/contract/photos'
import { pictureTypes } from '#common/contract/pictures'
import { Closed, Instant, Nullable, Text, Uuid, Version } from '#common/contract/primitives'
import {
  createShop,
  importShops,
  Latitude,
  listShops,
  Longitude,
  Shop,
  updateShop,
} from '#common/contract/shops'
import {
  createSurvey,
  Question,
  Survey,
  SurveyHead,
  SurveyVersion,
  updateSurvey,
} from '#common/contract/surveys'
import {
  Answers,
  ListedVisit,
  listVisits,
  Position,
  Visit,
  VisitFields,
  VisitStatus,
  VisitType,
  WholeVisit,
} from '#common/contract/visits'

/**
 * Field work over the bridge. Shops, brands, surveys and one's own visits are on the device and are answered without
 * the network; looking after them, and the visits of others, are asked of the server (SERVICE_UNAVAILABLE without it).
 * A photo is shown by its address, `app://fieldbook/photo/<id>` or `…/photo/<id>/thumbnail`, and an infographic by
 * `app://fieldbook/infographic/<id>`: from the device where it is there, else from the server.
 */

const Done = Closed({})

/** Bytes as they are; crosses the bridge without becoming text. */
export const Bytes = Type.Refine(Type.Unsafe<Uint8Array>({}), (value) => value instanceof Uint8Array)

/** A visit as it is shown: the server's copy with the edits of this device on top. */
export const LocalVisit = Closed({
  ...Visit.properties,
  version: Nullable(Version),
  unsent: Type.Boolean(),
  needsAttention: Type.Boolean(),
})
export type LocalVisit = Static<typeof LocalVisit>

export const LocalPhoto = Closed({
  ...Photo.properties,
  version: Nullable(Version),
  /** `sent` only once the server's digest was the right one; `missing`: neither here nor there, which should not be. */
  state: Type.Enum(['waiting', 'sending', 'sent', 'stopped', 'missing']),
  /** Why it is stopped, for the person. */
  problem: Nullable(Type.String()),
  /** It is on this device, and can be shown without the network. */
  isHere: Type.Boolean(),
  /** The server did not take it into the visit: it answers no question. */
  isRefused: Type.Boolean(),
})
export type LocalPhoto = Static<typeof LocalPhoto>

/** One of one's own visits in a list. */
export const LocalListedVisit = Closed({
  ...ListedVisit.properties,
  unsent: Type.Boolean(),
  needsAttention: Type.Boolean(),
  /** Photos that the server does not have yet. */
  photosWaiting: Type.Integer({ minimum: 0 }),
})
export type LocalListedVisit = Static<typeof LocalListedVisit>

/** A visit with all there is to show and go on with it. */
export const OpenVisit = Closed({
  visit: LocalVisit,
  agentName: Type.String(),
  siteName: Type.String(),
  shop: Nullable(Shop),
  survey: Nullable(SurveyVersion),
  /** A later version of its survey, while the visit goes on; null where it has the latest. */
  laterSurvey: Nullable(SurveyVersion),
  photos: Type.Array(LocalPhoto),
})
export type OpenVisit = Static<typeof OpenVisit>

const WrittenInVisit = Closed({
  answers: Type.Optional(Answers),
  notes: Type.Optional(VisitFields.properties.notes),
  shopId: Type.Optional(Nullable(Uuid)),
  position: Type.Optional(Nullable(Position)),
})

const Marks = Closed({
  shelf: Nullable(Polygon),
  quadrants: Type.Array(Quadrant, { maxItems: maxQuadrants }),
})

export const fieldRequests = {
  // On the device.
  /** Shops of a site that are in use, by name or nearest first from a place. */
  'shops.find': {
    request: Closed({
      siteId: Uuid,
      search: Text(200),
      near: Nullable(Closed({ latitude: Latitude, longitude: Longitude })),
      limit: Type.Integer({ minimum: 1, maximum: 500 }),
    }),
    answer: Closed({
      shops: Type.Array(
        Closed({ ...Shop.properties, metres: Nullable(Type.Integer()), lastVisitAt: Nullable(Instant) }),
      ),
      total: Type.Integer(),
    }),
  },
  /** Brands, and the surveys a visit can begin with. */
  'field.lookups': {
    request: Closed({}),
    answer: Closed({ brands: Type.Array(Brand), surveys: Type.Array(SurveyHead) }),
  },
  /** One's own visits at a site, the latest first. */
  'visits.mine': {
    request: Closed({
      siteId: Uuid,
      search: Text(200),
      status: Nullable(VisitStatus),
      from: Nullable(Instant),
      to: Nullable(Instant),
      offset: Type.Integer({ minimum: 0 }),
      limit: Type.Integer({ minimum: 1, maximum: 200 }),
    }),
    answer: Closed({ visits: Type.Array(LocalListedVisit), total: Type.Integer() }),
  },
  /** Null for one that is not on this device. */
  'visits.open': { request: Closed({ id: Uuid }), answer: Closed({ open: Nullable(OpenVisit) }) },
  'visits.start': {
    request: Closed({
      siteId: Uuid,
      shopId: Nullable(Uuid),
      surveyId: Nullable(Uuid),
      visitType: VisitType,
      position: Nullable(Position),
      timezone: VisitFields.properties.timezone,
    }),
    answer: Closed({ id: Uuid }),
  },
  /**
   * Saves answers, notes or another shop; durable when it is answered. `opened` is what the person had before them of
   * that, and the edit what differs from it; of what it leaves out that is what is kept here.
   */
  'visits.edit': {
    request: Closed({ id: Uuid, ...WrittenInVisit.properties, opened: Type.Optional(WrittenInVisit) }),
    answer: Done,
  },
  /** Goes on to the later version of the survey; answers it cannot keep go, as `upgradeOf` of `common/rules` says. */
  'visits.upgrade': {
    request: Closed({ id: Uuid, surveyNumber: Type.Integer({ minimum: 1 }) }),
    answer: Done,
  },
  /** VALIDATION_ERROR with one detail for each thing that is missing, its field as in `visitProblems`. */
  'visits.complete': { request: Closed({ id: Uuid }), answer: Done },
  'visits.cancel': { request: Closed({ id: Uuid }), answer: Done },
  /**
   * Keeps a photo, encrypted and durable, and queues it. `bytes` are what a camera or file gave; the window has drawn
   * `picture` from them, upright and without metadata, and `thumbnail`, 320 pixels at most. Time and place are read
   * from `bytes`, which are then forgotten.
   */
  'photos.add': {
    request: Closed({
      visitId: Uuid,
      purpose: PhotoPurpose,
      questionId: Nullable(Uuid),
      original: Nullable(Bytes),
      picture: Bytes,
      thumbnail: Bytes,
    }),
    answer: Closed({ id: Uuid }),
  },
  /** Says what bytes are before the window decodes them; VALIDATION_ERROR with the reason where it must not. */
  'photos.look': {
    request: Closed({ bytes: Bytes }),
    answer: Closed({ type: Type.Enum(pictureTypes), width: Type.Integer(), height: Type.Integer() }),
  },
  'photos.remove': { request: Closed({ id: Uuid }), answer: Done },
  /** `opened` are the marks the person had before them: what is kept here where it is left out. */
  'photos.mark': {
    request: Closed({ id: Uuid, ...Marks.properties, opened: Type.Optional(Marks) }),
    answer: Done,
  },
  /** Sends a photo that is stopped once more. */
  'photos.retry': { request: Closed({ id: Uuid }), answer: Done },

  // Of the server.
  'visits.list': {
    request: Type.Object(listVisits.schema.querystring.properties, { additionalProperties: false }),
    answer: listVisits.schema.response[200],
  },
  'visits.read': { request: Closed({ id: Uuid }), answer: WholeVisit },
  'shops.list': {
    request: Type.Object(
      { siteId: Uuid, ...listShops.schema.querystring.properties },
      { additionalProperties: false },
    ),
    answer: listShops.schema.response[200],
  },
  'shops.read': { request: Closed({ siteId: Uuid, id: Uuid }), answer: Closed({ shop: Shop }) },
  'shops.add': {
    request: Closed({ siteId: Uuid, ...createShop.schema.body.properties }),
    answer: Closed({ shop: Shop }),
  },
  'shops.update': {
    request: Closed({ siteId: Uuid, id: Uuid, ...updateShop.schema.body.properties }),
    answer: Closed({ shop: Shop }),
  },
  'shops.remove': { request: Closed({ siteId: Uuid, id: Uuid }), answer: Done },
  /** Lets the person choose a CSV or XLSX file and reads it whole; null when they changed their mind. */
  'shops.readTable': {
    request: Closed({}),
    answer: Closed({
      table: Nullable(
        Closed({
          fileName: Type.String(),
          headers: Type.Array(Type.String()),
          rows: Type.Array(Type.Array(Type.String())),
        }),
      ),
    }),
  },
  'shops.import': {
    request: Closed({ siteId: Uuid, ...importShops.schema.body.properties }),
    answer: importShops.schema.response[200],
  },
  'brands.list': { request: Closed({}), answer: Closed({ brands: Type.Array(Brand) }) },
  'brands.add': { request: createBrand.schema.body, answer: Closed({ brand: Brand }) },
  'brands.update': {
    request: Closed({ id: Uuid, ...updateBrand.schema.body.properties }),
    answer: Closed({ brand: Brand }),
  },
  'brands.remove': { request: Closed({ id: Uuid }), answer: Done },
  'brands.addInfographic': {
    request: Closed({
      brandId: Uuid,
      title: addInfographic.schema.body.properties.title,
      picture: Bytes,
    }),
    answer: Closed({ infographic: Infographic }),
  },
  'brands.removeInfographic': { request: Closed({ id: Uuid }), answer: Done },
  'surveys.list': { request: Closed({}), answer: Closed({ surveys: Type.Array(Survey) }) },
  'surveys.add': {
    request: Closed({ ...createSurvey.schema.body.properties, id: Uuid, questions: Type.Array(Question) }),
    answer: Closed({ survey: Survey }),
  },
  'surveys.update': {
    request: Closed({ id: Uuid, ...updateSurvey.schema.body.properties }),
    answer: Closed({ survey: Survey }),
  },
  'surveys.publish': { request: Closed({ id: Uuid, version: Version }), answer: Closed({ survey: Survey }) },
  'surveys.remove': { request: Closed({ id: Uuid }), answer: Done },
} as const

/** Told by main while photos are on their way. */
export const PhotoProgress = Closed({
  visitId: Uuid,
  id: Uuid,
  state: LocalPhoto.properties.state,
  /** Bytes the server has, of all. */
  received: Type.Integer({ minimum: 0 }),
  size: Type.Integer({ minimum: 1 }),
})
