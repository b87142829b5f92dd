import { useId, useState } from 'react'
import type { SessionUser } from '#common/contract/auth'
import { Button } from '../../ui/Button.tsx'
import { readerZone } from '../../ui/date-words.ts'
import { siteRoleWords, tenantRoleWords } from '../../ui/role-words.ts'
import { ProfileDialog } from './ProfileDialog.tsx'

/** Who one is, as others see it too, and what one may do. */
export function Profile({ user, online }: { user: SessionUser; online: boolean }) {
  const id = useId()
  const [editing, setEditing] = useState(false)
  const facts: [string, React.ReactNode][] = [
    ['Name', user.displayName],
    ['User name', user.username],
    ['E-mail', user.email],
    ...(user.tenant ? [['Organisation', user.tenant.name] as [string, string]] : []),
    ['Role', user.roles.map((role) => tenantRoleWords[role]).join(', ') || 'Member'],
    ['Sites', <Sites key="sites" user={user} />],
    ['Time zone', `${readerZone()}, as this computer has it`],
  ]
  return (
    <section aria-labelledby={id}>
      <div className="mb-3 flex items-center gap-3">
        <h2 id={id} className="flex-1 text-lg font-semibold">
          Profile
        </h2>
        <Button disabled={!online} onClick={() => setEditing(true)}>
          Edit profile…
        </Button>
      </div>
      <dl className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-x-4 gap-y-2">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="min-w-0 break-words select-text">{value}</dd>
          </div>
        ))}
      </dl>
      {editing && <ProfileDialog user={user} onClose={() => setEditing(false)} />}
    </section>
  )
}

function Sites({ user: { sites, defaultSiteId } }: { user: SessionUser }) {
  if (sites.length === 0) return 'None yet'
  return (
    <ul className="space-y-1">
      {sites.map(({ id, name, role }) => (
        <li key={id}>
          <span className="font-[550]">{name}</span>
          {id === defaultSiteId && sites.length > 1 && <span className="text-muted"> (opens first)</span>}
          <span className="block text-sm text-muted">{siteRoleWords[role]}</span>
        </li>
      ))}
    </ul>
  )
}
