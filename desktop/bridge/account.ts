import Type from 'typebox'
import { Session } from '#common/contract/auth'
import { Closed, Text, Uuid } from '#common/contract/primitives'

const Nothing = Closed({})
const Done = Closed({})
const Password = Text(200)
/** Its address as typed; the one of the settings where it is left out. */
const server = { server: Type.Optional(Type.String({ maxLength: 500 })) }

/** One's own account. All of it is asked of the server; SERVICE_UNAVAILABLE without it. */
export const accountRequests = {
  /** Where one is signed in, the session used last first. */
  'account.sessions': { request: Nothing, answer: Closed({ sessions: Type.Array(Session) }) },
  'account.endSession': { request: Closed({ id: Uuid }), answer: Done },
  /** Ends every session but this device's; one that ended meanwhile is no failure. */
  'account.endOtherSessions': { request: Nothing, answer: Done },
  /** What has changed of it. */
  'account.saveProfile': {
    request: Closed({ displayName: Type.Optional(Text(100)), email: Type.Optional(Text(254)) }),
    answer: Done,
  },
  'account.changePassword': {
    request: Closed({ currentPassword: Password, newPassword: Password }),
    answer: Done,
  },
  /** Has a code mailed, if there is such an account; the answer does not tell. Needs nobody to be signed in. */
  'account.forgotPassword': { request: Closed({ ...server, account: Text(254) }), answer: Done },
  /** Chooses a password with the code of the mail. Needs nobody to be signed in. */
  'account.resetPassword': {
    request: Closed({ ...server, token: Text(200), password: Password }),
    answer: Done,
  },
} as const
