import { problemOf } from './bridge.ts'
import { type Filters, forgetFinder, newestFirst, show } from './finder.ts'
import { chooseSite, useSession } from './session.ts'
import { useSwitchSite } from './switch-site.ts'
import { showFinder, whenClean } from './workspace.ts'

/** Shows the interactions of a site that these filters find, and works there from now on. */
export const openInteractions = (siteId: string, filters: Filters) =>
  whenClean(() => {
    const find = () => {
      show(null, { search: '', filters, sort: newestFirst, columns: null })
      showFinder()
    }
    if (siteId === useSession.getState().siteId) return find()
    chooseSite(siteId, false).then(
      () => {
        forgetFinder()
        find()
      },
      (error: unknown) => useSwitchSite.setState({ problem: problemOf(error) }),
    )
  })
