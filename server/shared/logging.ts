import type { FastifyError, FastifyRequest } from 'fastify'

/** What the log says, and what it never does: no token, no search, nothing out of a record. */
export const logging = (level: string) => ({
  level,
  redact: ['req.headers.authorization', 'req.headers.cookie'],
  serializers: {
    // The query may hold what somebody searched for; the path tells enough.
    req: (request: FastifyRequest) => ({
      method: request.method,
      path: request.url.split('?')[0],
      address: request.ip,
    }),
    // A driver's error carries the row it failed on beside these.
    err: ({ name, code, message, stack }: FastifyError) => ({
      type: name,
      code,
      message,
      stack: stack ?? '',
    }),
  },
})
