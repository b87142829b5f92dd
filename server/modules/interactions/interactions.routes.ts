import type { Static } from 'typebox'
import { AppError } from '#common/contract/errors'
import {
  createInteraction,
  deleteInteraction,
  Interaction,
  InteractionFilter,
  type InteractionListQuery,
  listInteractions,
  readInteraction,
  updateInteraction,
} from '#common/contract/interactions'
import {
  changeInBulk,
  listDeleted,
  readHistory,
  restoreInteraction,
  undoBulk,
} from '#common/contract/record-keeping'
import { problemsOf } from '#common/contract/sentences'
import { parseSort } from '#common/rules/finder-query'
import { actorOf, requiredSite } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { BulkService } from './bulk.service.ts'
import type { HistoryService } from './history.service.ts'
import type { InteractionsService, ListQuery } from './interactions.service.ts'

export function interactionRoutes(
  app: App,
  interactions: InteractionsService,
  { history }: HistoryService,
  bulk: BulkService,
): void {
  app.route({
    ...listInteractions,
    handler: (request) =>
      interactions.list(actorOf(request), requiredSite(request), listQuery(request.query)),
  })

  app.route({
    ...readInteraction,
    handler: async (request) => ({
      interaction: await interactions.read(actorOf(request), requiredSite(request), request.params.id),
    }),
  })

  app.route({
    ...createInteraction,
    handler: async (request, reply) => {
      const interaction = await interactions.create(actorOf(request), requiredSite(request), request.body)
      return reply.code(201).send({ success: true, interaction })
    },
  })

  app.route({
    ...updateInteraction,
    handler: async (request) => {
      const { version: inBody, ...patch } = request.body
      const version = ifMatch(request.headers['if-match']) ?? inBody
      if (version === undefined) {
        const message = 'Send the version the edit was made on, here or as If-Match'
        throw new AppError('VALIDATION_ERROR', 'The version is missing', {
          details: [{ field: 'version', message }],
        })
      }
      const { id } = request.params
      const interaction = await interactions.update(
        actorOf(request),
        requiredSite(request),
        id,
        patch,
        version,
      )
      return { success: true as const, interaction }
    },
  })

  app.route({
    ...deleteInteraction,
    handler: async (request) => {
      const version = ifMatch(request.headers['if-match']) ?? null
      await interactions.remove(actorOf(request), requiredSite(request), request.params.id, version)
      return { success: true as const }
    },
  })

  app.route({
    ...readHistory,
    handler: (request) => history(actorOf(request), requiredSite(request), request.params.id, request.query),
  })

  app.route({
    ...listDeleted,
    handler: (request) => interactions.listDeleted(actorOf(request), requiredSite(request), request.query),
  })

  app.route({
    ...restoreInteraction,
    handler: async (request) => ({
      success: true as const,
      interaction: await interactions.restore(actorOf(request), requiredSite(request), request.params.id),
    }),
  })

  app.route({
    ...changeInBulk,
    handler: (request) => bulk.change(actorOf(request), requiredSite(request), request.body),
  })

  app.route({
    ...undoBulk,
    handler: (request) => bulk.undo(actorOf(request), requiredSite(request), request.params.id),
  })
}

/** Written with commas. */
const listFilters = ['type', 'status', 'createdBy', 'updatedBy'] as const

function listQuery(query: Static<typeof InteractionListQuery>): ListQuery {
  const { sort, direction, page = 1, cursor, pageSize = 25, fields, count, ...rest } = query
  const list = (text: string | undefined) =>
    text
      ?.split(',')
      .map((part) => part.trim())
      .filter(Boolean)
  const filter: Record<string, unknown> = { ...rest }
  for (const name of listFilters) {
    const values = list(rest[name])
    if (values?.length) filter[name] = values
    else delete filter[name]
  }
  const details = problemsOf(InteractionFilter, filter).map(({ field, message }) => ({
    field: field.split('.')[0]!,
    message,
  }))
  const wanted = list(fields)
  const unknown = wanted?.filter((name) => !Object.hasOwn(Interaction.properties, name)) ?? []
  if (unknown.length > 0) {
    const known = Object.keys(Interaction.properties).join(', ')
    details.push({ field: 'fields', message: `There is no “${unknown[0]}”; choose from ${known}` })
  }
  if (details.length > 0) throw new AppError('VALIDATION_ERROR', 'The query is not valid', { details })
  return {
    filter: filter,
    sort: parseSort(sort, direction),
    page,
    cursor,
    pageSize,
    fields: wanted?.length ? (wanted as (keyof Interaction)[]) : null,
    exact: count === 'exact',
  }
}

/** `"3"`, `W/"3"` or `3` */
function ifMatch(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const version = Number(/^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim())?.[1])
  if (!(version >= 1)) {
    const message = 'Must be the version of the record, such as "3"'
    throw new AppError('VALIDATION_ERROR', 'A header is not valid', {
      details: [{ field: 'If-Match', message }],
    })
  }
  return version
}
