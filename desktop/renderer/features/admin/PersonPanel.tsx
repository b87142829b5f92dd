import type { User } from '#common/contract/users'
import { Failed } from '../../app/AdminScreen.tsx'
import { ask } from '../../app/bridge.ts'
import { useMay } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { capital } from '../../ui/field-rows.ts'
import { AdminPanel, PanelHead, PanelLoading } from './AdminPanel.tsx'
import type { SiteName } from './PersonFields.tsx'
import { PersonForm } from './PersonForm.tsx'
import { UserStatusPill } from './PeopleTable.tsx'
import { lastSignIn, rolesWords } from './person-words.ts'

/** One person beside the list: to change for those who may, to read for the others. */
export function PersonPanel({
  id,
  focus,
  sites,
  onChanged,
  onClose,
}: {
  id: string
  /** Put the cursor here: it was opened by keyboard. */
  focus: boolean
  sites: readonly SiteName[]
  onChanged: () => void
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  const mayManage = useMay('user.manage')
  const { value, problem, reload } = useAnswer(`${online}`, () => ask('people.read', { id }))
  return (
    <AdminPanel label="Person">
      {value && mayManage && (
        <PersonForm user={value.user} focus={focus} sites={sites} onChanged={onChanged} onClose={onClose} />
      )}
      {value && !mayManage && <PersonCard user={value.user} focus={focus} onClose={onClose} />}
      {!value && (
        <>
          <PanelHead title="" onClose={onClose} />
          {problem ? (
            <Failed problem={problem} title="This person could not be read" onRetry={() => void reload()} />
          ) : (
            <PanelLoading />
          )}
        </>
      )}
    </AdminPanel>
  )
}

function PersonCard({ user, focus, onClose }: { user: User; focus: boolean; onClose: () => void }) {
  const facts: [string, string][] = [
    ['User name', user.username],
    ['E-mail', user.email],
    ['In the organisation', rolesWords(user.roles) || 'No role'],
    ['Sites', user.sites.map(({ name, role }) => `${name} (${capital(role)})`).join(', ') || 'None'],
    ['Last sign-in', lastSignIn(user)],
  ]
  return (
    <>
      <PanelHead
        title={user.displayName}
        badge={<UserStatusPill status={user.status} />}
        focus={focus}
        onClose={onClose}
      />
      <dl className="space-y-3.5 overflow-y-auto p-4">
        {facts.map(([name, words]) => (
          <div key={name}>
            <dt className="text-sm text-muted">{name}</dt>
            <dd className="break-words select-text">{words}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
