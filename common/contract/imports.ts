import Type, { type Static } from 'typebox'
import { endpoint, fileAnswer } from './endpoint.ts'
import { FileName } from './exports.ts'
import { byId, InteractionFields, siteHeader } from './interactions.ts'
import { Closed, Instant, Nullable, Success, Text, TimeZone, Uuid } from './primitives.ts'

/**
 * Interactions from a table. Its rows are sent as they are, then checked (what would happen to each, and why not),
 * then run, a thousand a transaction; what a run did can be undone. Only administrators of the site may.
 */

export const maxImportRows = 200_000
export const maxImportColumns = 200
/** Characters of one cell, as in a spreadsheet. */
export const maxImportCell = 32_767
/** Rows in one request; its body must also fit the server's limit of 1 MiB. */
export const maxRowsSent = 5000
/** Days for which a run can be undone, and its rows are kept. */
export const importUndoableDays = 30

/** What a column may hold: a field, or the name the record has where the table comes from. */
export const importTargets = [
  ...(Object.keys(InteractionFields.properties) as (keyof typeof InteractionFields.properties)[]),
  'startTime',
  'endTime',
  'reference',
] as const
export const ImportTarget = Type.Enum([...importTargets])
export type ImportTarget = Static<typeof ImportTarget>

const Clock = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description: 'Such as 09:30' })

export const ImportOptions = Closed({
  /** What each column of the table holds, in their order; null for one that is left out. */
  columns: Type.Array(Nullable(ImportTarget), { minItems: 1, maxItems: maxImportColumns }),
  /** What a new record has where there is no column, or its cell is empty. */
  defaults: Closed({
    type: Type.Optional(Text(50)),
    lead: Type.Optional(Text(100)),
    timezone: Type.Optional(TimeZone),
    location: Type.Optional(Text(255)),
    status: Type.Optional(InteractionFields.properties.status),
  }),
  /** How dates are to be read that leave it open, such as 03-04-2026. */
  dateOrder: Type.Enum(['dmy', 'mdy', 'ymd']),
  /** For a date without a time; an end that is not said is at `endTime` of the day it starts. */
  startTime: Clock,
  endTime: Clock,
  /** What to do with a row whose reference the site has already. */
  existing: Type.Enum(['update', 'skip']),
})
export type ImportOptions = Static<typeof ImportOptions>

const digest = Type.Optional(
  Type.String({
    pattern: '^[0-9a-f]{64}$',
    description: 'Of the table, made by whoever sends it and kept for them to know it by when they go on',
  }),
)

export const ImportInput = Closed({
  id: Type.Optional(Uuid),
  fileName: FileName,
  digest,
  /** Rows there will be, without the headers. */
  rows: Type.Integer({ minimum: 1, maximum: maxImportRows }),
  headers: Type.Array(Text(500), { minItems: 1, maxItems: maxImportColumns }),
  options: ImportOptions,
})
export type ImportInput = Static<typeof ImportInput>

const count = Type.Integer({ minimum: 0 })

/** How many rows made, or would make, a new record, changed one, had nothing to change, or could not be taken. */
export const ImportCounts = Closed({ created: count, updated: count, same: count, bad: count })
export type ImportCounts = Static<typeof ImportCounts>

/**
 * `receiving` until all rows are there; `checked` when it is known what would happen; `stopped` may be run on;
 * `failed` as well, once what `problem` says is mended.
 */
export const importStates = [
  'receiving',
  'checking',
  'checked',
  'running',
  'stopped',
  'done',
  'undoing',
  'undone',
  'failed',
] as const

export const Import = Closed({
  id: Uuid,
  siteId: Uuid,
  state: Type.Enum([...importStates]),
  fileName: Type.String(),
  digest,
  headers: Type.Array(Type.String()),
  options: ImportOptions,
  rows: count,
  received: count,
  /** Rows worked through in this state. */
  progress: count,
  /** What the check came to; null before it. */
  checked: Nullable(ImportCounts),
  /** What has been done so far; null before a run. */
  result: Nullable(ImportCounts),
  /** What undoing came to: records put back, and records spared; null before it. */
  undone: Nullable(Closed({ done: count, spared: count })),
  createdAt: Instant,
  createdBy: Uuid,
  /** When the run ended, which is when the days for undoing begin. */
  endedAt: Nullable(Instant),
  problem: Nullable(Type.String()),
})
export type Import = Static<typeof Import>

/** A row that could not be taken, or after undoing a record that was spared. */
export const ImportProblem = Closed({
  /** As a spreadsheet counts: the headers are row 1. */
  row: Type.Integer({ minimum: 1 }),
  title: Nullable(Type.String()),
  reason: Type.String(),
})
export type ImportProblem = Static<typeof ImportProblem>

const tags = ['imports'] as const
const config = { policy: 'interaction.import', limit: 'write' } as const
const reading = { policy: 'interaction.import', limit: 'read' } as const
const headers = siteHeader
const answer = { 200: Closed({ success: Type.Literal(true), import: Import }) }

export const startImport = endpoint({
  method: 'POST',
  url: '/imports',
  config,
  schema: {
    tags,
    summary: 'Begin an import; under an id it already has it answers with what there is',
    headers,
    body: ImportInput,
    response: { 201: Closed({ success: Type.Literal(true), import: Import }) },
  },
})

export const sendImportRows = endpoint({
  method: 'PUT',
  url: '/imports/:id/rows',
  config,
  schema: {
    tags,
    summary: 'Send rows, one part after the other; a part that is there already counts once',
    headers,
    params: byId,
    body: Closed({
      /** Rows that came before these. */
      from: Type.Integer({ minimum: 0, maximum: maxImportRows }),
      rows: Type.Array(Type.Array(Text(maxImportCell), { maxItems: maxImportColumns }), {
        minItems: 1,
        maxItems: maxRowsSent,
      }),
    }),
    response: { 200: Closed({ success: Type.Literal(true), received: count }) },
  },
})

export const listImports = endpoint({
  method: 'GET',
  url: '/imports',
  config: reading,
  schema: {
    tags,
    summary: 'The latest imports into the site',
    headers,
    response: { 200: Closed({ imports: Type.Array(Import) }) },
  },
})

export const readImport = endpoint({
  method: 'GET',
  url: '/imports/:id',
  config: reading,
  schema: {
    tags,
    summary: 'How far an import has come',
    headers,
    params: byId,
    response: { 200: Closed({ import: Import }) },
  },
})

export const checkImport = endpoint({
  method: 'POST',
  url: '/imports/:id/check',
  config,
  schema: {
    tags,
    summary: 'Find out what would happen to each row, with other options if some are given',
    headers,
    params: byId,
    body: Closed({ options: Type.Optional(ImportOptions) }),
    response: answer,
  },
})

export const runImport = endpoint({
  method: 'POST',
  url: '/imports/:id/run',
  config,
  schema: {
    tags,
    summary: 'Take the rows in, all but the bad ones; after a stop it goes on where it was',
    headers,
    params: byId,
    response: answer,
  },
})

export const undoImport = endpoint({
  method: 'POST',
  url: '/imports/:id/undo',
  config,
  schema: {
    tags,
    summary: `Take a run of the last ${importUndoableDays} days back, sparing what was changed since`,
    headers,
    params: byId,
    response: answer,
  },
})

export const cancelImport = endpoint({
  method: 'DELETE',
  url: '/imports/:id',
  config,
  schema: {
    tags,
    summary: 'Stop what is going on: what has been taken in stays. One that was never run is removed',
    headers,
    params: byId,
    response: { 200: Success },
  },
})

export const listImportProblems = endpoint({
  method: 'GET',
  url: '/imports/:id/problems',
  config: reading,
  schema: {
    tags,
    summary: 'The rows that cannot be taken, with reasons; after undoing, the records that were spared',
    headers,
    params: byId,
    querystring: Closed({
      /** The row to go on after. */
      after: Type.Optional(Type.Integer({ minimum: 1 })),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 500, description: '100 unless said otherwise' }),
      ),
    }),
    response: {
      200: Closed({ problems: Type.Array(ImportProblem), total: count, hasMore: Type.Boolean() }),
    },
  },
})

export const readImportFile = endpoint({
  method: 'GET',
  url: '/imports/:id/file',
  config: reading,
  schema: {
    tags,
    summary:
      'The bad rows as CSV, as they were sent, each with its row number and reason: to mend and send again',
    headers,
    params: byId,
    response: { 200: fileAnswer('text/csv') },
  },
})
