import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'
import { ErrorBody } from '#common/contract/errors'
import { Mutation } from '#common/contract/sync'

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
        schemas: { Mutation: Mutation as object },
      },
      security: [{ bearer: [] }],
    },
    transform: ({ schema, url, route }) => ({
      schema: route.config?.policy === 'public' ? { ...schema, security: [] } : schema,
      url,
    }),
  })
  await app.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: true })
})

/** What every endpoint may answer besides its success. */
export const errorResponses = { '4xx': ErrorBody, '5xx': ErrorBody }
