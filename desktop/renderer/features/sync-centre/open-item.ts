import { forgetFinder } from '../../app/finder.ts'
import { chooseSite, useSession } from '../../app/session.ts'
import { openRecord, whenClean } from '../../app/workspace.ts'

/** Shows the record of an edit in the Finder, in the site it belongs to. */
export function openItem({ entityId, siteId }: { entityId: string; siteId: string }, focus = false) {
  if (useSession.getState().siteId === siteId) return openRecord(entityId, { focus })
  whenClean(
    () =>
      void chooseSite(siteId, false).then(() => {
        forgetFinder()
        openRecord(entityId, { focus })
      }),
  )
}
