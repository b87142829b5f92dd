import type { FastifyError, FastifyRequest, FastifyServerOptions } from 'fastify'
import { Value } from 'typebox/value'
import { Uuid } from '#common/contract/primitives'

/** What the log says, and what it never does: no token, no search, nobody's name, nothing out of a record. */
export const logging = (level: string) => ({
  level,
  redact: ['req.headers.authorization', 'req.headers.cookie'],
  serializers: {
    // The query may hold what somebody searched for; the path tells enough.
    req: (request: FastifyRequest) => ({
      method: request.method,
      path: pathOf(request),
      address: request.ip,
    }),
    // A driver's error carries the row it failed on beside these, and the value it could not read in its words.
    err: ({ name, code, message, stack }: FastifyError) => {
      const words = isOfValue.test(code) ? withoutValue(message) : message
      return { type: name, code, message: words, stack: (stack ?? '').replace(message, () => words) }
    },
  },
})

/** Of a request that says what it is part of (W3C Trace Context), each line says so too. */
export const tracedLogger: NonNullable<FastifyServerOptions['childLoggerFactory']> = (
  logger,
  bindings,
  options,
  request,
) => logger.child({ ...bindings, ...traceOf(request.headers.traceparent) }, options)

/** The trace that a `traceparent` names and the span in it; null for what is none. Later versions may say more at the end. */
export function traceOf(traceparent: unknown): { traceId: string; spanId: string } | null {
  if (typeof traceparent !== 'string' || traceparent.length > 200) return null
  const said = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-[\da-f]{2}(-.*)?$/.exec(
    traceparent,
  )
  const [, version, traceId, spanId, more] = said ?? []
  return traceId && spanId && !(version === '00' && more !== undefined) ? { traceId, spanId } : null
}

/** The route with the ids it was asked about; where there is none, what of the address is a short word. */
function pathOf({ routeOptions, params, url }: FastifyRequest): string {
  if (routeOptions.url) {
    const given = params as Record<string, string> | undefined
    return routeOptions.url.replace(/:(\w+)/g, (name: string, key: string) =>
      Value.Check(Uuid, given?.[key]) ? given[key] : name,
    )
  }
  const [path] = url.split('?')
  return path!.replace(/[^/]+/g, (part) => (/^[\w.-]{1,30}$/.test(part) ? part : '…'))
}

/** Class 22 of the errors of SQL: data that is not what it should be. */
const isOfValue = /^22/

/** A value stands in quotes, mostly at the end after a colon, where it may have quotes in itself. */
const withoutValue = (message: string) => message.replace(/: ".*/s, ': "…"').replace(/"[^"]*"/g, '"…"')
