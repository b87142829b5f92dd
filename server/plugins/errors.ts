import fp from 'fastify-plugin'
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { AppError, type ErrorBody, errorStatus, readOnlyField } from '#common/contract/errors'
import { isOutage, isReadOnlyDatabase } from '../shared/outage.ts'

/** The one place where a failure becomes an answer. No answer carries a stack, SQL or a driver's words. */
export const errors = fp(async (app) => {
  app.setErrorHandler(answerFailure)
  app.setNotFoundHandler((request) => {
    throw new AppError(
      'RESOURCE_NOT_FOUND',
      `There is nothing at ${request.method} ${request.url.split('?')[0]}`,
    )
  })
})

export function answerFailure(
  error: FastifyError | AppError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const failure = error instanceof AppError ? error : translate(error)
  if (failure.code === 'INTERNAL_ERROR') request.log.error({ err: error }, 'request failed')
  else if (failure.code === 'SERVICE_UNAVAILABLE') request.log.warn({ reason: error.message }, 'request shed')
  void reply
    .code(errorStatus[failure.code])
    // A request without a route to it has passed none of the hooks.
    .headers(carefully(request.id))
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(bodyOf(failure, request.id))
}

/** What cannot be read as HTTP never becomes a request: it is answered on its socket. */
export function answerUnparsed(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error)
    return
  }
  const failure = unparsed(error.code)
  const id = randomUUID()
  const body = JSON.stringify(bodyOf(failure, id))
  const status = errorStatus[failure.code]
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/json; charset=utf-8',
      ...Object.entries(carefully(id)).map(([name, value]) => `${name}: ${value}`),
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

function unparsed(code: string): AppError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new AppError('VALIDATION_ERROR', 'The address and headers of the request are too long')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AppError('SERVICE_UNAVAILABLE', 'The request took too long to arrive; try again')
    default:
      return new AppError('VALIDATION_ERROR', 'The request could not be read')
  }
}

const carefully = (requestId: string) => ({
  'x-request-id': requestId,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
})

const bodyOf = (failure: AppError, requestId: string): ErrorBody => ({
  status: 'error',
  error: {
    code: failure.code,
    message: failure.message,
    requestId,
    ...(failure.details && { details: failure.details }),
    ...(failure.current !== undefined && { current: failure.current }),
  },
})

/** Without a fraction where there is none. */
export const inMebibytes = (bytes: number) => `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`

const unavailable = 'The server cannot do this right now; try again in a moment'

/** Failures of the framework and the drivers, in our own words. */
function translate(error: FastifyError): AppError {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return invalidBody(`The request body is larger than ${inMebibytes(1024 * 1024)}; send less at once`)
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return invalidBody('The request body is not valid JSON')
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return invalidBody('The request body is empty; send a JSON object')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalidBody(sendJson)
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new AppError('VALIDATION_ERROR', 'The address is not valid')
  }
  if (isReadOnlyDatabase(error)) {
    const message = 'The server only reads at the moment; nothing can be saved until that is over'
    return new AppError('SERVICE_UNAVAILABLE', message, { details: [{ field: readOnlyField, message }] })
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

export const sendJson = 'Send the body as JSON, with Content-Type: application/json'

export const invalidBody = (message: string) =>
  new AppError('VALIDATION_ERROR', message, { details: [{ field: 'body', message }] })
