import { createHmac, randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { Session, SessionUser, SignedIn } from '#common/contract/auth'
import { AppError } from '#common/contract/errors'
import { sha256 } from '../../shared/canonical-json.ts'
import { isReadOnlyDatabase } from '../../shared/outage.ts'
import { type Actor, scopeOf, systemScope } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { Journal, Origin } from '../journal/journal.service.ts'
import type { Codes } from '../mail/codes.ts'
import type { MailService } from '../mail/mail.service.ts'
import {
  createSessionsRepository,
  type SessionRow,
  type SignInLookup,
  type UserFound,
} from './auth.repository.ts'
import { createPasswordChanges } from './password-changes.service.ts'
import type { Passwords } from './passwords.ts'
import { createSignIn } from './sign-in.service.ts'

export interface AccessClaims {
  sub: string
  sid: string
  tenant: string | null
  roles: string[]
  sites: { id: string; role: string }[]
}

export interface AuthDependencies {
  transact: Transact
  journal: Journal
  lookup: SignInLookup
  passwords: Passwords
  mail: MailService
  codes: Codes
  issueAccessToken(claims: AccessClaims): string
  /** New refresh tokens follow by the first, those that were made with another are known again. */
  secrets(): readonly Uint8Array[]
  accessTokenTtl: number
  sessionTtl: number
  /** Of a session that is kept on a device. */
  keptSessionTtl: number
}

export interface SessionWishes {
  id?: string
  deviceName?: string | null | undefined
  keepSignedIn?: boolean | undefined
  mustChangePassword?: boolean
}

export type AuthService = ReturnType<typeof createAuthService>

/** How long the token before the current one still answers, with the same successor: its answer may have been lost. */
const refreshGraceSeconds = 60

const sessionOver = 'Your session has ended; sign in again'

/** A refresh token names its session, so that even one that was replaced long ago tells whose it was. */
const sessionNamedBy = (token: string) => /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\./.exec(token)?.[1]

export function createAuthService(deps: AuthDependencies) {
  const { transact, journal, lookup } = deps

  /** The next refresh token follows from the last, so that a lost answer can be given again: by any of the secrets. */
  const successors = (sessionId: string, token: string) =>
    deps
      .secrets()
      .map((secret) => `${sessionId}.${createHmac('sha256', secret).update(token).digest('base64url')}`)

  async function signedIn(sessionId: string, refreshToken: string): Promise<SignedIn> {
    const session = await lookup.readSession(sessionId)
    if (!session) throw new AppError('AUTHENTICATION_ERROR', sessionOver)
    const user = sessionUser(session)
    const token = deps.issueAccessToken({
      sub: user.id,
      sid: sessionId,
      tenant: user.tenant?.id ?? null,
      roles: user.roles,
      sites: user.sites.map(({ id, role }) => ({ id, role })),
    })
    return { token, expiresIn: deps.accessTokenTtl, refreshToken, user }
  }

  /** For somebody who has proved who they are. An `id` that was used before starts none. */
  async function startSession(
    { tenantId, userId }: UserFound,
    { id = uuidv7(), deviceName, keepSignedIn = false, mustChangePassword = false }: SessionWishes,
    origin: Origin,
  ): Promise<SignedIn> {
    const refreshToken = `${id}.${randomBytes(32).toString('base64url')}`
    await transact(systemScope(tenantId), async (tx) => {
      const started = await createSessionsRepository(tx).start({
        id,
        userId,
        deviceName: deviceName ?? null,
        tokenHash: sha256(refreshToken),
        lifetimeSeconds: keepSignedIn ? deps.keptSessionTtl : deps.sessionTtl,
        mustChangePassword,
      })
      if (!started) throw new AppError('AUTHENTICATION_ERROR', sessionOver)
      await journal.record(
        tx,
        { ...origin, id: userId },
        { action: 'session.started', feedId: tenantId, entity: 'session', entityId: id },
      )
    })
    return signedIn(id, refreshToken)
  }

  return {
    startSession,
    signIn: createSignIn({ ...deps, startSession }),
    ...createPasswordChanges(deps),

    /**
     * A new pair for a refresh token. One that was used before ends the whole session: somebody else may have it. Where
     * the database only reads the refresh token stays the same, so that whoever is signed in goes on reading.
     */
    async refresh(refreshToken: string, origin: Origin): Promise<SignedIn> {
      const id = sessionNamedBy(refreshToken)
      const session = id && (await lookup.readSession(id))
      if (!session) throw new AppError('AUTHENTICATION_ERROR', sessionOver)
      const hash = sha256(refreshToken)
      const nexts = successors(id, refreshToken)
      const next = await transact(systemScope(session.tenantId), async (tx) => {
        const sessions = createSessionsRepository(tx)
        const tokens = await sessions.tokens(id, { lock: true })
        if (!tokens || tokens.ended) return null
        if (hash.equals(tokens.tokenHash)) {
          await sessions.rotate(id, hash, sha256(nexts[0]!))
          return nexts[0]!
        }
        if (
          tokens.previousHash &&
          hash.equals(tokens.previousHash) &&
          tokens.secondsSinceRotation <= refreshGraceSeconds
        ) {
          const given = nexts.find((token) => sha256(token).equals(tokens.tokenHash))
          // Made with a key that is gone: that one was lost with its answer, and another counts instead.
          if (!given) await sessions.rotate(id, hash, sha256(nexts[0]!))
          return given ?? nexts[0]!
        }
        await sessions.revoke(id)
        await journal.record(
          tx,
          { ...origin, id: session.userId },
          {
            action: 'session.token_reused',
            feedId: session.tenantId,
            entity: 'session',
            entityId: id,
          },
        )
        return null
      }).catch(async (error: unknown) => {
        if (!isReadOnlyDatabase(error)) throw error
        const tokens = await transact(systemScope(session.tenantId), (tx) =>
          createSessionsRepository(tx).tokens(id, { lock: false }),
        )
        // That one was used before has to be written down, which waits until it can be.
        if (!tokens || tokens.ended || !hash.equals(tokens.tokenHash)) throw error
        return refreshToken
      })
      if (next === null) throw new AppError('AUTHENTICATION_ERROR', sessionOver)
      return signedIn(id, next)
    },

    async signOut(actor: Actor, sessionId: string): Promise<void> {
      await transact(scopeOf(actor), async (tx) => {
        await createSessionsRepository(tx).revoke(sessionId)
        await journal.record(tx, actor, {
          action: 'session.ended',
          feedId: actor.tenantId,
          entity: 'session',
          entityId: sessionId,
        })
      })
    },

    /** Where the actor is signed in; `sessionId` is the one that asks. */
    async sessions(actor: Actor, sessionId: string): Promise<Session[]> {
      const open = await transact(scopeOf(actor), (tx) => createSessionsRepository(tx).open(actor.id))
      return open.map((session) => ({ ...session, isThis: session.id === sessionId }))
    },

    /** Ends a session of the actor's own: its device is asked to sign in with its next request. */
    async endSession(actor: Actor, id: string): Promise<void> {
      await transact(scopeOf(actor), async (tx) => {
        if (!(await createSessionsRepository(tx).end(actor.id, id))) {
          throw new AppError('RESOURCE_NOT_FOUND', 'There is no such session among yours')
        }
        await journal.record(tx, actor, {
          action: 'session.ended',
          feedId: actor.tenantId,
          entity: 'session',
          entityId: id,
        })
      })
    },

    async chooseSite(actor: Actor, sessionId: string, siteId: string, makeDefault: boolean) {
      const site = actor.sites.find(({ id }) => id === siteId)
      if (!site) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such site among yours')
      await transact(scopeOf(actor), async (tx) => {
        const sessions = createSessionsRepository(tx)
        // The person's row before the session's, as disabling and forgetting take them.
        const defaultSiteId = makeDefault ? await sessions.setDefaultSite(actor.id, siteId) : null
        await sessions.setActiveSite(sessionId, siteId)
        if (!makeDefault) return
        await journal.record(tx, actor, {
          action: 'user.updated',
          feedId: actor.tenantId,
          entity: 'user',
          entityId: actor.id,
          oldValues: { defaultSiteId },
          newValues: { defaultSiteId: siteId },
        })
      })
      return { id: site.id, name: site.name }
    },

    readSession: lookup.readSession,
  }
}

/** What a person may know about themselves; the platform's own tenant counts as none. */
export function sessionUser(row: SessionRow): SessionUser {
  const belongs = (id: string | null) => (row.sites.some((site) => site.id === id) ? id : null)
  const only = row.sites.length === 1 ? row.sites[0]!.id : null
  return {
    id: row.userId,
    username: row.username,
    email: row.email,
    displayName: row.displayName,
    tenant: row.isPlatform ? null : { id: row.tenantId, name: row.tenantName },
    roles: row.roles,
    sites: row.sites,
    defaultSiteId: belongs(row.defaultSiteId),
    activeSiteId: belongs(row.activeSiteId) ?? belongs(row.defaultSiteId) ?? only,
    mustChangePassword: row.mustChangePassword,
    ...(row.offlineDays !== null && { offlineDays: row.offlineDays }),
  }
}
