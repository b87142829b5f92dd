import { useEffect } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { SessionState } from '#desktop/bridge/channels'
import { AccountScreen } from '../features/account/AccountScreen.tsx'
import { Activity } from '../features/admin/Activity.tsx'
import { Audit } from '../features/admin/Audit.tsx'
import { DeletedRecords } from '../features/admin/DeletedRecords.tsx'
import { ImportScreen } from '../features/import/ImportScreen.tsx'
import { InteractionTypes } from '../features/admin/InteractionTypes.tsx'
import { People } from '../features/admin/People.tsx'
import { Sites } from '../features/admin/Sites.tsx'
import { SiteSettingsScreen } from '../features/admin/SiteSettingsScreen.tsx'
import { ExportNotice } from '../features/finder/ExportNotice.tsx'
import { forgetExports } from '../features/finder/exports.ts'
import { Teams } from '../features/admin/Teams.tsx'
import { Finder } from '../features/finder/Finder.tsx'
import { HelpOverlay } from '../features/help/HelpOverlay.tsx'
import { InteractionPanel } from '../features/interaction-form/InteractionPanel.tsx'
import { Palette } from '../features/palette/Palette.tsx'
import { SignInAgain } from '../features/sign-in/SignInAgain.tsx'
import { SyncCentre } from '../features/sync-centre/SyncCentre.tsx'
import { forgetFinder } from './finder.ts'
import { LeaveForm } from './LeaveForm.tsx'
import { NoticeBar } from './NoticeBar.tsx'
import { Rail } from './Rail.tsx'
import { useScreens } from './screens.ts'
import { useShortcuts } from './shortcuts.ts'
import { connectSync } from './sync.ts'
import { TitleBar } from './TitleBar.tsx'
import { ToldBar } from './ToldBar.tsx'
import { forgetWorkspace, useWorkspace } from './workspace.ts'

/** The window while somebody is at work: title bar, rail and the screen they are on. */
export function Shell({ session, site }: { session: SessionState; site: SiteMembership }) {
  const { view, panel, isWide } = useWorkspace()
  const isOffered = useScreens().some((screen) => screen.view === view)
  useShortcuts()
  useEffect(connectSync, [])
  useEffect(() => {
    if (!isOffered) useWorkspace.setState({ view: 'finder' })
  }, [isOffered])
  useEffect(
    () => () => {
      forgetFinder()
      forgetExports()
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
          {/* Stays alive behind other screens, so that a half-written form and the place in the list are kept. */}
          <div className={view === 'finder' ? 'contents' : 'hidden'}>
            <div className={panel && isWide ? 'hidden' : 'contents'}>
              <Finder key={site.id} site={site} />
            </div>
            <InteractionPanel site={site} />
          </div>
          {view === 'sync-centre' && <SyncCentre site={site} />}
          {view === 'account' && <AccountScreen />}
          {isOffered && view === 'deleted' && <DeletedRecords key={site.id} site={site} />}
          {isOffered && view === 'import' && <ImportScreen key={site.id} site={site} />}
          {isOffered && view === 'people' && <People />}
          {isOffered && view === 'sites' && <Sites />}
          {isOffered && view === 'teams' && <Teams />}
          {isOffered && view === 'types' && <InteractionTypes />}
          {isOffered && view === 'site-settings' && <SiteSettingsScreen key={site.id} site={site} />}
          {isOffered && view === 'audit' && <Audit key={site.id} site={site} />}
          {isOffered && view === 'activity' && <Activity />}
          <ToldBar />
        </main>
      </div>
      <ExportNotice />
      <LeaveForm />
      <Palette site={site} />
      <HelpOverlay />
    </div>
  )
}
