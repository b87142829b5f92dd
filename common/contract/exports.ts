import Type, { type Static } from 'typebox'
import { endpoint, fileAnswer } from './endpoint.ts'
import { byId, InteractionFields, InteractionFilter, siteHeader } from './interactions.ts'
import { Closed, Instant, Nullable, Success, Text, Uuid } from './primitives.ts'
import { SortKey } from './views.ts'

/** Interactions as a file for a spreadsheet: what a query finds, at once or, when it is much, as a job. */

export const exportFormats = ['csv', 'xlsx'] as const
export const ExportFormat = Type.Enum(exportFormats)
export type ExportFormat = Static<typeof ExportFormat>

export const mediaTypes: Record<ExportFormat, string> = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

export const exportColumns = [
  ...(Object.keys(InteractionFields.properties) as (keyof typeof InteractionFields.properties)[]),
  'createdAt',
  'createdBy',
  'updatedAt',
  'updatedBy',
  'id',
] as const
export const ExportColumn = Type.Enum([...exportColumns])
export type ExportColumn = Static<typeof ExportColumn>

/** So many rows are written while one waits for the answer; more is a job. */
export const exportedAtOnce = 1000

/** Rows of an XLSX file, which is put together in memory (0.8 GB for these); CSV has no limit. */
export const maxXlsxRows = 100_000

/** And characters of text in it. */
export const maxXlsxText = 100_000_000

/** Hours for which the server keeps a file. */
export const exportKeptHours = 24

const what = {
  format: ExportFormat,
  filter: InteractionFilter,
  sort: Type.Array(SortKey, { maxItems: 10 }),
  columns: Type.Array(ExportColumn, { minItems: 1, maxItems: exportColumns.length, uniqueItems: true }),
}

export const ExportInput = Closed({
  id: Type.Optional(Uuid),
  format: what.format,
  filter: Type.Optional(what.filter),
  sort: Type.Optional(what.sort),
  columns: Type.Optional(what.columns),
})
export type ExportInput = Static<typeof ExportInput>

export const Export = Closed({
  id: Uuid,
  state: Type.Enum(['waiting', 'running', 'done', 'cancelled', 'failed']),
  ...what,
  fileName: Type.String(),
  /** Rows written so far, and rows there will be; fewer where they could not be counted in time. */
  done: Type.Integer({ minimum: 0 }),
  total: Type.Integer({ minimum: 0 }),
  size: Nullable(Type.Integer({ minimum: 0, description: 'Bytes; null until it is done' })),
  createdAt: Instant,
  /** When the file goes; null until it is done. */
  expiresAt: Nullable(Instant),
  /** Why it failed, and what to do. */
  problem: Nullable(Type.String()),
})
export type Export = Static<typeof Export>

/** An export that was made on a device from what it holds, with or without a network: for the audit. */
export const LocalExport = Closed({
  ...what,
  /** How many records were picked out by hand; `filter` says nothing then. */
  chosen: Type.Optional(Type.Integer({ minimum: 1 })),
  /** How many are in the file. */
  rows: Type.Integer({ minimum: 0 }),
  at: Instant,
})
export type LocalExport = Static<typeof LocalExport>

const tags = ['exports'] as const
const one = Closed({ success: Type.Literal(true), export: Export })

export const startExport = endpoint({
  method: 'POST',
  url: '/exports',
  config: { policy: 'interaction.export', limit: 'write' },
  schema: {
    tags,
    summary: `Write what a query finds to a file: up to ${exportedAtOnce} rows at once, more as a job`,
    headers: siteHeader,
    body: ExportInput,
    response: { 201: one },
  },
})

export const readExport = endpoint({
  method: 'GET',
  url: '/exports/:id',
  config: { policy: 'interaction.export', limit: 'read' },
  schema: {
    tags,
    summary: 'How far an export of one’s own has come',
    headers: siteHeader,
    params: byId,
    response: { 200: Closed({ export: Export }) },
  },
})

export const cancelExport = endpoint({
  method: 'DELETE',
  url: '/exports/:id',
  config: { policy: 'interaction.export', limit: 'write' },
  schema: {
    tags,
    summary: 'Stop an export of one’s own, or remove its file',
    headers: siteHeader,
    params: byId,
    response: { 200: Success },
  },
})

export const readExportFile = endpoint({
  method: 'GET',
  url: '/exports/:id/file',
  config: { policy: 'interaction.export', limit: 'read' },
  schema: {
    tags,
    summary: `The file of an export of one’s own, for ${exportKeptHours} hours`,
    headers: siteHeader,
    params: byId,
    response: { 200: fileAnswer(...Object.values(mediaTypes)) },
  },
})

export const reportLocalExport = endpoint({
  method: 'PUT',
  url: '/exports/:id/report',
  // Also by somebody who was allowed to export when it was made, and is not any more.
  config: { policy: 'interaction.read', limit: 'write' },
  schema: {
    tags,
    summary:
      'Say that an export was made on a device, under an id of its making; saying it twice counts once',
    headers: siteHeader,
    params: byId,
    body: LocalExport,
    response: { 200: Success },
  },
})

/** What somebody called a file; it never names a place. */
export const FileName = Text(255)
