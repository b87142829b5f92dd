import Type from 'typebox'
import { createNotice, listNotices, Notice, ShownNotice, updateNotice } from '#common/contract/notices'
import { Closed, Uuid } from '#common/contract/primitives'

const Written = Closed({ notice: Notice })

export const ShownNotices = Closed({ notices: Type.Array(ShownNotice) })

/** What admins have every open app say. All but `notices.shown` is asked of the server, SERVICE_UNAVAILABLE without it. */
export const noticeRequests = {
  /** Those to be shown, now or later, as the server last said; also offline. */
  'notices.shown': { request: Closed({}), answer: ShownNotices },
  'notices.list': { request: Closed({}), answer: listNotices.schema.response[200] },
  'notices.add': {
    request: Closed({ ...createNotice.schema.body.properties, id: Uuid }),
    answer: Written,
  },
  'notices.update': {
    request: Closed({ id: Uuid, ...updateNotice.schema.body.properties }),
    answer: Written,
  },
  'notices.withdraw': { request: Closed({ id: Uuid }), answer: Written },
} as const
