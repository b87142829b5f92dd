import type { SessionUser, SignedIn } from '#common/contract/auth'
import type { Entered } from '#desktop/bridge/tenants'
import { createClient } from '../api/client.ts'
import { SignedInClient } from '../api/signed-in-client.ts'
import type { Store } from '../store/store.ts'
import { type Account, accountId } from './account.ts'
import type { SessionOptions } from './session.ts'
import { Workspace, type WorkspaceEvents } from './workspace.ts'

/** Milliseconds until a request without an answer is given up. */
export const requestTimeout = 60_000

/** Somebody's data, open. */
export interface Open {
  account: Account
  workspace: Workspace
  server: string
  user: SessionUser
  siteId: string | null
  /** Held in memory alone. */
  entered: Entered | null
  /** Milliseconds since 1970. */
  lastReachedAt: number
  mustSignIn: boolean
}

/** What happens to somebody's data while it is open. */
export interface OpenEvents extends WorkspaceEvents {
  profile(user: SessionUser): void
  /** The server waits for another password. */
  passwordDue(): void
}

/**
 * Opens an account's data with a session just granted or, without one, with what was kept from before. Null where
 * nothing was kept, or it is another server's. Throws VaultLocked and StorageError.
 */
export async function openData(
  { clock, random, settings, fetch, openSocket, app }: SessionOptions,
  account: Account,
  server: string,
  session: SignedIn | null,
  openStore: (place: NonNullable<ReturnType<Account['place']>>) => Promise<Store>,
  events: OpenEvents,
): Promise<Open | null> {
  const place = account.place(session !== null)
  if (!place || (!session && account.tokens.refreshToken() === null)) return null
  const store = await openStore(place)
  try {
    const meta = await store.meta()
    const user = session?.user ?? meta.profile
    if (!user || accountId(server, user.id) !== account.id) {
      await store.close()
      return null
    }
    const ending = new AbortController()
    const client = new SignedInClient({
      call: createClient({ server, fetch, timeout: requestTimeout, signal: ending.signal }),
      tokens: account.tokens,
      now: () => clock.now(),
      onSession: ({ user: renewed }) => events.profile(renewed),
      onPasswordDue: () => events.passwordDue(),
    })
    const lastReachedAt = session ? clock.now() : (meta.lastReachedAt ?? 0)
    if (session) {
      await store.writeMeta({ profile: user, lastReachedAt })
      client.accept(session)
    }
    const upToDateAt = meta.lastReachedAt === null ? null : new Date(meta.lastReachedAt).toISOString()
    const workspace = new Workspace({
      server,
      store,
      client,
      abort: () => ending.abort(),
      openSocket,
      clock,
      random,
      app,
      upToDateAt,
      events,
    })
    const siteId = pickSite(user, [meta.activeSiteId, settings.siteId])
    return { account, workspace, server, user, siteId, entered: null, lastReachedAt, mustSignIn: false }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** The first of `wishes` the person belongs to, else the server's choice, else their only site. */
export function pickSite(user: SessionUser, wishes: readonly (string | null)[] = []): string | null {
  const { sites, activeSiteId, defaultSiteId } = user
  const only = sites.length === 1 ? sites[0]!.id : null
  return (
    [...wishes, activeSiteId, defaultSiteId, only].find((id) => sites.some((site) => site.id === id)) ?? null
  )
}
