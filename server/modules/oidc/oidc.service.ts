import { createHash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { SignedIn } from '#common/contract/auth'
import { AppError } from '#common/contract/errors'
import type { StartOidc } from '#common/contract/oidc'
import { noTenant, systemScope } from '../../shared/scope.ts'
import type { Sealer } from '../../shared/sealed.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { AuthService } from '../auth/auth.service.ts'
import type { Journal, Origin } from '../journal/journal.service.ts'
import { type IdentityLookup, link, type Person, standingOf } from './oidc.repository.ts'
import { type Identity, newTrip, type Provider, type Trip } from './provider.ts'

export interface OidcDependencies {
  transact: Transact
  journal: Journal
  auth: Pick<AuthService, 'startSession'>
  lookup: IdentityLookup & { findUser(identifier: string): Promise<Person | null> }
  sealer: Sealer
  /** Null where the organisation has none. */
  provider: Provider | null
  /** Tells the operator why a provider did not do. */
  warn(error: unknown, message: string): void
}

export type OidcService = ReturnType<typeof createOidcService>

/** Where the browser goes on to, or why it does not. */
export type Return = { url: string } | { refusal: string }

interface Left extends StartOidc {
  trip: Trip
}
/** Names its session beforehand, so that no code makes two. */
interface Code extends Pick<StartOidc, 'challenge' | 'keepSignedIn' | 'deviceName'> {
  person: Person
  sessionId: string
}

const awaySeconds = 10 * 60
const codeSeconds = 2 * 60

const tryAgain = 'Go back to Fieldbook and try again.'

/** Signing in with a provider of the organisation. Nothing is kept here while somebody is away: it travels, sealed. */
export function createOidcService({ transact, journal, auth, lookup, sealer, ...deps }: OidcDependencies) {
  function provider(): Provider {
    if (deps.provider) return deps.provider
    throw new AppError('RESOURCE_NOT_FOUND', 'This server has no provider to sign in with; use a password')
  }

  const unavailable = (error: unknown) => {
    deps.warn(error, 'the provider for signing in cannot be reached')
    return new AppError('SERVICE_UNAVAILABLE', `${provider().name} cannot be reached at the moment`)
  }

  /** Whose identity this is: as it was linked, or else by the address that the provider has verified. */
  async function personOf(identity: Identity, origin: Origin): Promise<Person | { refusal: string }> {
    const known = await lookup.findIdentity(identity.issuer, identity.subject)
    const person = known ?? (identity.email === null ? null : await lookup.findUser(identity.email))
    const nobody = identity.email
      ? `Nobody here has the address ${identity.email}. Ask your administrator to invite you.`
      : `${provider().name} does not say that your e-mail address is verified, so nobody can be found by it.`
    if (!person) {
      const { issuer, subject } = identity
      const account = createHash('sha256').update(`${issuer} ${subject}`).digest('hex')
      await transact(systemScope(noTenant), (tx) =>
        journal.record(tx, origin, { action: 'session.refused', feedId: noTenant, newValues: { account } }),
      )
      return { refusal: nobody }
    }
    return transact(systemScope(person.tenantId), async (tx) => {
      const standing = await standingOf(tx, person.userId)
      const entry = { feedId: person.tenantId, entity: 'user', entityId: person.userId }
      const refuse = async (refusal: string) => {
        await journal.record(tx, origin, { ...entry, action: 'session.refused' })
        return { refusal }
      }
      if (known)
        return standing?.active ? person : refuse('Your account is disabled. Ask your administrator.')
      if (standing?.email !== identity.email) return refuse(nobody)
      if (!standing.active) return refuse('Your account is disabled. Ask your administrator.')
      if (!standing.email_confirmed)
        return refuse(
          `It is not confirmed yet that ${identity.email} is yours. Use the code you were invited with, or choose “Forgot your password?” in Fieldbook and use the one that is mailed to you; then this works.`,
        )
      const { issuer, subject, email } = identity
      if (!(await link(tx, person.userId, { issuer, subject, email })))
        return refuse('This person signs in here with another account. Ask your administrator.')
      await journal.record(
        tx,
        { ...origin, id: person.userId },
        { ...entry, action: 'user.identityLinked', newValues: { issuer, subject, email } },
      )
      return person
    })
  }

  return {
    providerName: () => deps.provider?.name ?? null,

    async start(request: StartOidc): Promise<string> {
      const left: Left = { ...request, trip: newTrip() }
      return provider()
        .leave(left.trip, sealer.seal(left, awaySeconds))
        .catch((error: unknown) => {
          throw unavailable(error)
        })
    },

    /** `query` is everything the provider sent along, as it came. */
    async comeBack(query: string, state: string | undefined, origin: Origin): Promise<Return> {
      const left = state && sealer.open<Left>(state)
      if (!left) return { refusal: `This took too long, or was not begun in Fieldbook. ${tryAgain}` }
      let identity: Identity
      try {
        identity = await provider().comeBack(query, left.trip, state)
      } catch (error) {
        deps.warn(error, 'a sign-in with the provider was not completed')
        return { refusal: `${provider().name} did not complete the sign-in. ${tryAgain}` }
      }
      const person = await personOf(identity, origin)
      if ('refusal' in person) return person
      const { challenge, keepSignedIn, deviceName, port } = left
      const code: Code = {
        person,
        sessionId: uuidv7(),
        challenge,
        ...(keepSignedIn && { keepSignedIn }),
        ...(deviceName && { deviceName }),
      }
      return { url: `http://127.0.0.1:${port}/signed-in?code=${sealer.seal(code, codeSeconds)}` }
    },

    async finish(sealed: string, verifier: string, origin: Origin): Promise<SignedIn> {
      const code = sealer.open<Code>(sealed)
      const challenge = createHash('sha256').update(verifier).digest('base64url')
      if (code?.challenge !== challenge)
        throw new AppError('AUTHENTICATION_ERROR', 'This sign-in is over; begin it again')
      const { person, sessionId, keepSignedIn = false, deviceName } = code
      return auth.startSession(person, { id: sessionId, keepSignedIn, deviceName }, origin)
    },
  }
}
