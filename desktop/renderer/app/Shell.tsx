import { lazy, Suspense, useEffect } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { SessionState } from '#desktop/bridge/channels'
import { AccountScreen } from '../features/account/AccountScreen.tsx'
import { Activity } from '../features/admin/audit/Activity.tsx'
import { Audit } from '../features/admin/audit/Audit.tsx'
import { Brands } from '../features/admin/brands/Brands.tsx'
import { Devices } from '../features/admin/devices/Devices.tsx'
import { DeletedRecords } from '../features/admin/records/DeletedRecords.tsx'
import { ImportScreen } from '../features/import/ImportScreen.tsx'
import { InteractionTypes } from '../features/admin/records/InteractionTypes.tsx'
import { Notices } from '../features/admin/notices/Notices.tsx'
import { OrganisationSettings } from '../features/admin/organisations/OrganisationSettings.tsx'
import { People } from '../features/admin/people/People.tsx'
import { Shops } from '../features/admin/shops/Shops.tsx'
import { Sites } from '../features/admin/sites/Sites.tsx'
import { Reports } from '../features/admin/reports/Reports.tsx'
import { SiteSettingsScreen } from '../features/admin/sites/SiteSettingsScreen.tsx'
import { Surveys } from '../features/admin/surveys/Surveys.tsx'
import { CallCycles } from '../features/call-cycles/CallCycles.tsx'
import { ExportNotice } from '../features/finder/ExportNotice.tsx'
import { forgetExports } from '../features/finder/exports.ts'
import { Teams } from '../features/admin/teams/Teams.tsx'
import { Finder } from '../features/finder/Finder.tsx'
import { Goals } from '../features/goals/Goals.tsx'
import { About } from '../features/help/About.tsx'
import { HelpOverlay } from '../features/help/HelpOverlay.tsx'
import { InteractionPanel } from '../features/interaction-form/InteractionPanel.tsx'
import { Palette } from '../features/palette/Palette.tsx'
import { EnteredBar } from './EnteredBar.tsx'
import { Organisations } from '../features/admin/organisations/Organisations.tsx'
import { SignInAgain } from '../features/sign-in/SignInAgain.tsx'
import { Today } from '../features/visits/Today.tsx'
import { Visits } from '../features/visits/Visits.tsx'
import { NoSite } from '../features/site-choice/NoSite.tsx'
import { SyncCentre } from '../features/sync-centre/SyncCentre.tsx'
import { AdminScreen, Loading } from './AdminScreen.tsx'
import { forgetFinder } from './finder.ts'
import { LeaveForm } from './LeaveForm.tsx'
import { NoticeBar } from './NoticeBar.tsx'
import { Rail } from './Rail.tsx'
import { ReadOnlyBar } from './ReadOnlyBar.tsx'
import { useHome, useScreens } from './screens.ts'
import { useShortcuts } from './shortcuts.ts'
import { connectSync } from './sync.ts'
import { SystemNotices } from './SystemNotices.tsx'
import { TitleBar } from './TitleBar.tsx'
import { ToldBar } from './ToldBar.tsx'
import { UpdateBar } from './UpdateBar.tsx'
import { connectUpdates } from './updates.ts'
import { forgetWorkspace, useWorkspace } from './workspace.ts'

/** Read when it is first shown: it brings the library that draws its charts. */
const Analytics = lazy(() =>
  import('../features/analytics/Analytics.tsx').then((feature) => ({ default: feature.Analytics })),
)

/** The window while somebody is at work, in a site or where there is none: title bar, rail and the screen they are on. */
export function Shell({ session, site }: { session: SessionState; site: SiteMembership | null }) {
  const { view, panel, isWide } = useWorkspace()
  const isOffered = useScreens().some((screen) => screen.view === view)
  const home = useHome()
  useShortcuts()
  useEffect(connectSync, [])
  useEffect(connectUpdates, [])
  useEffect(() => {
    if (!isOffered) useWorkspace.setState({ view: home })
  }, [isOffered, home])
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
      <SystemNotices />
      {session.entered && <EnteredBar entered={session.entered} />}
      {session.mustSignIn && <SignInAgain session={session} />}
      <NoticeBar session={session} />
      <ReadOnlyBar />
      <UpdateBar />
      <div className="flex min-h-0 flex-1">
        <Rail />
        <main className="relative flex min-w-0 flex-1">
          {/* Stays alive behind other screens, so that a half-written form and the place in the list are kept. */}
          {site && (
            <div className={view === 'finder' ? 'contents' : 'hidden'}>
              <div className={panel && isWide ? 'hidden' : 'contents'}>
                <Finder key={site.id} site={site} />
              </div>
              <InteractionPanel site={site} />
            </div>
          )}
          {isOffered && view === 'today' && site && <Today key={site.id} site={site} />}
          {isOffered && view === 'visits' && <Visits key={site?.id} site={site} />}
          {isOffered && view === 'goals' && <Goals />}
          {isOffered && view === 'analytics' && (
            <Suspense fallback={<Loading words="Opening the figures" />}>
              <Analytics />
            </Suspense>
          )}
          {isOffered && view === 'start' && <NoSite />}
          {isOffered && view === 'organisations' && <Organisations />}
          {isOffered && view === 'sync-centre' && <SyncCentre site={site} />}
          {view === 'account' && <AccountScreen />}
          {isOffered && view === 'deleted' && site && <DeletedRecords key={site.id} site={site} />}
          {isOffered && view === 'import' && site && <ImportScreen key={site.id} site={site} />}
          {isOffered && view === 'people' && <People />}
          {isOffered && view === 'sites' && <Sites />}
          {isOffered && view === 'teams' && <Teams />}
          {isOffered && view === 'call-cycles' && site && <CallCycles key={site.id} site={site} />}
          {isOffered && view === 'shops' && site && <Shops key={site.id} site={site} />}
          {isOffered && view === 'surveys' && <Surveys />}
          {isOffered && view === 'brands' && <Brands />}
          {isOffered && view === 'devices' && <Devices />}
          {isOffered && view === 'notices' && <Notices />}
          {isOffered && view === 'reports' && <Reports />}
          {isOffered && view === 'types' && <InteractionTypes />}
          {isOffered && view === 'site-settings' && site && <SiteSettingsScreen key={site.id} site={site} />}
          {isOffered && view === 'settings' && (
            <AdminScreen title="Settings">
              <div className="*:mt-0 *:border-0 *:pt-0">
                <OrganisationSettings />
              </div>
            </AdminScreen>
          )}
          {isOffered && view === 'audit' && <Audit key={site?.id} site={site} />}
          {isOffered && view === 'activity' && <Activity />}
          <ToldBar />
        </main>
      </div>
      <ExportNotice />
      <LeaveForm />
      <Palette site={site} />
      <HelpOverlay />
      <About />
    </div>
  )
}
