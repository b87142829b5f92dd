import type { SessionUser, SignedIn } from '#common/contract/auth'
import { AppError } from '#common/contract/errors'
import type { ShownNotice } from '#common/contract/notices'
import type { PullPage } from '#common/contract/sync'
import { offlineDays, type Tenant } from '#common/contract/tenants'
import { rolesInside } from '#common/rules/permissions'
import type { Request, SessionState, SyncStatus } from '#desktop/bridge/channels'
import type { Policy } from '#desktop/bridge/policy'
import type { Entered } from '#desktop/bridge/tenants'
import { type Call, createClient } from '../api/client.ts'
import { ServerError, SignInNeeded } from '../api/failures.ts'
import type { OpenSocket } from '../api/live-socket.ts'
import type { SignedInClient } from '../api/signed-in-client.ts'
import type { Keychain } from '../security/keychain.ts'
import { VaultLocked } from '../security/vault.ts'
import { StorageError } from '../store/failures.ts'
import type { StorePlace } from '../store/remote-store.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../sync/pacer.ts'
import type { PhotoProgress } from '../sync/photo-uploads.ts'
import { type Account, accountId, isKept, openAccount, type Trouble } from './account.ts'
import { notices } from './notices.ts'
import { type Open, openData, type OpenEvents, pickSite, requestTimeout } from './opening.ts'
import { Parking } from './parking.ts'
import { readServerAddress } from './server-address.ts'
import type { CycleOutcome, Workspace } from './workspace.ts'

/** What survives a restart outside the encrypted files; nothing in it tells who or what. */
export interface SessionSettings {
  server: string
  account: string | null
  siteId: string | null
}

export interface SessionOptions {
  accountsFolder: string
  keychain: Keychain
  settings: SessionSettings
  /** What IT prescribes. */
  policy?: Policy
  openStore(place: StorePlace, onStopped: () => void): Promise<Store>
  fetch: typeof fetch
  openSocket: OpenSocket
  clock: Clock
  random(): number
  deviceName: string
  /** What this app is, and what it runs on. */
  app: { version: string; platform: string; managed?: boolean }
  events: {
    session(state: SessionState): void
    sync(status: SyncStatus): void
    dataChanged(siteIds: string[]): void
    viewsChanged(siteId: string): void
    noticesChanged(notices: ShownNotice[]): void
    photoChanged(progress: PhotoProgress): void
    cycled?(outcome: CycleOutcome): void
    log(message: string, error?: unknown): void
  }
}

const day = 24 * 3600_000
/** Milliseconds a kept session opens the data without having reached the server. */
const openFor = ({ offlineDays: days = offlineDays }: SessionUser, { offlineDaysAtMost = days }: Policy) =>
  Math.min(days, offlineDaysAtMost) * day
/** How precisely the last contact is remembered; writing it down is a write to the disk. */
const noteContactEvery = 5 * 60_000
const goodbyeTimeout = 3_000

const idle: SyncStatus = {
  online: true,
  readOnly: false,
  waiting: 0,
  needsAttention: 0,
  reasons: 0,
  working: false,
  upToDateAt: null,
  firstSync: null,
}

const isSuperAdmin = ({ roles }: SessionUser) => roles.includes('super_admin')

const enteredOf = ({ id, name, status }: Tenant): Entered => ({ id, name, status })

/** As the server takes a super admin there: an admin who belongs to none of its sites. */
function actingAs(user: SessionUser, entered: Entered | null): SessionUser {
  if (!entered) return user
  return { ...user, tenant: { id: entered.id, name: entered.name }, roles: [...rolesInside] }
}

/** Where the person acts stays, and with it what they have typed there; the server refuses all of it meanwhile. */
function signedOut(open: Open) {
  open.mustSignIn = true
}

const notAllowed = (field: string, message: string) =>
  new AppError('VALIDATION_ERROR', `${message}.`, { details: [{ field, message }] })

/** What could not be opened, and for whom, so that it can be tried again. */
interface Blocked {
  account: Account
  server: string
  session: SignedIn | null
  /** Null where setting files aside would not help. */
  trouble: Trouble | null
  message: string
}

/**
 * Who is signed in on this device, and whether their data is open (SPEC §4, Sign-in). With a kept session the data
 * opens without asking the server; the server confirms it when it can be reached. Whatever goes wrong, unsent work
 * stays where it is, readable for that person only.
 */
export class Session {
  readonly #options: SessionOptions
  readonly #parking = new Parking()
  #open: Open | null = null
  #blocked: Blocked | null = null
  #started = false
  #notice: string | null = null
  #told = ''
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: SessionOptions) {
    this.#options = options
  }

  state(): SessionState {
    const { settings, keychain } = this.#options
    const { server, user, siteId, entered = null, mustSignIn } = this.#open ?? {}
    return {
      phase: this.#phase(),
      server: server ?? settings.server,
      user: user ? actingAs(user, entered) : null,
      siteId: siteId ?? null,
      entered,
      keepsData: this.#open?.account.keepsData ?? keychain.isAvailable(),
      mustSignIn: mustSignIn ?? false,
      blockedBy: this.#blocked && {
        message: this.#blocked.message,
        canSetAside: this.#blocked.trouble !== null,
      },
      notice: this.#notice,
    }
  }

  /** What this computer is called, in history too. */
  get deviceName(): string {
    return this.#options.deviceName
  }

  get policy(): Policy {
    return this.#options.policy ?? {}
  }

  /** What becomes of the wish to stay signed in. */
  mayKeepSignedIn(wanted: boolean): boolean {
    return wanted && this.policy.keepSignedIn !== false
  }

  status(): SyncStatus {
    return this.#open?.workspace.status ?? idle
  }

  /** The data of the person signed in. AUTHENTICATION_ERROR while it is not open to them. */
  workspace(): Workspace {
    if (this.#open && ['signed-in', 'choosing-site'].includes(this.#phase())) return this.#open.workspace
    throw new AppError('AUTHENTICATION_ERROR', 'Sign in to see this.')
  }

  /** Calls the server where the person acts: in the organisation they have entered, else in their own. */
  client(): Pick<SignedInClient, 'call'> {
    const workspace = this.workspace()
    const { entered } = this.#open!
    if (!entered) return workspace.client
    const there = workspace.client.within(entered.id)
    return {
      call: (name, input) =>
        there.call(name, input).catch((error: unknown) => {
          // There they may do anything: who is refused has lost their rights, which sync finds out.
          const isRefused = error instanceof ServerError && error.status === 403
          if (isRefused || error instanceof SignInNeeded) workspace.wake({ insist: true })
          throw error
        }),
    }
  }

  /** Acts in an organisation from now on, as super admins may; with null in none. */
  async enterTenant(tenantId: string | null): Promise<void> {
    const { client } = this.workspace()
    const { id } = this.#open!.account
    const read = async (id: string) => (await client.call('readTenant', { params: { id } })).tenant
    const tenant = tenantId === null ? null : await read(tenantId)
    this.#update(id, (open) => {
      open.entered = tenant && isSuperAdmin(open.user) ? enteredOf(tenant) : null
      this.#notice = null
    })
  }

  /** Opens the data of whoever was signed in when the app was closed. */
  start(): Promise<SessionState> {
    return this.#inTurn(async () => {
      const { settings, keychain, accountsFolder } = this.#options
      const id = settings.account
      if (!keychain.isAvailable()) this.#notice = notices.keepsNothing
      try {
        if (id === null || !isKept(accountsFolder, id)) return
        const account = openAccount(accountsFolder, id, keychain)
        if (account.keepsData) await this.#enter(account, settings.server, null)
        else this.#block(account, settings.server, null, new VaultLocked())
      } finally {
        this.#started = true
      }
    })
  }

  /** Speaks to a server in nobody's name; to the one of the settings where none is given. */
  callAt(server: string | undefined): { address: string; call: Call } {
    const { settings, fetch } = this.#options
    const address = server === undefined ? settings.server : readServerAddress(server)
    const { serverAddress = address } = this.policy
    if (address !== serverAddress)
      throw notAllowed('server', `Your organisation has set the server: ${serverAddress}`)
    return { address, call: createClient({ server: address, fetch, timeout: requestTimeout }) }
  }

  /** Throws what the sign-in form has to show; whoever was signed in before then still is. */
  async signIn({ server, ...given }: Request<'session.signIn'>): Promise<SessionState> {
    if (this.policy.signInWith === 'provider')
      throw notAllowed('username', 'Your organisation has people sign in with its provider')
    const { address, call } = this.callAt(server)
    const { deviceName } = this
    const keepSignedIn = this.mayKeepSignedIn(given.keepSignedIn)
    return this.#inTurn(async () =>
      this.#enterAs(address, await call('signIn', { body: { ...given, keepSignedIn, deviceName } })),
    )
  }

  /** Opens the data of who has signed in in another way. */
  enterAs(server: string, session: SignedIn): Promise<SessionState> {
    return this.#inTurn(() => this.#enterAs(server, session))
  }

  async #enterAs(server: string, session: SignedIn) {
    const { settings, accountsFolder, keychain } = this.#options
    const id = accountId(server, session.user.id)
    if (this.#open?.account.id === id) {
      this.#open.workspace.resume(session)
      this.#reached(id, session.user)
    } else {
      await this.#leave()
      await this.#enter(openAccount(accountsFolder, id, keychain), server, session)
    }
    settings.server = server
    settings.account = id
  }

  /** Another password for whoever is signed in, also while nothing else is open to them. */
  async changePassword(body: Request<'account.changePassword'>): Promise<void> {
    const open = this.#open
    if (!open) throw new AppError('AUTHENTICATION_ERROR', 'Sign in to change your password.')
    const { id } = open.account
    try {
      const { user } = await open.workspace.client.call('changePassword', { body })
      this.#takeProfile(id, user)
    } catch (error) {
      if (error instanceof SignInNeeded) this.#update(id, signedOut)
      throw error
    }
  }

  /** Asks the server who the person is by now. */
  async refreshProfile(): Promise<void> {
    const { client } = this.workspace()
    const { id } = this.#open!.account
    this.#takeProfile(id, (await client.call('readMe', {})).user)
  }

  /** Unsent work is asked about first, and then kept for this person's next sign-in. */
  async signOut({ leaveUnsent }: { leaveUnsent: boolean }): Promise<{ unsent: number; done: boolean }> {
    let answer = { unsent: 0, done: true }
    await this.#inTurn(async () => {
      const { waiting = 0, needsAttention = 0 } = (await this.#open?.workspace.store.counts()) ?? {}
      answer = { unsent: waiting + needsAttention, done: leaveUnsent || waiting + needsAttention === 0 }
      if (!answer.done) return
      const { account } = this.#open ?? this.#blocked ?? {}
      if (this.#open && !this.#open.mustSignIn) await this.#sayGoodbye(this.#open.workspace)
      await this.#leave()
      account?.tokens.forget()
      this.#options.settings.account = null
      this.#notice = null
    })
    return answer
  }

  /** The choice holds at once; the server hears of it when it can, and only it knows the default. */
  async chooseSite({ siteId, makeDefault }: Request<'session.chooseSite'>): Promise<SessionState> {
    const { client, store } = this.workspace()
    const open = this.#open!
    if (!open.user.sites.some(({ id }) => id === siteId)) {
      throw new AppError('RESOURCE_NOT_FOUND', 'You do not belong to this site (any more).')
    }
    await store.writeMeta({ activeSiteId: siteId })
    open.siteId = siteId
    this.#options.settings.siteId = siteId
    this.#notice = null
    client.call('chooseSite', { body: { siteId, makeDefault } }).catch(() => {
      if (makeDefault) this.#notify(notices.defaultNotSet)
    })
    return this.#tell()
  }

  /** For what is blocked: tries again, or keeps what cannot be read under another name and begins anew. */
  retryStorage({ setAside }: { setAside: boolean }): Promise<SessionState> {
    return this.#inTurn(async () => {
      const blocked = this.#blocked
      if (!blocked) return
      const { accountsFolder, keychain, clock } = this.#options
      if (setAside && blocked.trouble) {
        blocked.account.setAside(blocked.trouble, new Date(clock.now()))
        if (blocked.account.keepsData) this.#notice = notices.setAside
      }
      const account = openAccount(accountsFolder, blocked.account.id, keychain)
      this.#blocked = null
      if (account.keepsData || blocked.session) await this.#enter(account, blocked.server, blocked.session)
      else if (!setAside) this.#block(account, blocked.server, null, new VaultLocked())
    })
  }

  /** The network came back, or the machine woke up. */
  wake(): void {
    this.#open?.workspace.revive()
  }

  /** Takes what the store threw while somebody worked with it. */
  storageFailed(error: StorageError): void {
    if (error.reason !== 'unreadable' && error.reason !== 'newer') return
    void this.#inTurn(async () => {
      const open = this.#open
      await this.#leave()
      if (open) this.#block(open.account, open.server, null, error)
    })
  }

  /** Whether there may be edits that are nowhere but in memory. */
  losesWorkOnQuit(): boolean {
    return this.#parking.isUsed || this.#open?.account.keepsData === false
  }

  /** Edits that would be lost with the app, because nothing is kept on disk. */
  unsentInMemory(): Promise<number> {
    return this.#parking.unsent(
      this.#open && !this.#open.account.keepsData ? this.#open.workspace.store : null,
    )
  }

  async close(): Promise<void> {
    await this.#open?.workspace.stop()
    await this.#open?.workspace.store.close()
  }

  #phase(): SessionState['phase'] {
    if (!this.#started) return 'starting'
    if (this.#blocked) return 'blocked'
    if (!this.#open) return 'signed-out'
    // A clock set far back says as little about the last contact as one that is far ahead.
    if (
      Math.abs(this.#options.clock.now() - this.#open.lastReachedAt) > openFor(this.#open.user, this.policy)
    )
      return 'locked'
    if (this.#open.user.mustChangePassword) return this.#open.mustSignIn ? 'locked' : 'changing-password'
    return this.#open.siteId === null ? 'choosing-site' : 'signed-in'
  }

  async #enter(account: Account, server: string, session: SignedIn | null) {
    const openStore = (place: StorePlace) =>
      Promise.resolve(
        this.#parking.take(account) ?? this.#options.openStore(place, () => this.#storeStopped(account)),
      )
    try {
      this.#open = await openData(
        this.#options,
        account,
        server,
        session,
        openStore,
        this.#eventsOf(account.id),
      )
    } catch (error) {
      return this.#block(account, server, session, error)
    }
    if (this.#open?.user.mustChangePassword) this.#open.workspace.hold()
    await this.#open?.workspace.start()
    await this.#passOnNotice(account.id)
  }

  /** Rethrows what is none of the storage. */
  #block(account: Account, server: string, session: SignedIn | null, error: unknown) {
    this.#options.events.log('the local data cannot be opened', error)
    if (error instanceof VaultLocked) {
      this.#blocked = { account, server, session, trouble: 'locked', message: notices.locked }
    } else if (error instanceof StorageError) {
      const trouble = error.reason === 'unreadable' || error.reason === 'newer' ? error.reason : null
      this.#blocked = { account, server, session, trouble, message: error.message }
    } else {
      throw error
    }
  }

  /** Ends what is open. Unsent work stays: on disk, or parked in memory. */
  async #leave() {
    this.#blocked = null
    const open = this.#open
    if (!open) return
    this.#open = null
    await open.workspace.stop()
    open.workspace.client.end()
    await this.#parking.leave(open.account, open.workspace.store)
    this.#options.events.sync(idle)
  }

  /** Ends the session on the server too, if that can be done in a moment. */
  async #sayGoodbye({ client }: Workspace) {
    const late = new Promise<void>((resolve) => this.#options.clock.after(goodbyeTimeout, resolve))
    await Promise.race([client.call('signOut', {}).catch(() => {}), late])
  }

  #eventsOf(id: string): OpenEvents {
    const { events } = this.#options
    return {
      status: (status) => events.sync(status),
      dataChanged: (siteIds) => events.dataChanged(siteIds),
      viewsChanged: (siteId) => events.viewsChanged(siteId),
      noticesChanged: (notices) => events.noticesChanged(notices),
      photoChanged: (progress) => events.photoChanged(progress),
      notice: (message) => this.#update(id, () => (this.#notice = message)),
      profile: (user) => this.#takeProfile(id, user),
      passwordDue: () => {
        if (this.#open?.account.id === id)
          this.#takeProfile(id, { ...this.#open.user, mustChangePassword: true })
      },
      reached: (rights) => this.#reached(id, rights),
      signInNeeded: () => this.#update(id, signedOut),
      cycled: (outcome) => events.cycled?.(outcome),
      settled: () => void this.#passOnNotice(id),
      fault: (error) => {
        events.log('sync failed', error)
        if (error instanceof StorageError) this.storageFailed(error)
      },
    }
  }

  /** Files are opened again by the next call; what was in memory only is gone, and the session with it. */
  #storeStopped(account: Account) {
    this.#options.events.log('the storage process ended by itself')
    if (account.keepsData) return
    void this.#inTurn(async () => {
      if (this.#open?.account.id !== account.id) return
      await this.#leave()
      this.#notice = notices.memoryLost
    })
  }

  #takeProfile(id: string, user: SessionUser) {
    this.#update(id, (open) => {
      if (user.mustChangePassword) open.workspace.hold()
      else if (open.user.mustChangePassword) open.workspace.release()
      this.#takeSites(open, user)
      void open.workspace.store.writeMeta({ profile: user }).catch(() => {})
    })
  }

  #reached(id: string, { roles, sites }: Pick<PullPage, 'roles' | 'sites'>) {
    this.#update(id, (open) => {
      const now = this.#options.clock.now()
      this.#takeSites(open, { ...open.user, roles, sites })
      open.mustSignIn = false
      if (Math.abs(now - open.lastReachedAt) < noteContactEvery) return
      open.lastReachedAt = now
      void open.workspace.store.writeMeta({ lastReachedAt: now }).catch(() => {})
    })
    this.#lookAtEntered(id)
  }

  /** The organisation that was entered may have another name by now, be suspended or gone. */
  #lookAtEntered(id: string) {
    const { entered, workspace } = this.#open ?? {}
    if (!entered || !workspace) return
    const take = (tenant: Tenant | null) =>
      this.#update(id, (open) => {
        if (open.entered?.id !== entered.id) return
        if (tenant) open.entered = enteredOf(tenant)
        else this.#leaveTenant(open)
      })
    workspace.client.call('readTenant', { params: { id: entered.id } }).then(
      ({ tenant }) => take(tenant),
      (error: unknown) => {
        if (error instanceof ServerError && [403, 404].includes(error.status)) take(null)
      },
    )
  }

  #leaveTenant(open: Open) {
    if (open.entered) this.#notice = notices.leftTenant(open.entered.name)
    open.entered = null
  }

  #takeSites(open: Open, user: SessionUser) {
    open.user = user
    if (!isSuperAdmin(user)) this.#leaveTenant(open)
    if (user.sites.some(({ id }) => id === open.siteId)) return
    if (open.siteId !== null) this.#notice = notices.siteGone
    open.siteId = pickSite(user)
  }

  async #passOnNotice(id: string) {
    if (this.#open?.account.id !== id) return
    const replaced = await this.#open.workspace.store.takeNotice().catch(() => false)
    this.#notify(replaced ? notices.copyReplaced : this.#notice)
  }

  #notify(notice: string | null) {
    this.#notice = notice
    this.#tell()
  }

  #update(id: string, change: (open: Open) => void) {
    if (this.#open?.account.id !== id) return
    change(this.#open)
    this.#tell()
  }

  #tell(): SessionState {
    const state = this.state()
    const text = JSON.stringify(state)
    if (text !== this.#told) this.#options.events.session(state)
    this.#told = text
    return state
  }

  /** Signing in, signing out and opening take turns; each ends with the state being told. */
  #inTurn(work: () => Promise<void>): Promise<SessionState> {
    const mine = this.#turn.then(work).finally(() => this.#tell())
    this.#turn = mine.catch(() => {})
    return mine.then(() => this.state())
  }
}
