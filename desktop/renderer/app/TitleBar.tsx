import { Building2, Check, ChevronDown, CircleUser, Info, LifeBuoy, LogOut } from 'lucide-react'
import type { Ref } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { SessionState } from '#desktop/bridge/channels'
import { Ask } from '../ui/Ask.tsx'
import { Logo } from '../ui/Logo.tsx'
import {
  Menu,
  MenuItem,
  MenuItemIndicator,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
} from '../ui/Menu.tsx'
import { ProblemNotice } from '../ui/Notice.tsx'
import { showOverlay } from './overlay.ts'
import { SearchField } from './SearchField.tsx'
import { useScreens } from './screens.ts'
import { oneself } from './session.ts'
import { startSignOut } from './SignOut.tsx'
import { showSupport } from './support.ts'
import { switchSite, useSwitchSite } from './switch-site.ts'
import { useSync } from './sync.ts'
import { SyncPill } from './SyncPill.tsx'
import { showScreen } from './workspace.ts'

export function TitleBar({ session, site }: { session: SessionState; site: SiteMembership | null }) {
  const isSyncing = useScreens().some(({ view }) => view === 'sync-centre')
  return (
    <header className="grid h-(--bar) shrink-0 grid-cols-[minmax(max-content,1fr)_minmax(12rem,32.5rem)_minmax(max-content,1fr)] items-center gap-3 border-b border-line bg-surface px-3 max-[56rem]:flex">
      <div className="flex min-w-0 items-center gap-3 max-[56rem]:shrink-0">
        <span className="flex w-[168px] shrink-0 items-center gap-2 font-semibold tracking-tight max-[72rem]:w-auto">
          <Logo />
          <span className="max-[56rem]:sr-only">Fieldbook</span>
        </span>
        {site && <SiteSwitcher session={session} site={site} />}
      </div>
      {site ? <SearchField /> : <span />}
      <div className="flex min-w-0 items-center justify-end gap-3 max-[56rem]:shrink-0">
        {isSyncing ? <SyncPill /> : <Offline />}
        <UserMenu session={session} />
      </div>
    </header>
  )
}

/** Where there is nothing to sync, that the server is out of reach is still worth knowing. */
function Offline() {
  const online = useSync((sync) => sync.online)
  return (
    <span role="status" className="rounded-full bg-warn-soft px-2.5 font-[550] text-warn empty:hidden">
      {!online && 'Offline'}
    </span>
  )
}

/** Two clicks to another site; it shows only that site's records. */
function SiteSwitcher({ session, site }: { session: SessionState; site: SiteMembership }) {
  const { problem } = useSwitchSite()
  const sites = session.user?.sites ?? []
  const choose = (siteId: string) => siteId !== site.id && switchSite(siteId)
  return (
    <>
      <Menu label="Sites" trigger={<SiteButton name={site.name} />}>
        <MenuRadioGroup value={site.id} onValueChange={choose}>
          {sites.map(({ id, name, role }) => (
            <MenuRadioItem key={id} value={id} textValue={name}>
              <span className="grid w-4 place-items-center text-accent">
                <MenuItemIndicator>
                  <Check aria-hidden size={14} />
                </MenuItemIndicator>
              </span>
              <span className="min-w-0 flex-1 truncate">{name}</span>
              <span className="text-sm text-muted">{role}</span>
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
      </Menu>
      <Ask
        open={problem !== null}
        title="The site could not be changed"
        no="Close"
        onNo={() => useSwitchSite.setState({ problem: null })}
        actions={null}
      >
        {problem && <ProblemNotice problem={problem} />}
      </Ask>
    </>
  )
}

function SiteButton({ name, ref, ...props }: { name: string; ref?: Ref<HTMLButtonElement> }) {
  return (
    <button
      type="button"
      ref={ref}
      aria-label={`Site: ${name}`}
      className="flex h-[29px] min-w-0 items-center gap-1.5 rounded-md border border-line px-2.5 font-[550] hover:bg-surface-2 max-[64rem]:max-w-36"
      {...props}
    >
      <Building2 aria-hidden size={14} className="shrink-0 text-muted" />
      <span className="truncate">{name}</span>
      <ChevronDown aria-hidden size={14} className="shrink-0 text-muted" />
    </button>
  )
}

const initials = (name: string) =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => word[0] ?? '')
    .filter((_, index, all) => index === 0 || index === all.length - 1)
    .join('')
    .toUpperCase()

function UserMenu({ session }: { session: SessionState }) {
  const user = oneself(session)
  if (!user) return null
  return (
    <Menu
      label="User"
      align="end"
      trigger={
        <button
          type="button"
          aria-label={`User menu: ${user.displayName}`}
          data-initials={initials(user.displayName)}
          className="grid size-[26px] shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent before:content-[attr(data-initials)] hover:brightness-95"
        />
      }
    >
      <div className="max-w-72 px-2 pt-1.5 pb-2">
        <p className="truncate font-semibold">{user.displayName}</p>
        <p className="truncate text-muted select-text">{user.email}</p>
        {user.tenant && <p className="truncate text-muted">{user.tenant.name}</p>}
      </div>
      {user.sites.length > 0 && <MenuSeparator />}
      {user.sites.length > 0 && (
        <div className="px-2 py-1">
          {user.sites.map((site) => (
            <p key={site.id} className="flex justify-between gap-6 py-0.5">
              <span className="truncate">{site.name}</span>
              <span className="text-muted">{site.role}</span>
            </p>
          ))}
        </div>
      )}
      <MenuSeparator />
      <MenuItem onSelect={() => showScreen('account')}>
        <CircleUser aria-hidden size={14} className="text-muted" /> Your account
      </MenuItem>
      <MenuItem onSelect={() => showSupport()}>
        <LifeBuoy aria-hidden size={14} className="text-muted" /> Support…
      </MenuItem>
      <MenuItem onSelect={() => showOverlay('about')}>
        <Info aria-hidden size={14} className="text-muted" /> About Fieldbook
      </MenuItem>
      <MenuItem onSelect={startSignOut}>
        <LogOut aria-hidden size={14} className="text-muted" /> Sign out
      </MenuItem>
    </Menu>
  )
}
