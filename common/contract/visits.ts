import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { byId, siteHeader } from './interactions.ts'
import { Photo, PhotoInput } from './photos.ts'
import { ByUuid, Closed, Day, Instant, Nullable, Text, TimeZone, Uuid, Version } from './primitives.ts'
import { Latitude, Longitude, Shop } from './shops.ts'
import { SurveyNumber, SurveyVersion } from './surveys.ts'

/**
 * Visits: interactions with evidence. A visit has the id of its interaction, which the server makes and keeps up; it
 * is its agent's own, and those who lead the agent may read it.
 */

export const visitTypes = ['routine', 'follow_up', 'audit', 'opening', 'other'] as const
export const VisitType = Type.Enum(visitTypes)
export type VisitType = Static<typeof VisitType>

export const visitStatuses = ['in_progress', 'completed', 'cancelled'] as const
export const VisitStatus = Type.Enum(visitStatuses)
export type VisitStatus = Static<typeof VisitStatus>

export const positionSources = ['device', 'entered', 'shop'] as const

/** Where a visit began: as the device measured it, as somebody entered it, or where the shop is known to be. */
export const Position = Closed({
  latitude: Latitude,
  longitude: Longitude,
  accuracy: Type.Union([Type.Number({ minimum: 0, maximum: 100_000 }), Type.Null()], {
    description: 'Metres within which it lies, where the device says so',
  }),
  source: Type.Enum(positionSources),
})
export type Position = Static<typeof Position>

/** By question type: text and date (as 2026-11-30), number and rating, yes/no, ids of chosen options. Photos are no answers. */
export const AnswerValue = Type.Union([
  Type.String({ format: 'text', maxLength: 5000 }),
  Type.Number({ minimum: -1e15, maximum: 1e15 }),
  Type.Boolean(),
  Type.Array(Uuid, { maxItems: 50 }),
])
export type AnswerValue = Static<typeof AnswerValue>

/** By question; null takes an answer back. */
export const Answers = ByUuid(Nullable(AnswerValue))
export type Answers = Static<typeof Answers>

const fields = {
  shopId: Nullable(Uuid),
  surveyId: Nullable(Uuid),
  surveyNumber: Type.Union([SurveyNumber, Type.Null()], {
    description: 'The version of the survey; both or neither',
  }),
  visitType: VisitType,
  status: VisitStatus,
  startedAt: Instant,
  completedAt: Nullable(Instant),
  timezone: TimeZone,
  position: Nullable(Position),
  notes: Text(20_000),
  answers: Answers,
}

export const VisitFields = Closed(fields)
export type VisitFields = Static<typeof VisitFields>

/** Some of the fields, and of the answers those that an edit touches. */
export const VisitPatch = Type.Partial(VisitFields, { additionalProperties: false })
export type VisitPatch = Static<typeof VisitPatch>

export const Visit = Closed({
  id: Uuid,
  siteId: Uuid,
  agentId: Uuid,
  ...fields,
  version: Version,
  createdAt: Instant,
  updatedAt: Instant,
})
export type Visit = Static<typeof Visit>

/** A visit in a list, with what it is called by. */
export const ListedVisit = Closed({
  id: Uuid,
  siteId: Uuid,
  siteName: Type.String(),
  agentId: Uuid,
  agentName: Type.String(),
  shopId: Nullable(Uuid),
  shopName: Nullable(Type.String()),
  surveyName: Nullable(Type.String()),
  visitType: VisitType,
  status: VisitStatus,
  startedAt: Instant,
  completedAt: Nullable(Instant),
  timezone: TimeZone,
  distance: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: 'Metres from the shop to where it began; null where one of them is not known',
  }),
  isFar: Type.Boolean({ description: 'It began too far from the shop to be at it' }),
  answers: Type.Integer({ minimum: 0 }),
  photos: Type.Integer({ minimum: 0 }),
  photosMissing: Type.Integer({ minimum: 0, description: 'Of these, those that have not arrived' }),
})
export type ListedVisit = Static<typeof ListedVisit>

/** A visit with all that belongs to it. */
export const WholeVisit = Closed({
  visit: Visit,
  agentName: Type.String(),
  siteName: Type.String(),
  shop: Nullable(Shop),
  survey: Nullable(SurveyVersion),
  photos: Type.Array(Photo),
})
export type WholeVisit = Static<typeof WholeVisit>

const VisitDone = Closed({ success: Type.Literal(true), visit: Visit })
const tags = ['visits'] as const

export const startVisit = endpoint({
  method: 'POST',
  url: '/visits',
  config: { policy: 'visit.start', limit: 'write' },
  schema: {
    tags,
    summary: 'Start a visit at the site, now unless said otherwise, with the survey as it is published',
    headers: siteHeader,
    body: Closed({
      id: Type.Optional(Uuid),
      shopId: Type.Optional(fields.shopId),
      surveyId: Type.Optional(fields.surveyId),
      visitType: VisitType,
      startedAt: Type.Optional(Instant),
      timezone: Type.Optional(TimeZone),
      geocode: Type.Optional(fields.position),
      notes: Type.Optional(fields.notes),
    }),
    response: { 201: VisitDone },
  },
})

export const updateVisit = endpoint({
  method: 'PUT',
  url: '/visits/:id',
  config: { policy: 'visit.work', limit: 'write' },
  schema: {
    tags,
    summary:
      'Answer questions, write notes, go on to a later version of the survey, or cancel; a completed visit only grows',
    params: byId,
    body: Closed({
      answers: Type.Optional(Answers),
      notes: Type.Optional(fields.notes),
      surveyNumber: Type.Optional(SurveyNumber),
      shopId: Type.Optional(fields.shopId),
      position: Type.Optional(fields.position),
      status: Type.Optional(Type.Literal('cancelled')),
      version: Version,
    }),
    response: { 200: VisitDone },
  },
})

export const completeVisit = endpoint({
  method: 'PUT',
  url: '/visits/:id/complete',
  config: { policy: 'visit.work', limit: 'write' },
  schema: {
    tags,
    summary:
      'Complete a visit, with the last answers and photos to come; refused, naming each, while required answers or photos are missing',
    params: byId,
    body: Closed({
      answers: Type.Optional(Answers),
      photos: Type.Optional(
        Type.Array(PhotoInput, {
          maxItems: 50,
          description:
            'Announced here; their bytes may follow. Without an id it is the one the visit has with the same digest, purpose and question, if any',
        }),
      ),
      notes: Type.Optional(fields.notes),
      completedAt: Type.Optional(Instant),
      version: Version,
    }),
    response: { 200: VisitDone },
  },
})

const only = (description: string) => Type.Literal('true', { description })

export const listVisits = endpoint({
  method: 'GET',
  url: '/visits',
  config: { policy: 'visit.read', limit: 'read', fromReplica: true },
  schema: {
    tags,
    summary: "One's own visits, those of the people one leads or, for admins, all of them; the latest first",
    querystring: Closed({
      siteId: Type.Optional(Uuid),
      agentId: Type.Optional(Uuid),
      shopId: Type.Optional(Uuid),
      surveyId: Type.Optional(Uuid),
      status: Type.Optional(VisitStatus),
      from: Type.Optional(Instant),
      to: Type.Optional({ ...Instant, description: 'Before this moment' }),
      fromDay: Type.Optional({ ...Day, description: 'The first day, on the clocks where each began' }),
      toDay: Type.Optional({ ...Day, description: 'The last day' }),
      teamId: Type.Optional({
        ...Uuid,
        description: 'Of its people and those of teams below, as they are now',
      }),
      brandId: Type.Optional({ ...Uuid, description: 'On a shelf of which it is marked' }),
      marked: Type.Optional(only('With a photo on which a shelf is marked')),
      isFar: Type.Optional(only('Begun too far from the shop to be at it')),
      hasSurvey: Type.Optional(only('With a survey')),
      search: Type.Optional(Type.String({ ...Text(200), description: 'In names of shops and agents' })),
      page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
      pageSize: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 100, description: '25 unless said otherwise' }),
      ),
    }),
    response: {
      200: Closed({
        visits: Type.Array(ListedVisit),
        total: Type.Integer({ minimum: 0 }),
        totalIsCapped: Type.Optional(
          Type.Literal(true, { description: 'There are more; `total` is as far as was counted' }),
        ),
        page: Type.Integer({ minimum: 1 }),
        pageSize: Type.Integer({ minimum: 1 }),
      }),
    },
  },
})

export const readVisit = endpoint({
  method: 'GET',
  url: '/visits/:id',
  config: { policy: 'visit.read', limit: 'read' },
  schema: {
    tags,
    summary: 'One visit with its shop, its survey, its answers and its photos',
    params: byId,
    response: { 200: WholeVisit },
  },
})

export const listVisitPhotos = endpoint({
  method: 'GET',
  url: '/visits/:id/photos',
  config: { policy: 'visit.read', limit: 'read' },
  schema: {
    tags,
    summary: 'The photos of a visit',
    params: byId,
    response: { 200: Closed({ photos: Type.Array(Photo) }) },
  },
})
