import type { Session } from '../session/session.ts'
import type { Handlers } from './handlers.ts'
import { askServer, changeOnServer } from './record-keeping.ts'

const why = 'Notices are kept on the server.'

/** What admins have every open app say, and what this one is to show. */
export function noticeHandlers(
  session: Session,
): Pick<Handlers, Extract<keyof Handlers, `notices.${string}`>> {
  const client = () => session.client()
  return {
    'notices.shown': async () => ({ notices: await session.workspace().store.shownNotices() }),
    'notices.list': () => askServer(why, () => client().call('listNotices', {})),
    'notices.add': async (body) => {
      const { notice } = await changeOnServer(session, why, () => client().call('createNotice', { body }))
      return { notice }
    },
    'notices.update': async ({ id, ...body }) => {
      const { notice } = await changeOnServer(session, why, () =>
        client().call('updateNotice', { params: { id }, body }),
      )
      return { notice }
    },
    'notices.withdraw': async ({ id }) => {
      const { notice } = await changeOnServer(session, why, () =>
        client().call('withdrawNotice', { params: { id } }),
      )
      return { notice }
    },
  }
}
