import type { Jobs } from '../../shared/jobs.ts'
import type { Transact } from '../../shared/transaction.ts'
import { anchor, type Anchors, readAnchors } from './anchors.ts'
import { chainHeads, tenantIds } from './verification.repository.ts'

/** Anchors every audit chain in `folder`, again whenever it has grown; see `anchors.ts`. */
export function createSealingService(transact: Transact, folder: string) {
  let anchors: Anchors | null = null

  async function seal(): Promise<void> {
    anchors ??= await readAnchors(folder)
    const heads = []
    for (const tenantId of await transact({ tenantId: '', siteId: null }, tenantIds)) {
      heads.push(...(await transact({ tenantId, siteId: null }, chainHeads)))
    }
    await anchor(folder, heads, anchors, new Date())
  }

  return {
    seal,
    /** Once a minute, by one of the servers. */
    everyMinute: (jobs: Jobs) => void jobs.define('audit-seal', { work: seal, everyMinute: true }),
  }
}
