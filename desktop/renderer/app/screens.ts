import {
  Activity,
  ArrowDownUp,
  Building2,
  CalendarClock,
  ChartColumn,
  CircleUser,
  ClipboardList,
  FileInput,
  FileChartColumn,
  House,
  Landmark,
  ListOrdered,
  type LucideIcon,
  MapPin,
  Megaphone,
  MonitorSmartphone,
  Network,
  Repeat,
  Rows3,
  ScrollText,
  Settings2,
  Store,
  Tag,
  Target as TargetIcon,
  Trash2,
  UsersRound,
} from 'lucide-react'
import { type Action, may, type Target } from '#common/rules/permissions'
import type { SessionState } from '#desktop/bridge/channels'
import { useSession } from './session.ts'
import { type View } from './workspace.ts'

/** Where a person is: in a site, in none, on the platform that super admins belong to, or in an organisation they entered. */
type Place = 'site' | 'no-site' | 'platform' | 'tenant'

function placeOf({ user, siteId, entered }: SessionState): Place {
  if (siteId !== null) return 'site'
  if (entered) return 'tenant'
  return user?.roles.includes('super_admin') ? 'platform' : 'no-site'
}

const homes: Record<Place, View> = {
  site: 'finder',
  'no-site': 'start',
  platform: 'organisations',
  tenant: 'people',
}

/** The screen the person comes to where they are. */
export const useHome = (): View => homes[useSession(placeOf)]

export interface Screen {
  view: View
  words: string
  icon: LucideIcon
  /** Where it is offered; everywhere unless it says so. */
  at?: readonly Place[]
  /** What one must be allowed to do there, or one of these, to be offered it. */
  needs?: Action | readonly Action[]
  /** What it is about, beside the site one works in. */
  target?: Target
  /** It is work of some people, and stands above what is looked after. */
  isWork?: true
  /** It is in the user menu, and not in the rail. */
  isOwn?: true
}

/** Every screen, in the order of the rail; those of the second half are for looking after things. */
export const screens: readonly Screen[] = [
  { view: 'finder', words: 'Finder', icon: Rows3, at: ['site'] },
  { view: 'today', words: 'Today', icon: CalendarClock, at: ['site'], needs: 'visit.start', isWork: true },
  {
    view: 'visits',
    words: 'Visits',
    icon: Store,
    needs: ['visit.work', 'visit.read'],
    // Of others: everybody may read visits of their own, and only agents have any.
    target: { userId: '', inTeam: true },
    isWork: true,
  },
  {
    view: 'goals',
    words: 'Goals',
    icon: TargetIcon,
    needs: ['visit.work', 'goal.read'],
    target: { userId: '', inTeam: true },
    isWork: true,
  },
  {
    view: 'call-cycles',
    words: 'Call cycles',
    icon: Repeat,
    at: ['site'],
    needs: ['visit.work', 'callCycle.read'],
    target: { userId: '', inTeam: true },
    isWork: true,
  },
  {
    view: 'analytics',
    words: 'Analytics',
    icon: ChartColumn,
    at: ['site', 'tenant'],
    needs: 'analytics.read',
    isWork: true,
  },
  { view: 'start', words: 'Start', icon: House, at: ['no-site'] },
  { view: 'organisations', words: 'Organisations', icon: Landmark, at: ['platform', 'tenant'] },
  { view: 'sync-centre', words: 'Sync centre', icon: ArrowDownUp, at: ['site', 'no-site'] },
  { view: 'account', words: 'Your account', icon: CircleUser, isOwn: true },
  { view: 'deleted', words: 'Deleted records', icon: Trash2, needs: 'interaction.readDeleted' },
  { view: 'import', words: 'Import', icon: FileInput, needs: 'interaction.import' },
  { view: 'people', words: 'People', icon: UsersRound, needs: 'user.list' },
  { view: 'sites', words: 'Sites', icon: Building2, needs: 'site.people' },
  { view: 'teams', words: 'Teams', icon: Network, needs: 'team.list' },
  { view: 'shops', words: 'Shops', icon: MapPin, needs: 'shop.manage' },
  { view: 'surveys', words: 'Surveys', icon: ClipboardList, needs: 'survey.manage' },
  { view: 'brands', words: 'Brands', icon: Tag, needs: 'brand.manage' },
  { view: 'devices', words: 'Devices', icon: MonitorSmartphone, needs: 'device.manage' },
  { view: 'notices', words: 'Notices', icon: Megaphone, needs: 'notice.manage' },
  {
    view: 'reports',
    words: 'Reports',
    icon: FileChartColumn,
    needs: ['report.read', 'report.schedule'],
  },
  { view: 'types', words: 'Interaction types', icon: ListOrdered, needs: 'type.manage' },
  { view: 'site-settings', words: 'Site settings', icon: Settings2, needs: 'site.manage' },
  { view: 'settings', words: 'Settings', icon: Settings2, at: ['tenant'], needs: 'tenant.manage' },
  { view: 'audit', words: 'Audit', icon: ScrollText, needs: ['audit.readOfSite', 'audit.read'] },
  { view: 'activity', words: 'Activity', icon: Activity, needs: 'activity.read' },
]

/** The screens that are offered to the person where they are. */
export function useScreens(): Screen[] {
  const session = useSession()
  const { user, siteId } = session
  const place = placeOf(session)
  const target = siteId === null ? {} : { siteId }
  return screens.filter(
    ({ at, needs, target: of }) =>
      (!at || at.includes(place)) &&
      (!needs || [needs].flat().some((action) => user !== null && may(user, action, { ...target, ...of }))),
  )
}
