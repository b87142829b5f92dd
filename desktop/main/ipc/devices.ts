import { ServerError } from '../api/failures.ts'
import type { Session } from '../session/session.ts'
import type { Handlers } from './handlers.ts'
import { askServer } from './record-keeping.ts'

const devices = 'The devices of the organisation are known to the server only.'

/** Where people are signed in, for those who look after the organisation. */
export function deviceHandlers(session: Session): Pick<Handlers, 'devices.list' | 'devices.signOut'> {
  const client = () => session.client()
  return {
    'devices.list': ({ search, state, sort, page }) =>
      askServer(devices, () =>
        client().call('listDevices', {
          query: { ...(search.trim() && { search }), ...(state && { state }), sort, page },
        }),
      ),
    'devices.signOut': ({ id }) =>
      askServer(devices, async () => {
        try {
          await client().call('signOutDevice', { params: { id } })
        } catch (error) {
          // It has ended already, which is what was wanted.
          if (!(error instanceof ServerError && error.status === 404)) throw error
        }
        return {}
      }),
  }
}
