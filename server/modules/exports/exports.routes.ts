import { Readable } from 'node:stream'
import {
  cancelExport,
  mediaTypes,
  readExport,
  readExportFile,
  reportLocalExport,
  startExport,
} from '#common/contract/exports'
import { actorOf, requiredSite } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import { attachment } from '../../shared/attachment.ts'
import type { ExportsService } from './exports.service.ts'

export function exportRoutes(app: App, exports: ExportsService): void {
  app.route({
    ...startExport,
    handler: async (request, reply) => {
      const made = await exports.start(actorOf(request), requiredSite(request), request.body)
      return reply.code(201).send({ success: true, export: made })
    },
  })

  app.route({
    ...readExport,
    handler: async (request) => ({
      export: await exports.read(actorOf(request), requiredSite(request), request.params.id),
    }),
  })

  app.route({
    ...cancelExport,
    handler: async (request) => {
      await exports.cancel(actorOf(request), requiredSite(request), request.params.id)
      return { success: true as const }
    },
  })

  app.route({
    ...readExportFile,
    handler: async (request, reply) => {
      const { name, format, size, chunks } = await exports.file(
        actorOf(request),
        requiredSite(request),
        request.params.id,
      )
      return reply
        .type(format === 'csv' ? `${mediaTypes.csv}; charset=utf-8` : mediaTypes.xlsx)
        .headers({ 'content-length': size, 'content-disposition': attachment(name) })
        .send(Readable.from(chunks))
    },
  })

  app.route({
    ...reportLocalExport,
    handler: async (request) => {
      await exports.report(actorOf(request), requiredSite(request), request.params.id, request.body)
      return { success: true as const }
    },
  })
}
