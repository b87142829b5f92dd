import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { type Endpoints, endpoints } from '#common/contract/index'
import type { Endpoint } from '#common/contract/endpoint'
import { ErrorBody } from '#common/contract/errors'
import { CertificateRefused, NetworkError, type NetworkTrouble, ServerError } from './failures.ts'

export type EndpointName = keyof Endpoints

type Part<S, K extends string> = S extends Record<K, infer T extends TSchema> ? Static<T> : never
type Given<Name extends string, T> = [T] extends [never] ? unknown : Record<Name, T>

/** What an endpoint is called with: those of path, headers, query and body that it has, or the bytes it takes. */
export type Input<N extends EndpointName> = Given<'params', Part<Endpoints[N]['schema'], 'params'>> &
  Given<'headers', Part<Endpoints[N]['schema'], 'headers'>> &
  Given<'query', Part<Endpoints[N]['schema'], 'querystring'>> &
  Given<'body', Part<Endpoints[N]['schema'], 'body'>> &
  (Endpoints[N]['config'] extends { takesBytes: number } ? { bytes: Uint8Array<ArrayBuffer> } : unknown)

type Answers<R> = { [K in keyof R]: R[K] extends TSchema ? Static<R[K]> : never }[keyof R]
export type Output<N extends EndpointName> = Answers<Endpoints[N]['schema']['response']>

export type Call = <N extends EndpointName>(
  name: N,
  input: Input<N>,
  more?: { token?: string },
) => Promise<Output<N>>

export interface ClientOptions {
  /** Origin of the server; nothing else is ever spoken to. */
  server: string
  fetch: typeof fetch
  /** Milliseconds until a call without an answer is given up. */
  timeout: number
  /** Gives up the calls under way. */
  signal?: AbortSignal
}

/**
 * Calls the server's endpoints as `common/contract` describes them. Fails with NetworkError when there is no answer
 * to go by, with ServerError when the server says no. A redirect is not followed.
 */
export function createClient({ server, fetch, timeout, signal }: ClientOptions): Call {
  return async (name, input, { token } = {}) => {
    const endpoint: Endpoint = endpoints[name]
    const { params = {}, headers = {}, query = {}, body, bytes } = input as Parts
    const response = await fetch(address(server, endpoint.url, params, query), {
      method: endpoint.method,
      headers: {
        ...headers,
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(bytes && { 'content-type': 'application/octet-stream' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(bytes && { body: bytes }),
      redirect: 'error',
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.any([AbortSignal.timeout(timeout), ...(signal ? [signal] : [])]),
    }).catch((cause: unknown) => {
      throw new NetworkError(troubleOf(cause), server, { cause })
    })
    return (await read(name, response, server)) as Output<typeof name>
  }
}

type Strings = Record<string, string | number>

interface Parts {
  params?: Strings
  headers?: Record<string, string>
  query?: Strings
  body?: unknown
  bytes?: Uint8Array<ArrayBuffer>
}

function address(server: string, url: string, params: Strings, query: Strings): string {
  const path = url.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name]!))
  const found = new URL(`/api/v1${path}`, server)
  for (const [name, value] of Object.entries(query)) found.searchParams.set(name, String(value))
  return found.href
}

async function read(name: EndpointName, response: Response, server: string): Promise<unknown> {
  const { status } = response
  if (isFile(name, status)) {
    return new Uint8Array(
      await response.arrayBuffer().catch((cause: unknown) => {
        throw new NetworkError(isTimeout(cause) ? 'timeout' : 'unusable', server, { status, cause })
      }),
    )
  }
  const body: unknown = await response.json().catch((cause: unknown) => {
    throw new NetworkError(isTimeout(cause) ? 'timeout' : 'unusable', server, { status, cause })
  })
  const answer = understood(name, status, body)
  if (answer !== undefined) return answer
  if (Value.Check(ErrorBody, body)) throw new ServerError(status, body, retryAfter(response))
  throw new NetworkError('unusable', server, { status })
}

/** The answer is a file: its bytes are what the call gives. */
function isFile(name: EndpointName, status: number): boolean {
  const schema = (endpoints[name] as Endpoint).schema.response[status]
  return schema !== undefined && 'content' in schema
}

const compiled = new Map<TSchema, ReturnType<typeof Compile>>()

/** The answer, if it is one that the endpoint gives; properties a newer server has added are taken off. */
function understood(name: EndpointName, status: number, body: unknown): unknown {
  const schema = (endpoints[name] as Endpoint).schema.response[status]
  if (!schema) return undefined
  const validator = compiled.get(schema) ?? Compile(schema)
  compiled.set(schema, validator)
  if (validator.Check(body)) return body
  const cleaned = Value.Clean(schema, body)
  return validator.Check(cleaned) ? cleaned : undefined
}

function troubleOf(cause: unknown): NetworkTrouble {
  if (cause instanceof CertificateRefused) return 'untrusted'
  return isTimeout(cause) ? 'timeout' : 'unreachable'
}

const isTimeout = (cause: unknown) => cause instanceof Error && cause.name === 'TimeoutError'

/** `Retry-After` in milliseconds: seconds, or a date, which is taken by the clock of whoever sent it. */
function retryAfter({ headers }: Response): number | undefined {
  const value = headers.get('retry-after')
  if (value === null) return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const wait = Date.parse(value) - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}
