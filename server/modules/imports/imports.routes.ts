import { Readable } from 'node:stream'
import {
  cancelImport,
  checkImport,
  listImportProblems,
  listImports,
  readImport,
  readImportFile,
  runImport,
  sendImportRows,
  startImport,
  undoImport,
} from '#common/contract/imports'
import { actorOf, requiredSite } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import { attachment } from '../../shared/attachment.ts'
import type { ImportsService } from './imports.service.ts'

export function importRoutes(app: App, imports: ImportsService): void {
  const success = true as const

  app.route({
    ...startImport,
    handler: async (request, reply) => {
      const started = await imports.start(actorOf(request), requiredSite(request), request.body)
      return reply.code(201).send({ success, import: started })
    },
  })

  app.route({
    ...sendImportRows,
    handler: async (request) => {
      const { from, rows } = request.body
      const { id } = request.params
      return {
        success,
        received: await imports.receive(actorOf(request), requiredSite(request), id, from, rows),
      }
    },
  })

  app.route({
    ...listImports,
    handler: async (request) => ({ imports: await imports.list(actorOf(request), requiredSite(request)) }),
  })

  app.route({
    ...readImport,
    handler: async (request) => ({
      import: await imports.read(actorOf(request), requiredSite(request), request.params.id),
    }),
  })

  app.route({
    ...checkImport,
    handler: async (request) => ({
      success,
      import: await imports.check(
        actorOf(request),
        requiredSite(request),
        request.params.id,
        request.body.options,
      ),
    }),
  })

  app.route({
    ...runImport,
    handler: async (request) => ({
      success,
      import: await imports.run(actorOf(request), requiredSite(request), request.params.id),
    }),
  })

  app.route({
    ...undoImport,
    handler: async (request) => ({
      success,
      import: await imports.undo(actorOf(request), requiredSite(request), request.params.id),
    }),
  })

  app.route({
    ...cancelImport,
    handler: async (request) => {
      await imports.cancel(actorOf(request), requiredSite(request), request.params.id)
      return { success }
    },
  })

  app.route({
    ...listImportProblems,
    handler: (request) =>
      imports.problems(actorOf(request), requiredSite(request), request.params.id, request.query),
  })

  app.route({
    ...readImportFile,
    handler: async (request, reply) => {
      const { name, pieces } = await imports.file(actorOf(request), requiredSite(request), request.params.id)
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', attachment(name))
        .send(Readable.from(pieces))
    },
  })
}
