import {
  Activity,
  ArrowDownUp,
  Building2,
  CircleUser,
  FileInput,
  ListOrdered,
  type LucideIcon,
  Network,
  Rows3,
  ScrollText,
  Settings2,
  Trash2,
  UsersRound,
} from 'lucide-react'
import { type Action, may } from '#common/rules/permissions'
import { useSession } from './session.ts'
import { type View } from './workspace.ts'

export interface Screen {
  view: View
  words: string
  icon: LucideIcon
  /** What one must be allowed to do in the site one works in to be offered it. */
  needs?: Action
  /** It is in the user menu, and not in the rail. */
  isOwn?: true
}

/** Every screen, in the order of the rail; those of the second half are for looking after things. */
export const screens: readonly Screen[] = [
  { view: 'finder', words: 'Finder', icon: Rows3 },
  { view: 'sync-centre', words: 'Sync centre', icon: ArrowDownUp },
  { view: 'account', words: 'Your account', icon: CircleUser, isOwn: true },
  { view: 'deleted', words: 'Deleted records', icon: Trash2, needs: 'interaction.readDeleted' },
  { view: 'import', words: 'Import', icon: FileInput, needs: 'interaction.import' },
  { view: 'people', words: 'People', icon: UsersRound, needs: 'user.list' },
  { view: 'sites', words: 'Sites', icon: Building2, needs: 'site.people' },
  { view: 'teams', words: 'Teams', icon: Network, needs: 'team.list' },
  { view: 'types', words: 'Interaction types', icon: ListOrdered, needs: 'type.manage' },
  { view: 'site-settings', words: 'Site settings', icon: Settings2, needs: 'site.manage' },
  { view: 'audit', words: 'Audit', icon: ScrollText, needs: 'audit.readOfSite' },
  { view: 'activity', words: 'Activity', icon: Activity, needs: 'activity.read' },
]

/** The screens that are offered to the person where they work. */
export function useScreens(): Screen[] {
  const { user, siteId } = useSession()
  return screens.filter(({ needs }) => !needs || (user && siteId && may(user, needs, { siteId })))
}
