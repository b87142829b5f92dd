import type { SessionUser, SignedIn } from '#common/contract/auth'
import type { DeviceReport } from '#common/contract/devices'
import { type ErrorCode, errorStatus } from '#common/contract/errors'
import type { Mutation } from '#common/contract/sync'
import type { View } from '#common/contract/views'
import { ServerError } from '../api/failures.ts'
import type { OpenSocket, SocketEvents } from '../api/live-socket.ts'
import { ServerModel } from './server-model.ts'

export const password = 'Right!2026'

export interface WebRequest {
  method: string
  path: string
  body: Record<string, unknown>
  query: URLSearchParams
  siteId: string | undefined
  tenantId: string | undefined
  bytes?: Uint8Array
  userId: string
}

/** The model of the server behind HTTP: signing in, sessions that can be ended, sync. `fetch` is the way to it. */
export class WebModel {
  readonly model: ServerModel
  reachable = true
  /** Whether it has live updates. */
  live = false
  /** How often a line was opened. */
  openings = 0
  /** Paths asked for, with the user in whose name. */
  readonly log: string[] = []
  readonly views = new Map<string, View>()
  /** What devices told of themselves, each with the session it told it in. */
  readonly reports: (DeviceReport & { sessionId: string })[] = []
  /** Answers what is not modelled here; undefined passes. */
  answer: (request: WebRequest) => unknown = () => undefined
  readonly #names = new Map<string, string>()
  readonly #sessions = new Map<string, { userId: string; refresh: string; access: string }>()
  readonly #sockets = new Set<SocketEvents>()
  #count = 0

  constructor(model = new ServerModel()) {
    this.model = model
  }

  addUser(name: string, id: string, sites: Parameters<ServerModel['addUser']>[1]): SessionUser {
    this.#names.set(name, id)
    return this.model.addUser(id, sites)
  }

  endSessions() {
    this.#sessions.clear()
  }

  /** Tells every device that listens of a change. */
  announce() {
    for (const socket of this.#sockets) socket.told()
  }

  /** As when the server ends, or with a reason of its own. */
  closeSockets(code = 1001) {
    for (const socket of this.#sockets) socket.closed(code)
    this.#sockets.clear()
  }

  get listening(): number {
    return this.#sockets.size
  }

  readonly openSocket: OpenSocket = (_, token, events) => {
    let closed = false
    queueMicrotask(() => {
      if (closed) return
      if (!this.reachable) return events.closed(1006)
      if (!this.live) return events.closed(404)
      if (![...this.#sessions.values()].some(({ access }) => access === token)) return events.closed(401)
      this.#sockets.add(events)
      this.openings++
      events.opened()
    })
    return {
      close: () => {
        closed = true
        this.#sockets.delete(events)
      },
    }
  }

  readonly fetch = (async (address: string, init: RequestInit) => {
    await Promise.resolve()
    if (!this.reachable) throw new TypeError('fetch failed')
    const { pathname, searchParams } = new URL(address)
    const isJson = typeof init.body === 'string'
    const body = isJson ? (JSON.parse(init.body as string) as Record<string, unknown>) : {}
    const headers = init.headers as Record<string, string>
    const token = headers.authorization?.slice('Bearer '.length)
    const path = pathname.replace('/api/v1', '')
    const request = {
      method: init.method!,
      path,
      body,
      query: searchParams,
      siteId: headers['x-site-id'],
      tenantId: headers['x-tenant-id'],
      ...(init.body instanceof Uint8Array && { bytes: init.body }),
    }
    try {
      const isNew = init.method === 'POST' && /^\/(interaction-types|imports|brands\/.+)$/.test(path)
      const answer = await this.#answer(request, token)
      if (answer instanceof Uint8Array) return new Response(new Uint8Array(answer))
      return Response.json(structuredClone(answer), { status: isNew ? 201 : 200 })
    } catch (error) {
      if (!(error instanceof ServerError)) throw error
      const { code, message, status } = error
      return Response.json({ status: 'error', error: { code, message, requestId: 'r1' } }, { status })
    }
  }) as typeof fetch

  #answer(request: Omit<WebRequest, 'userId'>, token: string | undefined): unknown {
    const { path, body, query } = request
    if (path === '/auth/login') {
      const userId = this.#names.get(body.username as string)
      if (!userId || body.password !== password)
        throw refuse('AUTHENTICATION_ERROR', 'User name or password is not right')
      return this.#grant(userId, `session-${++this.#count}`)
    }
    if (path === '/auth/refresh') {
      const found = [...this.#sessions].find(([, session]) => session.refresh === body.refreshToken)
      if (!found) throw refuse('AUTHENTICATION_ERROR', 'Your session has ended')
      return this.#grant(found[1].userId, found[0])
    }
    const found = [...this.#sessions].find(([, session]) => session.access === token)
    if (!found) throw refuse('AUTHENTICATION_ERROR', 'No session')
    const [sessionId, { userId }] = found
    if (path === '/auth/device') {
      this.reports.push({ ...(body as DeviceReport), sessionId })
      return { success: true }
    }
    this.log.push(`${path} ${userId}`)
    if (path === '/auth/logout') {
      this.#sessions.delete(sessionId)
      return { success: true }
    }
    const user = this.model.users.get(userId)!
    if (path === '/auth/change-password') {
      if (body.currentPassword !== password)
        throw refuse('VALIDATION_ERROR', 'The password you have now is not right')
      const changed = { ...user, mustChangePassword: false }
      this.model.users.set(userId, changed)
      return { success: true, user: changed }
    }
    if (user.mustChangePassword && !path.startsWith('/auth/'))
      throw refuse('PASSWORD_CHANGE_REQUIRED', 'Choose another password first')
    if (path === '/auth/site') return { success: true, currentSite: { id: body.siteId, name: 'Site' } }
    if (path === '/sync/push') {
      return { results: this.model.push(userId, body.deviceId as string, body.mutations as Mutation[]) }
    }
    const given = this.answer({ ...request, userId })
    if (given !== undefined) return given
    if (path.startsWith('/views')) return this.#views({ ...request, userId })
    const cursor = query.get('cursor') ?? undefined
    return this.model.pull(userId, query.get('deviceId')!, cursor, Number(query.get('limit')))
  }

  #views({ method, path, body, siteId, userId }: WebRequest): unknown {
    const id = path.slice('/views/'.length)
    const found = this.views.get(id)
    if (!this.model.users.get(userId)!.sites.some((site) => site.id === siteId))
      throw refuse('RESOURCE_NOT_FOUND', 'There is no such site among yours.')
    if (method === 'GET') {
      const visible = (view: View) => view.siteId === siteId && (view.shared || view.ownerId === userId)
      return { views: [...this.views.values()].filter(visible) }
    }
    if (found && found.ownerId !== userId)
      throw refuse('AUTHORIZATION_ERROR', 'It is the view of somebody else.')
    if (method === 'DELETE') {
      if (!this.views.delete(id)) throw refuse('RESOURCE_NOT_FOUND', 'There is no such view.')
      return { success: true }
    }
    const view = { ...body, id, siteId, ownerId: userId, updatedAt: '2026-05-01T00:00:00.000Z' } as View
    this.views.set(id, view)
    return { success: true, view }
  }

  #grant(userId: string, sessionId: string): SignedIn {
    const count = ++this.#count
    const session = { userId, refresh: `refresh-token-number-${count}`, access: `access-${count}` }
    this.#sessions.set(sessionId, session)
    return {
      token: session.access,
      expiresIn: 900,
      refreshToken: session.refresh,
      user: this.model.users.get(userId)!,
    }
  }
}

const refuse = (code: ErrorCode, message: string) =>
  new ServerError(
    errorStatus[code],
    { status: 'error', error: { code, message, requestId: 'r1' } },
    undefined,
  )
