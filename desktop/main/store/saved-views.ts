import { Compile } from 'typebox/compile'
import { View } from '#common/contract/views'
import { fold } from '#common/rules/folding'
import type { Statements } from './database.ts'
import { parse } from './queue-rows.ts'

/** A change to a saved view that the server has not heard of. */
export interface ViewChange {
  id: string
  siteId: string
  /** Null for a deletion. */
  view: View | null
}

interface Row {
  id: string
  siteId: string
  view: string
  /** `kept`: as the server has it. */
  state: 'kept' | 'changed' | 'deleted'
}

const views = Compile(View)

const readView = (row: Row): View | null => {
  const view = parse(row.view)
  return views.Check(view) ? view : null
}

/** The person's mirror of the saved views, in `queue.db`, with what they changed and the server has not heard of. */
export class SavedViews {
  readonly #sql: Statements

  constructor(sql: Statements) {
    this.#sql = sql
  }

  /** By name. */
  list(siteId: string): View[] {
    const shown = this.#rows(`WHERE site_id = ? AND state <> 'deleted'`, siteId)
    return shown
      .flatMap((row) => readView(row) ?? [])
      .map((view) => ({ view, key: fold(view.name) }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.view.id < b.view.id ? -1 : 1))
      .map(({ view }) => view)
  }

  find(id: string): { view: View | null; siteId: string } | null {
    const [row] = this.#rows('WHERE id = ?', id)
    return row ? { view: row.state === 'deleted' ? null : readView(row), siteId: row.siteId } : null
  }

  save(view: View) {
    this.#put(view, 'changed')
  }

  delete(id: string) {
    this.#sql.run(`UPDATE views SET state = 'deleted' WHERE id = ?`, id)
  }

  /** A view that cannot be read waits for a version of the app that can. */
  changes(): ViewChange[] {
    return this.#rows(`WHERE state <> 'kept' ORDER BY id`).flatMap((row): ViewChange[] => {
      const { id, siteId, state } = row
      if (state === 'deleted') return [{ id, siteId, view: null }]
      const view = readView(row)
      return view ? [{ id, siteId, view }] : []
    })
  }

  /**
   * A change is over: the view is now as the server has it, or gone (`null`). One changed again since is left to be
   * sent.
   */
  settle(change: ViewChange, result: View | null) {
    const [row] = this.#rows(`WHERE id = ? AND state <> 'kept'`, change.id)
    const isDeletion = row?.state === 'deleted'
    const asSent = isDeletion ? change.view === null : row?.view === JSON.stringify(change.view)
    if (!row || !asSent) return
    if (result) this.#put(result, 'kept')
    else this.#sql.run('DELETE FROM views WHERE id = ?', change.id)
  }

  /** What the server has of a site takes the place of what is kept here. False when that is the same. */
  take(siteId: string, current: readonly View[]): boolean {
    const before = JSON.stringify(this.list(siteId))
    const changed = new Set(this.#rows(`WHERE state <> 'kept'`).map(({ id }) => id))
    this.#sql.run(`DELETE FROM views WHERE state = 'kept' AND site_id = ?`, siteId)
    for (const view of current) if (!changed.has(view.id)) this.#put(view, 'kept')
    return JSON.stringify(this.list(siteId)) !== before
  }

  /** Returns how many were forgotten. */
  forgetOutside(siteIds: readonly string[]): number {
    return this.#sql.run(
      `DELETE FROM views WHERE state = 'kept' AND site_id NOT IN (SELECT value FROM json_each(?))`,
      JSON.stringify(siteIds),
    ).changes
  }

  #rows(rest: string, ...params: unknown[]): Row[] {
    return this.#sql.all<Row>(`SELECT id, site_id AS siteId, view, state FROM views ${rest}`, ...params)
  }

  #put(view: View, state: Row['state']) {
    this.#sql.run(
      'INSERT OR REPLACE INTO views VALUES (?, ?, ?, ?)',
      view.id,
      view.siteId,
      JSON.stringify(view),
      state,
    )
  }
}
