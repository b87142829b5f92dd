import { randomUUID } from 'node:crypto'
import type { InjectOptions } from 'fastify'
import { inject } from 'vitest'
import type { ErrorBody } from '#common/contract/errors'
import type { Interaction, InteractionPage } from '#common/contract/interactions'
import type { Conflict, MutationResult, PullPage } from '#common/contract/sync'
import { type AppOptions, buildApp } from '../app.ts'
import { keyringOf } from '../modules/auth/keyring.ts'
import type { App } from '../shared/app.ts'
import { generousLimits } from './config.ts'
import { createDatabase, type TestDatabase } from './database.ts'
import type { FixtureIds, PersonName } from './fixture.ts'

export interface Answer<T> {
  status: number
  headers: Record<string, unknown>
  body: T
  /** The body's `error`, where the answer is one. */
  error: ErrorBody['error']
  text: string
  bytes: Buffer
}

export interface TestApp {
  app: App
  database: TestDatabase
  ids: FixtureIds
  /** A signed-in person; requests go to the site they name, or to `site`. */
  as(person: PersonName, site?: string): Client
  /** Somebody who has not signed in, or who brings another token. */
  anonymous(token?: string): Client
  close(): Promise<void>
}

/** The production application on a database of its own. */
export async function createTestApp({
  config = {},
  database,
  ...options
}: { config?: Partial<AppOptions['config']>; database?: TestDatabase } & Pick<
  Partial<AppOptions>,
  | 'databaseUrl'
  | 'behindPooler'
  | 'keys'
  | 'logger'
  | 'jobs'
  | 'patience'
  | 'pressure'
  | 'poolSize'
  | 'maxLag'
> = {}): Promise<TestApp> {
  const own = database ?? (await createDatabase())
  const app = await buildApp({
    databaseUrl: own.url,
    config: { ...generousLimits, ...config },
    keys: keyringOf(inject('jwtPrivateKey')),
    // Most tests send none; those that do ask for them to be worked on.
    jobs: { work: false },
    // However busy the machine is.
    pressure: {},
    ...options,
  })
  const ids = inject('ids')
  return {
    app,
    database: own,
    ids,
    as: (person, site) => client(app, inject('sessions')[person].token, site),
    anonymous: (token) => client(app, token),
    close: async () => {
      await app.close()
      if (!database) await own.drop()
    },
  }
}

export type Client = ReturnType<typeof client>

/** What became of an edit of one kind of record. */
export type Pushed<R = Interaction> = Omit<MutationResult, 'record' | 'conflict'> & {
  record?: R | null
  conflict?: Omit<Conflict, 'theirs'> & { theirs: R | null }
}

export function client(app: App, token?: string, site?: string) {
  async function call<T>(
    method: InjectOptions['method'],
    url: string,
    more: InjectOptions = {},
  ): Promise<Answer<T>> {
    const answer = await app.inject({
      method: method!,
      url: /^\/(api|health|\.well-known)/.test(url) ? url : `/api/v1${url}`,
      ...more,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(site && { 'x-site-id': site }),
        ...more.headers,
      },
    })
    const body = parsed(answer.body) as T
    const { error } = (body ?? {}) as unknown as ErrorBody
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body,
      error,
      text: answer.body,
      bytes: answer.rawPayload,
    }
  }

  const put = <T = { interaction: Interaction }>(
    url: string,
    payload: object,
    headers: Record<string, string> = {},
  ) => call<T>('PUT', url, { payload, headers })

  return {
    call,
    get: <T>(url: string, headers: Record<string, string> = {}) => call<T>('GET', url, { headers }),
    post: <T>(url: string, payload: object, headers: Record<string, string> = {}) =>
      call<T>('POST', url, { payload, headers }),
    put,
    delete: (url: string, headers: Record<string, string> = {}) => call<object>('DELETE', url, { headers }),

    /** Fails the test unless it was created. */
    async create(fields: Partial<Interaction> = {}): Promise<Interaction> {
      const payload = { ...meeting, ...fields }
      const answer = await call<{ interaction: Interaction }>('POST', '/interactions', { payload })
      if (answer.status !== 201) throw new Error(`Not created: ${answer.text}`)
      return answer.body.interaction
    },

    async update({ id, version }: Interaction, patch: Partial<Interaction>): Promise<Interaction> {
      const answer = await put(`/interactions/${id}`, { ...patch, version })
      if (answer.status !== 200) throw new Error(`Not updated: ${answer.text}`)
      return answer.body.interaction
    },

    list: (query: Record<string, string | number> = {}) =>
      call<InteractionPage>('GET', '/interactions', { query: query as Record<string, string> }),

    /** Of interactions, unless said otherwise. */
    async push<R = Interaction>(deviceId: string, mutations: object[]): Promise<Pushed<R>[]> {
      const answer = await call<{ results: Pushed<R>[] }>('POST', '/sync/push', {
        payload: { deviceId, mutations },
      })
      if (answer.status !== 200) throw new Error(`Not pushed: ${answer.text}`)
      return answer.body.results
    },

    async pull(query: { deviceId?: string; cursor?: string; limit?: number } = {}): Promise<PullPage> {
      const asked = { deviceId: randomUUID(), ...query }
      const answer = await call<PullPage>('GET', '/sync/pull', {
        query: asked as unknown as Record<string, string>,
      })
      if (answer.status !== 200) throw new Error(`Not pulled: ${answer.text}`)
      return answer.body
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Fields of an interaction that lacks nothing. */
export const meeting = {
  title: 'Quarterly review',
  type: 'Meeting',
  lead: 'Ana Jones',
  startDateTime: '2026-03-02T09:00:00.000Z',
  endDateTime: '2026-03-02T10:00:00.000Z',
  timezone: 'Europe/Berlin',
} as const
