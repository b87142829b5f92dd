import { importUndoableDays } from '#common/contract/imports'
import type { Transaction } from '../../shared/transaction.ts'
import { createImportsRepository } from './imports.repository.ts'

/**
 * Removes imports of the site, with their rows and problems, that were given up or that nobody did anything with for as
 * long as they can be undone: a bounded amount at a time; false when nothing is left. The references they gave stay.
 */
export const sweepImports = (tx: Transaction): Promise<boolean> =>
  createImportsRepository(tx).sweep(new Date(Date.now() - importUndoableDays * 24 * 3600_000).toISOString())
