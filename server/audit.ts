import { type Outcome, runCommand } from './command.ts'
import { readAnchors } from './modules/journal/anchors.ts'
import { verifyAudit } from './modules/journal/verification.service.ts'
import { createPool } from './shared/pool.ts'
import { noTenant } from './shared/scope.ts'
import { createTransact } from './shared/transaction.ts'

/** `npm run audit:verify`: follows every audit chain and ends with code 1 when one is not whole, and says where. */

const words = {
  edited: 'is not the entry that was written there',
  missing: 'is missing',
  cut: 'and all after it are cut off',
  unannounced: 'was added past the head of the feed',
  rewritten: 'or one before it was written anew',
  blanked: 'was blanked, and no later entry says that, or that this was left of it',
}

const count = (number: number) => number.toLocaleString('en-GB')

await runCommand(async (databaseUrl, { auditAnchors }): Promise<Outcome> => {
  const pool = createPool(databaseUrl, 1)
  try {
    const anchors = await readAnchors(auditAnchors)
    const { tenants, feeds, anchored, entries, breaks } = await verifyAudit(createTransact(pool), anchors)
    const checked = `${count(entries)} entries of ${count(feeds)} feeds in ${count(tenants)} tenants`
    if (breaks.length === 0) {
      const held = `${count(anchored)} feeds are held against anchors in ${auditAnchors}`
      return { ok: true, words: `The audit is whole: ${checked}; ${held}` }
    }
    const places = breaks.map(
      ({ feedId, position, what }) =>
        `${feedId === noTenant ? 'What belongs to no organisation' : `Feed ${feedId}`}: entry ${position} ${words[what]}`,
    )
    return {
      ok: false,
      words: [...places, `The audit is not whole: ${checked} could be followed`].join('\n'),
    }
  } finally {
    await pool.destroy()
  }
})
