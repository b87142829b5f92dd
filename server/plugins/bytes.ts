import fp from 'fastify-plugin'
import type { FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import { pictureTypes } from '#common/contract/pictures'
import { inMebibytes, invalidBody, sendJson } from './errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    takesBytes?: number
  }
}

const mediaTypes = ['application/octet-stream', ...pictureTypes]

const mediaTypeOf = ({ headers }: FastifyRequest) =>
  headers['content-type']?.split(';')[0]!.trim().toLowerCase()

/**
 * Bodies that are bytes as they are: a route whose endpoint says that it takes them gets the stream, of which nothing
 * has been read, and nothing else; every other route takes none. Register it behind what asks who it is.
 */
export const bytes = fp(async (app) => {
  app.addHook('preParsing', async (request) => {
    const most = request.routeOptions.config.takesBytes
    if (most === undefined) return
    if (!mediaTypes.includes(mediaTypeOf(request) ?? ''))
      throw invalidBody('Send the bytes as they are, with Content-Type: application/octet-stream')
    if (Number(request.headers['content-length']) > most)
      throw invalidBody(`The request body is larger than ${inMebibytes(most)}; send less at once`)
  })

  app.addContentTypeParser(mediaTypes, async (request: FastifyRequest, payload: Readable) => {
    if (request.routeOptions.config.takesBytes === undefined) throw invalidBody(sendJson)
    return payload
  })
})

/** The bytes of a request to a route that takes them. */
export const bytesOf = ({ body }: { body: unknown }) => body as Readable
