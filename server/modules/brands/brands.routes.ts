import {
  addInfographic,
  createBrand,
  deleteBrand,
  listBrands,
  listInfographics,
  readBrand,
  readInfographicFile,
  removeInfographic,
  sendInfographic,
  updateBrand,
} from '#common/contract/brands'
import { actorOf } from '../../plugins/auth.ts'
import { bytesOf } from '../../plugins/bytes.ts'
import type { App } from '../../shared/app.ts'
import { sendPicture } from '../../shared/picture-answer.ts'
import type { BrandsService } from './brands.service.ts'

export function brandRoutes(app: App, brands: BrandsService): void {
  app.route({ ...listBrands, handler: async (request) => ({ brands: await brands.list(actorOf(request)) }) })

  app.route({
    ...readBrand,
    handler: async (request) => ({ brand: await brands.read(actorOf(request), request.params.id) }),
  })

  app.route({
    ...createBrand,
    handler: async (request, reply) =>
      reply.code(201).send({ success: true, brand: await brands.create(actorOf(request), request.body) }),
  })

  app.route({
    ...updateBrand,
    handler: async (request) => ({
      success: true as const,
      brand: await brands.update(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...deleteBrand,
    handler: async (request) => {
      await brands.remove(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })

  app.route({
    ...addInfographic,
    handler: async (request, reply) => {
      const infographic = await brands.announce(actorOf(request), request.params.id, request.body)
      const fileUrl = `/api/v1/infographics/${infographic.id}/content`
      return reply.code(201).send({ success: true, infographic, fileUrl })
    },
  })

  app.route({
    ...listInfographics,
    handler: async (request) => ({
      infographics: await brands.infographics(actorOf(request), request.params.id),
    }),
  })

  app.route({
    ...sendInfographic,
    handler: async (request) => {
      const { params, query } = request
      return {
        success: true as const,
        ...(await brands.receive(actorOf(request), params.id, query.offset, bytesOf(request))),
      }
    },
  })

  app.route({
    ...readInfographicFile,
    handler: async (request, reply) => {
      const { id } = request.params
      return sendPicture(
        reply,
        id,
        await brands.file(actorOf(request), id),
        'The infographic is still arriving',
      )
    },
  })

  app.route({
    ...removeInfographic,
    handler: async (request) => {
      await brands.removeInfographic(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })
}
