import { UserRoundX } from 'lucide-react'
import { useState } from 'react'
import type { Site, SiteRole, SiteUser } from '#common/contract/sites'
import type { Problem } from '#desktop/bridge/channels'
import { Loading } from '../../../app/AdminScreen.tsx'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { tell } from '../../../app/workspace.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button } from '../../../ui/Button.tsx'
import { numberWords } from '../../../ui/date-words.ts'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { Pages } from '../../../ui/Pages.tsx'
import { SearchBox } from '../../../ui/SearchBox.tsx'
import { asSentence } from '../../../ui/field-errors.ts'
import { RoleSelect } from '../people/PersonFields.tsx'
import { SitePersonAdd } from './SitePersonAdd.tsx'

/** Who works in a site, and as what; everything here is done at once. */
export function SitePeople({ site, onChanged }: { site: Site; onChanged: () => void }) {
  const online = useSync((sync) => sync.online)
  const [query, setQuery] = useState({ search: '', page: 1 })
  const { value, problem, reload } = useAnswer(`${online} ${JSON.stringify(query)}`, () =>
    ask('sites.people', { id: site.id, ...query }),
  )
  const [failure, setFailure] = useState<Problem | null>(null)
  const [leaving, setLeaving] = useState<SiteUser | null>(null)

  const act = async (work: () => Promise<unknown>, words: string) => {
    setFailure(null)
    let done = true
    try {
      await work()
      tell(words)
    } catch (error) {
      done = false
      setFailure(problemOf(error))
    }
    await reload()
    onChanged()
    return done
  }
  const assign = (userId: string, name: string, role: SiteRole) =>
    act(
      () => ask('sites.assign', { id: site.id, userId, role }),
      `${name} is ${words[role]} in ${site.name}.`,
    )
  const isLong = value !== null && (query.search !== '' || value.total > value.pageSize)
  return (
    <section aria-labelledby="site-people">
      <h3 id="site-people" className="font-semibold">
        People
        {value && query.search === '' && (
          <span className="ml-2 font-normal text-muted tabular-nums">{numberWords(value.total)}</span>
        )}
      </h3>
      <SitePersonAdd disabled={!online} onAdd={assign} />
      {(failure ?? problem) && <ProblemNotice problem={asSentence((failure ?? problem)!)} className="mt-3" />}
      <div className="mt-3">
        {isLong && (
          <div className="mb-2">
            <SearchBox
              className="w-full"
              label={`Search people of ${site.name}`}
              onSearch={(search) => setQuery({ search, page: 1 })}
            />
          </div>
        )}
        {!value && !problem && <Loading words="Reading the people of the site" />}
        {value?.total === 0 && (
          <p role="status" className="py-2 text-muted">
            {query.search === '' ? 'Nobody yet but the admins of the organisation.' : 'Nobody found.'}
          </p>
        )}
        {value && value.users.length > 0 && (
          <ul aria-label={`People of ${site.name}`} className="border-t border-line">
            {value.users.map((person) => (
              <li key={person.id} className="flex items-center gap-1.5 border-b border-line py-1.5">
                <span className="min-w-0 flex-1">
                  <span className="block truncate font-[550]" title={person.displayName}>
                    {person.displayName}
                  </span>
                  <span className="block truncate text-sm text-muted">
                    {person.username}
                    {!person.active && ' · disabled'}
                  </span>
                </span>
                <RoleSelect
                  label={`Role of ${person.displayName}`}
                  value={person.role}
                  disabled={!online}
                  onChange={(role) => void assign(person.id, person.displayName, role)}
                />
                <Button
                  look="icon"
                  aria-label={`Remove ${person.displayName}`}
                  title={`Remove ${person.displayName}`}
                  disabled={!online}
                  onClick={() => setLeaving(person)}
                >
                  <UserRoundX aria-hidden size={15} />
                </Button>
              </li>
            ))}
          </ul>
        )}
        {value && <Pages {...value} page={query.page} onPage={(page) => setQuery({ ...query, page })} />}
      </div>
      <Ask
        open={leaving !== null}
        title={`Remove ${leaving?.displayName} from ${site.name}?`}
        no="Cancel"
        onNo={() => setLeaving(null)}
        actions={
          <Button
            look="danger-solid"
            onClick={() => {
              if (!leaving) return
              const { id: userId, displayName } = leaving
              setLeaving(null)
              void act(
                () => ask('sites.remove', { id: site.id, userId }),
                `${displayName} no longer belongs to ${site.name}.`,
              )
            }}
          >
            Remove
          </Button>
        }
      >
        <p>
          They no longer see its records, and their devices put those away at the next contact with the
          server. They can be added again.
        </p>
      </Ask>
    </section>
  )
}

const words: Record<SiteRole, string> = {
  viewer: 'a viewer',
  editor: 'an editor',
  administrator: 'an administrator',
}
