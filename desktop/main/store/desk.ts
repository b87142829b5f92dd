import { Compile } from 'typebox/compile'
import { type Answer, Draft } from '#desktop/bridge/channels'
import type { Statements } from './database.ts'
import { parse } from './queue-rows.ts'

const drafts = Compile(Draft)

/** What a person has typed and not saved, and how they like this device; in `queue.db`, and never sent. */
export class Desk {
  readonly #sql: Statements

  constructor(sql: Statements) {
    this.#sql = sql
  }

  /** Of a record, or (null) of a new one; null where there is none that can be read. */
  draft(siteId: string, id: string | null): Answer<'draft.read'>['draft'] {
    const [row] = this.#sql.all<{ draft: string; savedAt: string }>(
      'SELECT draft, saved_at AS savedAt FROM drafts WHERE site_id = ? AND record_id = ?',
      siteId,
      id ?? '',
    )
    const draft = row && parse(row.draft)
    return drafts.Check(draft) ? { ...draft, savedAt: row!.savedAt } : null
  }

  keepDraft(siteId: string, id: string | null, draft: Draft, at: string) {
    this.#sql.run(
      'INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)',
      siteId,
      id ?? '',
      JSON.stringify(draft),
      at,
    )
  }

  dropDraft(siteId: string, id: string | null) {
    this.#sql.run('DELETE FROM drafts WHERE site_id = ? AND record_id = ?', siteId, id ?? '')
  }

  preferences(): Record<string, unknown> {
    const rows = this.#sql.all<{ name: string; value: string }>('SELECT name, value FROM preferences')
    return Object.fromEntries(rows.map(({ name, value }) => [name, parse(value)]))
  }

  /** `undefined` forgets it. */
  writePreference(name: string, value: unknown) {
    if (value === undefined) this.#sql.run('DELETE FROM preferences WHERE name = ?', name)
    else this.#sql.run('INSERT OR REPLACE INTO preferences VALUES (?, ?)', name, JSON.stringify(value))
  }
}
