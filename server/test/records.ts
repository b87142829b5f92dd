import { v7 as uuidv7 } from 'uuid'
import type { Interaction } from '#common/contract/interactions'
import { emptyFields, normalise } from '#common/rules/interaction-rules'
import { createInteractionsRepository } from '../modules/interactions/interactions.repository.ts'
import { systemScope } from '../shared/scope.ts'
import { meeting, type TestApp } from './app.ts'

/** Puts records straight into a site of Harbour & Vale, as an import does; no feed and no audit hears of them. */
export async function insertRecords(
  { app, ids }: TestApp,
  siteId: string,
  records: Partial<Interaction>[],
): Promise<Interaction[]> {
  const now = new Date().toISOString()
  const whole = records.map((record): Interaction => ({
    ...emptyFields,
    ...meeting,
    id: uuidv7(),
    siteId,
    version: 1,
    createdBy: ids.users.editor,
    createdAt: now,
    updatedBy: ids.users.editor,
    updatedAt: now,
    ...normalise(record),
  }))
  await app.transact(systemScope(ids.tenants['Harbour & Vale'], siteId), async (tx) => {
    const repository = createInteractionsRepository(tx)
    for (let start = 0; start < whole.length; start += 1000) {
      await repository.insertMany(whole.slice(start, start + 1000))
    }
  })
  return whole
}
