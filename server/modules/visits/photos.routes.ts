import {
  addPhoto,
  markShelf,
  readPhoto,
  readPhotoFile,
  readThumbnail,
  removePhoto,
  sendPhoto,
  sendThumbnail,
} from '#common/contract/photos'
import { actorOf } from '../../plugins/auth.ts'
import { bytesOf } from '../../plugins/bytes.ts'
import type { App } from '../../shared/app.ts'
import { sendPicture } from '../../shared/picture-answer.ts'
import type { PhotosService } from './photos.service.ts'

export function photoRoutes(app: App, photos: PhotosService): void {
  app.route({
    ...addPhoto,
    handler: async (request, reply) => {
      const photo = await photos.add(actorOf(request), request.body)
      return reply.code(201).send({ success: true, photo, fileUrl: `/api/v1/photos/${photo.id}/content` })
    },
  })

  app.route({
    ...readPhoto,
    handler: async (request) => ({ photo: await photos.read(actorOf(request), request.params.id) }),
  })

  app.route({
    ...sendPhoto,
    handler: async (request) => {
      const { params, query } = request
      return {
        success: true as const,
        ...(await photos.receive(actorOf(request), params.id, query.offset, bytesOf(request))),
      }
    },
  })

  app.route({
    ...readPhotoFile,
    handler: async (request, reply) => {
      const { id } = request.params
      return sendPicture(reply, id, await photos.file(actorOf(request), id), 'The photo is still arriving')
    },
  })

  app.route({
    ...sendThumbnail,
    handler: async (request) => {
      await photos.receiveThumbnail(actorOf(request), request.params.id, bytesOf(request))
      return { success: true as const }
    },
  })

  app.route({
    ...readThumbnail,
    handler: async (request, reply) => {
      const { id } = request.params
      return sendPicture(reply, id, await photos.thumbnail(actorOf(request), id), 'No small version was sent')
    },
  })

  app.route({
    ...removePhoto,
    handler: async (request) => {
      await photos.remove(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })

  app.route({
    ...markShelf,
    handler: async (request) => ({
      success: true as const,
      photo: await photos.mark(actorOf(request), request.params.id, request.body),
    }),
  })
}
