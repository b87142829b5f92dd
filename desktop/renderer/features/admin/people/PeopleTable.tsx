import type { User, UserStatus } from '#common/contract/users'
import type { PeopleQuery } from '#desktop/bridge/people'
import { readerZone, recentWords } from '../../../ui/date-words.ts'
import { Pill } from '../../../ui/Pill.tsx'
import { cell, head } from '../../../ui/table.ts'
import { rolesWords, statusWords } from './person-words.ts'
import { SortedHead } from '../SortedHead.tsx'
import { stepThrough } from '../../../ui/step-through.ts'

type Sort = PeopleQuery['sort']

export const rowId = (id: string) => `person-${id}`

export const UserStatusPill = ({ status }: { status: UserStatus }) => (
  <span className="flex shrink-0">
    <Pill tone={statusWords[status].tone}>{statusWords[status].words}</Pill>
  </span>
)

/** Beside an open person fewer columns are kept, rather than cutting all of them short. */
const roomy = '@max-[52rem]:hidden'

/** A page of people. A name opens the person; arrows go from one to the next. */
export function PeopleTable({
  users,
  sort,
  opened,
  onSort,
  onOpen,
}: {
  users: readonly User[]
  sort: Sort
  opened: string | undefined
  onSort: (sort: Sort) => void
  onOpen: (id: string, focus: boolean) => void
}) {
  const now = new Date()
  const sorting = { sort, onSort }
  return (
    <div className="@container">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">People</caption>
        <thead>
          <tr>
            <SortedHead by="displayName" {...sorting}>
              Name
            </SortedHead>
            <SortedHead by="email" className={`w-[26%] ${roomy}`} {...sorting}>
              E-mail
            </SortedHead>
            <th scope="col" className={`${head} sticky top-0 bg-surface`}>
              Roles
            </th>
            <th scope="col" className={`${head} sticky top-0 bg-surface`}>
              Sites
            </th>
            <SortedHead by="lastLoginAt" latestFirst className={`w-32 ${roomy}`} {...sorting}>
              Last sign-in
            </SortedHead>
            <th scope="col" className={`${head} sticky top-0 w-28 bg-surface`}>
              Status
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={stepThrough}>
          {users.map((user) => (
            <tr
              key={user.id}
              className={`cursor-pointer ${user.id === opened ? 'bg-accent-soft [&_.pill]:bg-surface' : 'hover:bg-surface-2'}`}
              onClick={(event) => onOpen(user.id, event.detail === 0)}
            >
              <th
                scope="row"
                className={`${cell} text-left ${isForgotten(user) ? 'font-normal text-muted' : 'font-[550]'}`}
              >
                <button
                  type="button"
                  id={rowId(user.id)}
                  aria-current={user.id === opened ? 'true' : undefined}
                  className="block w-full truncate rounded-sm text-left"
                  title={isForgotten(user) ? undefined : `${user.displayName} (${user.username})`}
                >
                  {user.displayName}
                </button>
              </th>
              <Cut words={isForgotten(user) ? '' : user.email} className={roomy} />
              <Cut words={rolesWords(user.roles)} />
              <Cut words={sitesWords(user)} />
              <td className={`${cell} tabular-nums ${user.lastLoginAt ? '' : 'text-muted'} ${roomy}`}>
                {user.lastLoginAt
                  ? recentWords(user.lastLoginAt, readerZone(), now)
                  : !isForgotten(user) && 'Never'}
              </td>
              <td className={cell}>
                <UserStatusPill status={user.status} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Their user name and address lead nowhere. */
const isForgotten = ({ status }: User) => status === 'forgotten'

const sitesWords = ({ roles, sites }: User): string =>
  roles.includes('admin') ? 'All' : sites.map(({ name }) => name).join(', ')

const Cut = ({ words, className = '' }: { words: string; className?: string }) => (
  <td className={`${cell} truncate ${className}`} title={words}>
    {words}
  </td>
)
