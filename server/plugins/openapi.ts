import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'
import { ErrorBody } from '#common/contract/errors'
import { Mutation, PhotoMutation, VisitMutation } from '#common/contract/sync'

/** The contract as OpenAPI, to browse at `/api/docs`. */
export const openapi = fp<{ version: string }>(async (app, { version }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Fieldbook',
        version,
        description:
          'The record of every contact an organisation has in the field. Every path also answers under /api, for the current version.',
      },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
        schemas: {
          Mutation: Mutation as object,
          VisitMutation: VisitMutation as object,
          PhotoMutation: PhotoMutation as object,
        },
      },
      security: [{ bearer: [] }],
    },
    transform: ({ schema, url, route: { config } }) => ({
      schema: {
        ...schema,
        ...(config?.policy === 'public' && { security: [] }),
        ...(config?.takesBytes && { consumes: ['application/octet-stream'], body: binary }),
      },
      url,
    }),
  })
  await app.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: true })
})

const binary = { type: 'string', format: 'binary' }

/** What every endpoint may answer besides its success. */
export const errorResponses = { '4xx': ErrorBody, '5xx': ErrorBody }
