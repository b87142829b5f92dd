import fp from 'fastify-plugin'
import type { FastifyError } from 'fastify'
import { AppError, type ErrorBody, errorStatus } from '#common/contract/errors'

/** The one place where a failure becomes an answer. No answer carries a stack, SQL or a driver's words. */
export const errors = fp(async (app) => {
  app.setErrorHandler(async (error: FastifyError | AppError, request, reply) => {
    const failure = error instanceof AppError ? error : translate(error)
    if (failure.code === 'INTERNAL_ERROR') request.log.error({ err: error }, 'request failed')
    else if (failure.code === 'SERVICE_UNAVAILABLE')
      request.log.warn({ reason: error.message }, 'request shed')
    const body: ErrorBody = {
      status: 'error',
      error: {
        code: failure.code,
        message: failure.message,
        requestId: request.id,
        ...(failure.details && { details: failure.details }),
        ...(failure.current !== undefined && { current: failure.current }),
      },
    }
    return reply
      .code(errorStatus[failure.code])
      .type('application/json; charset=utf-8')
      .serializer(JSON.stringify)
      .send(body)
  })

  app.setNotFoundHandler((request) => {
    throw new AppError(
      'RESOURCE_NOT_FOUND',
      `There is nothing at ${request.method} ${request.url.split('?')[0]}`,
    )
  })
})

const megabytes = (bytes: number) => `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`

const unavailable = 'The server cannot do this right now; try again in a moment'

/** Failures of the framework and the drivers, in our own words. */
function translate(error: FastifyError): AppError {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return invalidBody(`The request body is larger than ${megabytes(1024 * 1024)}; send less at once`)
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return invalidBody('The request body is not valid JSON')
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return invalidBody('The request body is empty; send a JSON object')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalidBody('Send the body as JSON, with Content-Type: application/json')
    case 'FST_UNDER_PRESSURE':
      return new AppError('SERVICE_UNAVAILABLE', 'The server is busy; try again in a moment')
  }
  if (isOutage(error)) return new AppError('SERVICE_UNAVAILABLE', unavailable)
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new AppError('VALIDATION_ERROR', 'The request could not be read')
  }
  return new AppError(
    'INTERNAL_ERROR',
    'Something went wrong on the server; if it happens again, report the request id',
  )
}

const invalidBody = (message: string) =>
  new AppError('VALIDATION_ERROR', message, { details: [{ field: 'body', message }] })

/** The database is away, too slow or shutting down: worth trying again, unlike a bug. */
function isOutage(error: Error & { code?: string }): boolean {
  const code = error.code ?? ''
  return (
    /^(ECONN|ETIMEDOUT|EPIPE|EAI_)/.test(code) ||
    /^(08|53|57)/.test(code) ||
    error.name === 'KnexTimeoutError' ||
    /connection (terminated|timeout)|timeout exceeded when trying to connect/i.test(error.message)
  )
}
