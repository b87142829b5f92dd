import { maxChosen } from '#common/contract/record-keeping'
import { ask, problemOf } from '../../app/bridge.ts'
import { choose, failed, paging, useFinder } from '../../app/finder.ts'
import { useSession } from '../../app/session.ts'
import { chooseUpTo, isWhole, toggle, togglePage } from './choice.ts'
import { queryOf } from './page-source.ts'

/** What ticking does, by pointer and by keyboard. */

export const tick = (id: string) => choose(toggle(useFinder.getState().chosen, id))

/** All records that match, in their order; at most as many as can be chosen. */
async function allIds(): Promise<readonly string[]> {
  const { siteId } = useSession.getState()
  if (siteId === null) return []
  const { ids } = await ask('finder.ids', queryOf(siteId))
  return ids
}

/** The ids among which a range is chosen: of the page, or of the whole of an endless list. */
const inReach = () => (paging() === 'endless' ? allIds() : Promise.resolve(useFinder.getState().shown))

const orFail = (work: Promise<void>) => work.catch((error: unknown) => failed(problemOf(error)))

export const tickUpTo = (id: string) =>
  orFail(inReach().then((ids) => choose(chooseUpTo(useFinder.getState().chosen, ids, id))))

export const tickPage = () =>
  orFail(inReach().then((ids) => choose(togglePage(useFinder.getState().chosen, ids))))

export const tickAllFound = () => orFail(allIds().then((ids) => choose(new Set(ids))))

export const untick = () => choose(new Set())

/** How much of the page, or of an endless list, is ticked. */
export function useTicked(): 'all' | 'some' | 'none' {
  return useFinder(({ chosen, shown, found }) => {
    if (chosen.size === 0) return 'none'
    const all = shown.length > 0 ? isWhole(chosen, shown) : chosen.size >= Math.min(found ?? 0, maxChosen)
    if (all) return 'all'
    return shown.length === 0 || shown.some((id) => chosen.has(id)) ? 'some' : 'none'
  })
}
