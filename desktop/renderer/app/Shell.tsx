import { useEffect } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { SessionState } from '#desktop/bridge/channels'
import { Finder } from '../features/finder/Finder.tsx'
import { InteractionPanel } from '../features/interaction-form/InteractionPanel.tsx'
import { SignInAgain } from '../features/sign-in/SignInAgain.tsx'
import { SyncCentre } from '../features/sync-centre/SyncCentre.tsx'
import { forgetFinder } from './finder.ts'
import { LeaveForm } from './LeaveForm.tsx'
import { NoticeBar } from './NoticeBar.tsx'
import { Rail } from './Rail.tsx'
import { useShortcuts } from './shortcuts.ts'
import { connectSync } from './sync.ts'
import { TitleBar } from './TitleBar.tsx'
import { forgetWorkspace, useWorkspace } from './workspace.ts'

/** The window while somebody is at work: title bar, rail and the screen they are on. */
export function Shell({ session, site }: { session: SessionState; site: SiteMembership }) {
  const view = useWorkspace((workspace) => workspace.view)
  useShortcuts()
  useEffect(connectSync, [])
  useEffect(
    () => () => {
      forgetFinder()
      forgetWorkspace()
    },
    [],
  )
  return (
    <div className="flex h-full flex-col">
      <TitleBar session={session} site={site} />
      {session.mustSignIn && <SignInAgain session={session} />}
      <NoticeBar session={session} />
      <div className="flex min-h-0 flex-1">
        <Rail />
        <main className="relative flex min-w-0 flex-1">
          {/* Stays alive while Sync centre is on, so that a half-written form and the place in the list are kept. */}
          <div className={view === 'finder' ? 'contents' : 'hidden'}>
            <Finder key={site.id} site={site} />
            <InteractionPanel site={site} />
          </div>
          {view === 'sync-centre' && <SyncCentre site={site} />}
        </main>
      </div>
      <LeaveForm />
    </div>
  )
}
