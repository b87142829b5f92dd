import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { byId } from './interactions.ts'
import { Closed, Instant, NamedText, Nullable, Uuid, Version } from './primitives.ts'

/** System notices: what an admin has every open app say, to everybody in the organisation or at one site. */

/** The gravest first. */
export const noticeKinds = ['maintenance', 'warning', 'info'] as const
export const NoticeKind = Type.Enum(noticeKinds)
export type NoticeKind = Static<typeof NoticeKind>

const shown = {
  kind: NoticeKind,
  words: NamedText(500),
  startsAt: Instant,
  endsAt: { ...Instant, description: 'From then on it is not shown any more' },
}

export const NoticeFields = Closed({
  ...shown,
  siteId: Type.Union([Uuid, Type.Null()], {
    description: 'The site it is for; null: all of the organisation',
  }),
})
export type NoticeFields = Static<typeof NoticeFields>

export const Notice = Closed({
  id: Uuid,
  ...NoticeFields.properties,
  withdrawnAt: Nullable(Instant),
  version: Version,
})
export type Notice = Static<typeof Notice>

/** A notice as devices have it, from before it begins until it ends. */
export const ShownNotice = Closed({ id: Uuid, ...shown, version: Version })
export type ShownNotice = Static<typeof ShownNotice>

/** At one time: the gravest, and of those the first to begin. */
export const mostShownNotices = 20
/** Of those that are over. */
export const mostPastNotices = 100

const Done = Closed({ success: Type.Literal(true), notice: Notice })
const tags = ['notices'] as const

export const listNotices = endpoint({
  method: 'GET',
  url: '/notices',
  config: { policy: 'notice.manage', limit: 'read' },
  schema: {
    tags,
    summary: `All notices that are shown or planned, and the last ${mostPastNotices} that are over; the last to begin first`,
    response: { 200: Closed({ notices: Type.Array(Notice), asOf: Instant }) },
  },
})

export const createNotice = endpoint({
  method: 'POST',
  url: '/notices',
  config: { policy: 'notice.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Have every open app say something, at once or later; it may bring its own id',
    body: Closed({ id: Type.Optional(Uuid), ...NoticeFields.properties }),
    response: { 201: Done },
  },
})

export const updateNotice = endpoint({
  method: 'PUT',
  url: '/notices/:id',
  config: { policy: 'notice.manage', limit: 'write' },
  schema: {
    tags,
    summary:
      'Change a notice that is not over, for those too who have put it away; a stale version answers 409 with the notice as it is',
    params: byId,
    body: Closed({ ...Type.Partial(NoticeFields).properties, version: Version }),
    response: { 200: Done },
  },
})

export const withdrawNotice = endpoint({
  method: 'POST',
  url: '/notices/:id/withdraw',
  config: { policy: 'notice.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Take a notice back before it ends; one that is over stays as it is',
    params: byId,
    response: { 200: Done },
  },
})
