import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'
import type { User, UserStatus } from '#common/contract/users'
import type { PeopleQuery } from '#desktop/bridge/people'
import { readerZone, recentWords } from '../../ui/date-words.ts'
import { Pill } from '../../ui/Pill.tsx'
import { cell, head } from '../../ui/table.ts'
import { rolesWords, statusWords } from './person-words.ts'
import { stepThrough } from './step-through.ts'

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
              <th scope="row" className={`${cell} text-left font-[550]`}>
                <button
                  type="button"
                  id={rowId(user.id)}
                  aria-current={user.id === opened ? 'true' : undefined}
                  className="block w-full truncate rounded-sm text-left"
                  title={`${user.displayName} (${user.username})`}
                >
                  {user.displayName}
                </button>
              </th>
              <Cut words={user.email} className={roomy} />
              <Cut words={rolesWords(user.roles)} />
              <Cut words={sitesWords(user)} />
              <td className={`${cell} tabular-nums ${user.lastLoginAt ? '' : 'text-muted'} ${roomy}`}>
                {user.lastLoginAt ? recentWords(user.lastLoginAt, readerZone(), now) : 'Never'}
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

const sitesWords = ({ roles, sites }: User): string =>
  roles.includes('admin') ? 'All' : sites.map(({ name }) => name).join(', ')

const Cut = ({ words, className = '' }: { words: string; className?: string }) => (
  <td className={`${cell} truncate ${className}`} title={words}>
    {words}
  </td>
)

function SortedHead({
  by,
  sort,
  onSort,
  latestFirst = false,
  className = '',
  children,
}: {
  by: 'displayName' | 'email' | 'lastLoginAt'
  sort: Sort
  onSort: (sort: Sort) => void
  latestFirst?: boolean
  className?: string
  children: ReactNode
}) {
  const up = sort === by
  const down = sort === `-${by}`
  const Arrow = up ? ArrowUp : ArrowDown
  return (
    <th
      scope="col"
      aria-sort={up ? 'ascending' : down ? 'descending' : undefined}
      className={`${head} sticky top-0 bg-surface ${className}`}
    >
      <button
        type="button"
        className="flex items-center gap-1 rounded-sm hover:text-text"
        onClick={() => onSort(up || (!down && latestFirst) ? `-${by}` : by)}
      >
        {children}
        {(up || down) && <Arrow aria-hidden size={13} className="text-accent" />}
      </button>
    </th>
  )
}
