import {
  Activity,
  ArrowDownUp,
  Building2,
  CircleUser,
  FileInput,
  House,
  Landmark,
  ListOrdered,
  type LucideIcon,
  MonitorSmartphone,
  Network,
  Rows3,
  ScrollText,
  Settings2,
  Trash2,
  UsersRound,
} from 'lucide-react'
import { type Action, may } from '#common/rules/permissions'
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
  /** It is in the user menu, and not in the rail. */
  isOwn?: true
}

/** Every screen, in the order of the rail; those of the second half are for looking after things. */
export const screens: readonly Screen[] = [
  { view: 'finder', words: 'Finder', icon: Rows3, at: ['site'] },
  { view: 'start', words: 'Start', icon: House, at: ['no-site'] },
  { view: 'organisations', words: 'Organisations', icon: Landmark, at: ['platform', 'tenant'] },
  { view: 'sync-centre', words: 'Sync centre', icon: ArrowDownUp, at: ['site', 'no-site'] },
  { view: 'account', words: 'Your account', icon: CircleUser, isOwn: true },
  { view: 'deleted', words: 'Deleted records', icon: Trash2, needs: 'interaction.readDeleted' },
  { view: 'import', words: 'Import', icon: FileInput, needs: 'interaction.import' },
  { view: 'people', words: 'People', icon: UsersRound, needs: 'user.list' },
  { view: 'sites', words: 'Sites', icon: Building2, needs: 'site.people' },
  { view: 'teams', words: 'Teams', icon: Network, needs: 'team.list' },
  { view: 'devices', words: 'Devices', icon: MonitorSmartphone, needs: 'device.manage' },
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
    ({ at, needs }) =>
      (!at || at.includes(place)) &&
      (!needs || [needs].flat().some((action) => user !== null && may(user, action, target))),
  )
}
