import { AppError } from '#common/contract/errors'
import { fieldsOf } from '#common/rules/interaction-rules'
import type { LocalStore } from '#desktop/main/store/local-store'
import { filled } from '#desktop/main/test/device'
import type { Random } from '#desktop/main/test/random'

const fields = ['title', 'location', 'notes'] as const

/**
 * One thing a person does in the app, with `token` as the text they type: adds a record (`id`), edits or deletes one
 * they see. What the app refuses them, they let be.
 */
export function work(
  local: LocalStore,
  random: Random,
  siteIds: readonly string[],
  token: string,
  id: string,
): void {
  const siteId = random.pick(siteIds)!
  const { rows } = local.page({ siteId, filter: {}, sort: [], offset: 0, limit: 40 })
  const row = random.pick(rows)
  const dice = random.below(100)
  try {
    if (!row || dice < 40) local.save({ id, siteId, opened: null, fields: { ...filled, title: token } })
    else if (dice < 94) {
      const opened = fieldsOf(row)
      local.save({ id: row.id, siteId, opened, fields: { ...opened, [random.pick(fields)!]: token } })
    } else if (!row.unsent && !row.needsAttention) local.delete(row.id)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
}
