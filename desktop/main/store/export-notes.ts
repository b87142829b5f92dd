import { Compile } from 'typebox/compile'
import { LocalExport } from '#common/contract/exports'
import type { Statements } from './database.ts'
import { parse } from './queue-rows.ts'

/** A file that was written from what this device holds: what the server has to be told for its audit. */
export interface ExportNote {
  id: string
  siteId: string
  report: LocalExport
}

const reports = Compile(LocalExport)

/** What the server has not heard of, in `queue.db`. */
export class ExportNotes {
  readonly #sql: Statements

  constructor(sql: Statements) {
    this.#sql = sql
  }

  add({ id, siteId, report }: ExportNote) {
    this.#sql.run('INSERT INTO export_notes VALUES (?, ?, ?)', id, siteId, JSON.stringify(report))
  }

  /** One that cannot be read waits for a version of the app that can. */
  list(): ExportNote[] {
    const rows = this.#sql.all<{ id: string; siteId: string; report: string }>(
      'SELECT id, site_id AS siteId, report FROM export_notes ORDER BY id',
    )
    return rows.flatMap(({ id, siteId, report }) => {
      const read = parse(report)
      return reports.Check(read) ? [{ id, siteId, report: read }] : []
    })
  }

  drop(id: string) {
    this.#sql.run('DELETE FROM export_notes WHERE id = ?', id)
  }
}
