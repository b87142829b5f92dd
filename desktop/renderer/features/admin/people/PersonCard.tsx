import type { User } from '#common/contract/users'
import { momentWords, readerZone } from '../../../ui/date-words.ts'
import { capital } from '../../../ui/field-rows.ts'
import { PanelHead } from '../../../ui/SidePanel.tsx'
import { UserStatusPill } from './PeopleTable.tsx'
import { lastSignIn, rolesWords } from './person-words.ts'

const factsOf = (user: User): [string, string][] =>
  user.status === 'forgotten'
    ? [['Added', momentWords(user.createdAt, readerZone())]]
    : [
        ['User name', user.username],
        ['E-mail', user.email],
        ['In the organisation', rolesWords(user.roles) || 'No role'],
        ['Sites', user.sites.map(({ name, role }) => `${name} (${capital(role)})`).join(', ') || 'None'],
        ['Last sign-in', lastSignIn(user)],
      ]

/** A person, to be read. */
export const PersonCard = ({ user, focus, onClose }: { user: User; focus: boolean; onClose: () => void }) => (
  <>
    <PanelHead
      title={user.displayName}
      badge={<UserStatusPill status={user.status} />}
      focus={focus}
      onClose={onClose}
    />
    <div className="overflow-y-auto p-4">
      {user.status === 'forgotten' && (
        <p className="mb-4">
          Everything this person could be known by was removed, for good. What they wrote stays, and is shown
          as written by a forgotten person.
        </p>
      )}
      <dl className="space-y-3.5">
        {factsOf(user).map(([name, words]) => (
          <div key={name}>
            <dt className="text-sm text-muted">{name}</dt>
            <dd className="break-words select-text">{words}</dd>
          </div>
        ))}
      </dl>
    </div>
  </>
)
