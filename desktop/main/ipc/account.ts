import { ServerError } from '../api/failures.ts'
import type { Session } from '../session/session.ts'
import type { Handlers } from './handlers.ts'
import { askServer, changeOnServer } from './record-keeping.ts'

type Names =
  | 'account.sessions'
  | 'account.endSession'
  | 'account.endOtherSessions'
  | 'account.saveProfile'
  | 'account.changePassword'
  | 'account.forgotPassword'
  | 'account.resetPassword'

const devices = 'Where you are signed in is known to the server only.'
const profile = 'Your profile is kept on the server.'
const password = 'A password is changed at the server.'

/** A person's own account. */
export function accountHandlers(session: Session): Pick<Handlers, Names> {
  const client = () => session.workspace().client
  const endSession = async (id: string) => {
    try {
      await client().call('endSession', { params: { id } })
    } catch (error) {
      // It has ended already, which is what was wanted.
      if (!(error instanceof ServerError && error.status === 404)) throw error
    }
  }
  return {
    'account.sessions': () => askServer(devices, () => client().call('listMySessions', {})),
    'account.endSession': ({ id }) => askServer(devices, () => endSession(id)).then(() => ({})),
    'account.endOtherSessions': () =>
      askServer(devices, async () => {
        const { sessions } = await client().call('listMySessions', {})
        for (const { id, isThis } of sessions) if (!isThis) await endSession(id)
        return {}
      }),
    'account.saveProfile': (changes) =>
      changeOnServer(session, profile, async () => {
        const params = { id: session.state().user!.id }
        const { version } = (await client().call('readUser', { params })).user
        await client().call('updateUser', { params, body: { ...changes, version } })
        await session.refreshProfile()
        return {}
      }),
    'account.changePassword': (body) =>
      askServer(password, () => session.changePassword(body)).then(() => ({})),
    'account.forgotPassword': ({ server, account }) =>
      askServer(password, () => session.callAt(server).call('forgotPassword', { body: { account } })).then(
        () => ({}),
      ),
    'account.resetPassword': ({ server, ...body }) =>
      askServer(password, () => session.callAt(server).call('resetPassword', { body })).then(() => ({})),
  }
}
