import Type from 'typebox'
import { SessionUser } from './auth.ts'
import { endpoint } from './endpoint.ts'
import { Closed, NamedText, Success, Text } from './primitives.ts'

/** A password as it is typed; what a new one must be says common/rules/password-policy.ts, in an answer per field. */
const Password = Text(200)

const tags = ['auth'] as const

export const changePassword = endpoint({
  method: 'POST',
  url: '/auth/change-password',
  config: { policy: 'session.own', limit: 'auth' },
  schema: {
    tags,
    summary: 'Choose another password; every other session of one’s own ends',
    body: Closed({ currentPassword: Password, newPassword: Password }),
    response: { 200: Closed({ success: Type.Literal(true), user: SessionUser }) },
  },
})

export const forgotPassword = endpoint({
  method: 'POST',
  url: '/auth/forgot-password',
  config: { policy: 'public', limit: 'auth' },
  schema: {
    tags,
    summary:
      'Have a code for a new password mailed; the answer is the same whether or not there is such an account',
    body: Closed({ account: Type.String({ ...NamedText(254), description: 'User name or e-mail address' }) }),
    response: { 200: Success },
  },
})

export const resetPassword = endpoint({
  method: 'POST',
  url: '/auth/reset-password',
  config: { policy: 'public', limit: 'auth' },
  schema: {
    tags,
    summary:
      'Choose a password with the code of a mail (reset or invitation), which works once; all sessions end',
    body: Closed({
      token: Type.String({ ...Text(200), minLength: 1, description: 'The code of the mail' }),
      password: Password,
    }),
    response: { 200: Success },
  },
})
