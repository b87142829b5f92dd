import type { SignedIn } from '#common/contract/auth'
import type { Call, EndpointName, Input, Output } from './client.ts'
import { PasswordChangeNeeded, ServerError, SignInNeeded } from './failures.ts'

export interface TokenKeeper {
  refreshToken(): string | null
  /** Keeps the next refresh token; when it returns, the token would survive a power cut. */
  keep(refreshToken: string): void
}

export interface SignedInClientOptions {
  call: Call
  tokens: TokenKeeper
  /** Milliseconds; any steady clock. */
  now(): number
  /** Each new session the server grants, with what the person may do now. */
  onSession(session: SignedIn): void
  /** The server has just said that it waits for another password. */
  onPasswordDue?(): void
}

/** Milliseconds before its end at which a token is renewed: the request may take a while to arrive. */
const margin = (lifetime: number) => Math.min(30_000, lifetime / 2)

/**
 * Calls endpoints in the name of the person signed in. The access token is held in memory only. It is renewed when it
 * ends or the server stops taking it, by one renewal at a time however many calls need it, and the next refresh token
 * is safe before the new access token is used: a crash or lost answer in between costs nothing, since the server
 * gives the same successor again. SignInNeeded when the session is over, PasswordChangeNeeded while another password is
 * asked for.
 */
export class SignedInClient {
  readonly #options: SignedInClientOptions
  #access: { token: string; renewAt: number } | null = null
  #renewal: Promise<string> | null = null
  #ended = false

  constructor(options: SignedInClientOptions) {
    this.#options = options
  }

  /** Takes a session that has just been granted. */
  accept(session: SignedIn): void {
    if (this.#ended) throw new SignInNeeded()
    const lifetime = session.expiresIn * 1000
    const renewAt = this.#options.now() + lifetime - margin(lifetime)
    this.#options.tokens.keep(session.refreshToken)
    this.#access = { token: session.token, renewAt }
    this.#options.onSession(session)
  }

  /** After a sign-out: a renewal still under way brings no new token. */
  end(): void {
    this.#ended = true
    this.#access = null
  }

  async call<N extends EndpointName>(name: N, input: Input<N>): Promise<Output<N>> {
    const token = await this.token()
    try {
      return await this.#options.call(name, input, { token })
    } catch (error) {
      if (!isUnauthenticated(error)) throw this.#passwordDue(error) ?? error
    }
    this.refused(token)
    try {
      return await this.#options.call(name, input, { token: await this.token() })
    } catch (error) {
      throw isUnauthenticated(error) ? new SignInNeeded() : (this.#passwordDue(error) ?? error)
    }
  }

  /** Calls in an organisation that the person, a super admin, does not belong to. */
  within(tenantId: string): Pick<SignedInClient, 'call'> {
    return {
      call: (name, input) => {
        const given = input as { headers?: Record<string, string> }
        const headers = { ...given.headers, 'x-tenant-id': tenantId }
        return this.call(name, { ...given, headers } as typeof input)
      },
    }
  }

  #passwordDue(error: unknown): PasswordChangeNeeded | null {
    if (!(error instanceof ServerError && error.code === 'PASSWORD_CHANGE_REQUIRED')) return null
    this.#options.onPasswordDue?.()
    return new PasswordChangeNeeded()
  }

  /** An access token that has not ended. Fails as `call` does. */
  async token(): Promise<string> {
    if (this.#access && this.#options.now() < this.#access.renewAt) return this.#access.token
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = null
    })
    return this.#renewal
  }

  /** The server does not take this token. Somebody else may have renewed it meanwhile; it is not handed out again. */
  refused(token: string): void {
    if (this.#access?.token === token) this.#access = null
  }

  async #renew(): Promise<string> {
    const refreshToken = this.#options.tokens.refreshToken()
    if (refreshToken === null || this.#ended) throw new SignInNeeded()
    const session = await this.#options
      .call('refreshSession', { body: { refreshToken } })
      .catch((error: unknown) => {
        const isOver = error instanceof ServerError && [400, 401, 403].includes(error.status)
        throw isOver ? new SignInNeeded() : error
      })
    this.accept(session)
    return session.token
  }
}

const isUnauthenticated = (error: unknown) => error instanceof ServerError && error.status === 401
