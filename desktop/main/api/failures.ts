import { AppError, type ErrorBody } from '#common/contract/errors'

/**
 * `unreachable`: nobody answered. `timeout`: the answer did not come in time. `unusable`: somebody answered, but not
 * the way a Fieldbook server does: a proxy's page, a portal asking for a room number, a server of another kind.
 * `untrusted`: what answered could not prove that it is the server.
 */
export type NetworkTrouble = 'unreachable' | 'timeout' | 'unusable' | 'untrusted'

const sentences: Record<NetworkTrouble, (server: string) => string> = {
  unreachable: (server) => `The server at ${server} cannot be reached. Check the network and try again.`,
  timeout: (server) => `The server at ${server} did not answer in time. Try again in a moment.`,
  unusable: (server) =>
    `What answered at ${server} is not a working Fieldbook server. Check the address and the network.`,
  untrusted: (server) => `What answered at ${server} could not prove that it is the server.`,
}

/** The certificate of a server does not prove who it is; the message names it, and what IT can do. */
export class CertificateRefused extends Error {
  override readonly name = 'CertificateRefused'
}

/** There is no answer to go by; whether the request had an effect is unknown. */
export class NetworkError extends Error {
  readonly trouble: NetworkTrouble
  /** The HTTP status, where there was one. */
  readonly status: number | undefined

  constructor(trouble: NetworkTrouble, server: string, more: { status?: number; cause?: unknown } = {}) {
    const { cause } = more
    super(cause instanceof CertificateRefused ? cause.message : sentences[trouble](server), { cause })
    this.name = 'NetworkError'
    this.trouble = trouble
    this.status = more.status
  }
}

/** The server's own refusal. */
export class ServerError extends AppError {
  readonly status: number
  /** The request id, for whoever runs the server. */
  readonly reference: string
  /** Milliseconds the server asks to wait before the next try. */
  readonly retryAfter: number | undefined

  constructor(status: number, { error }: ErrorBody, retryAfter: number | undefined) {
    super(error.code, error.message, {
      ...(error.details && { details: error.details }),
      current: error.current,
    })
    this.status = status
    this.reference = error.requestId
    this.retryAfter = retryAfter
  }
}

/** The session on this device is over; only the password opens a new one. */
export class SignInNeeded extends AppError {
  constructor() {
    super('AUTHENTICATION_ERROR', 'Your session has ended. Sign in again; your work is kept.')
  }
}

/** The server does nothing for this person before they have chosen another password. */
export class PasswordChangeNeeded extends AppError {
  constructor() {
    super('PASSWORD_CHANGE_REQUIRED', 'Choose another password first; your work is kept.')
  }
}
