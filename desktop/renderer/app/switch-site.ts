import { create } from 'zustand'
import type { Problem } from '#desktop/bridge/channels'
import { problemOf } from './bridge.ts'
import { forgetFinder } from './finder.ts'
import { chooseSite } from './session.ts'
import { useWorkspace, whenClean } from './workspace.ts'

/** Why the site could not be changed; null where it could. */
export const useSwitchSite = create<{ problem: Problem | null }>(() => ({ problem: null }))

/** Works in another site from now on, after the person has decided about unsaved changes. */
export const switchSite = (siteId: string) =>
  whenClean(() => {
    chooseSite(siteId, false).then(
      () => {
        forgetFinder()
        useWorkspace.setState({ panel: null, isWide: false })
      },
      (error: unknown) => useSwitchSite.setState({ problem: problemOf(error) }),
    )
  })
