import type { ImportOptions } from '#common/contract/imports'
import { createBulkService } from '../modules/interactions/bulk.service.ts'
import { createImportWork } from '../modules/imports/import-work.service.ts'
import { journal } from '../modules/journal/journal.service.ts'
import { systemScope } from '../shared/scope.ts'
import type { Transact } from '../shared/transaction.ts'
import { createImporter, importOptions } from './importing.ts'
import { createPushing } from './pushing.ts'

/** Three columns are all that a row of these tables needs. */
export const options = importOptions(['reference', 'title', 'startDateTime'])
export const table = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => [`${name} ${n}`, `${name} title ${n}`, '1.2.2026'])

/** A server that works on no jobs: the test does, as far as it wants. */
export async function createImportWorking() {
  const pushing = await createPushing()
  const { server, site, sql } = pushing
  const manager = server.as('manager', site)
  const importer = createImporter(manager)
  const { transact } = server.app
  const scope = systemScope(server.ids.tenants['Harbour & Vale'], site)

  const workOn = (through: Transact, rowsAtOnce = 1000) =>
    createImportWork(through, journal, createBulkService(through, journal), rowsAtOnce)
  const jobOf = async (id: string) => {
    const [row] = await sql<{ turn: number }>('SELECT turn FROM imports WHERE id = $1', [id])
    return { tenantId: scope.tenantId, siteId: site, id, turn: row!.turn }
  }
  /** Does what is to be done to the end. */
  const work = async (id: string, rowsAtOnce?: number) => {
    await workOn(transact, rowsAtOnce).work(await jobOf(id), new AbortController().signal)
    return importer.read(id)
  }
  /** Does one part, and then the server closes. */
  async function step(id: string, rowsAtOnce: number) {
    const closing = new AbortController()
    const once: Transact = async (...parameters) => {
      const result = await transact(...parameters)
      closing.abort()
      return result
    }
    await workOn(once, rowsAtOnce)
      .work(await jobOf(id), closing.signal)
      .catch((error: unknown) => {
        if (!closing.signal.aborted) throw error
      })
    return importer.read(id)
  }
  async function checked(rows: string[][], with_: ImportOptions = options) {
    const id = await importer.receive(rows, with_)
    await importer.check(id)
    await work(id)
    return id
  }
  const titles = (name: string) =>
    sql<{ title: string; version: number }>(
      'SELECT title, version FROM interactions WHERE title LIKE $1 AND deleted_at IS NULL ORDER BY title',
      [`${name}%`],
    )
  return { ...pushing, manager, importer, transact, scope, workOn, jobOf, work, step, checked, titles }
}
