import { Plus, SearchX, UsersRound } from 'lucide-react'
import { useState } from 'react'
import { organisationRoles, userStatuses } from '#common/contract/users'
import type { PeopleQuery } from '#desktop/bridge/people'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useCommands } from '../../../app/commands.ts'
import { useMay } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { whenClean } from '../../../app/workspace.ts'
import { Button, TextButton } from '../../../ui/Button.tsx'
import { countWords, numberWords } from '../../../ui/date-words.ts'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { Pages } from '../../../ui/Pages.tsx'
import { tenantRoleWords } from '../../../ui/role-words.ts'
import { SearchBox } from '../../../ui/SearchBox.tsx'
import { State } from '../../../ui/State.tsx'
import { focusPanel, WithPanel } from '../../../ui/SidePanel.tsx'
import { Choice } from '../../../ui/Choice.tsx'
import { PeopleTable, rowId } from './PeopleTable.tsx'
import { PersonAddDialog } from './PersonAddDialog.tsx'
import type { SiteName } from './PersonFields.tsx'
import { PersonPanel } from './PersonPanel.tsx'
import { statusWords } from './person-words.ts'

const everybody = { role: null, siteId: null, status: null }

const isNarrow = ({ role, siteId, status }: PeopleQuery) =>
  role !== null || siteId !== null || status !== null

/** Who belongs to the organisation; for those who lead a team, who is in it. */
export function People() {
  const online = useSync((sync) => sync.online)
  const mayManage = useMay('user.manage')
  const [query, setQuery] = useState<PeopleQuery>({ ...everybody, search: '', sort: 'displayName', page: 1 })
  const { value, problem, reload } = useAnswer(`${online} ${JSON.stringify(query)}`, () =>
    ask('people.list', query).then((page) => ({
      ...page,
      isAll: query.search.trim() === '' && !isNarrow(query),
    })),
  )
  const sites = useAnswer(`${online}`, () => ask('sites.list', {})).value?.sites ?? []
  const [opened, setOpened] = useState<{ id: string; focus: boolean } | null>(null)
  const [adding, setAdding] = useState(false)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null

  const show = (changes: Partial<PeopleQuery>) => setQuery((before) => ({ ...before, page: 1, ...changes }))
  const open = (id: string, focus: boolean) =>
    id === opened?.id ? focus && focusPanel() : whenClean(() => setOpened({ id, focus }))
  const close = () =>
    whenClean(() => {
      setOpened(null)
      if (opened) document.getElementById(rowId(opened.id))?.focus()
    })
  const add = () => whenClean(() => setAdding(true))
  useCommands('people', () =>
    mayManage && online ? [{ id: 'people.add', words: 'Add a person', run: add }] : [],
  )
  return (
    <WithPanel isOpen={opened !== null} onClose={close}>
      <AdminScreen
        title="People"
        actions={
          <>
            <SearchBox label="Search people" onSearch={(search) => show({ search })} />
            {mayManage && (
              <Button look="primary" disabled={!online} onClick={add}>
                <Plus aria-hidden size={15} /> Add person
              </Button>
            )}
          </>
        }
      >
        <Filters query={query} sites={sites} found={failed ? null : value} onChange={show} />
        {failed && (
          <Failed problem={failed} title="The people could not be read" onRetry={() => void reload()} />
        )}
        {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
        {!value && !problem && <Loading words="Reading the people" />}
        {value && !failed && value.users.length === 0 && (
          <Nobody query={query} onClear={() => show(everybody)} />
        )}
        {value && !failed && value.users.length > 0 && (
          <PeopleTable
            users={value.users}
            sort={query.sort}
            opened={opened?.id}
            onSort={(sort) => show({ sort })}
            onOpen={open}
          />
        )}
        {value && !failed && (
          <Pages {...value} page={query.page} onPage={(page) => setQuery({ ...query, page })} />
        )}
      </AdminScreen>
      {opened && (
        <PersonPanel
          key={opened.id}
          id={opened.id}
          focus={opened.focus}
          sites={sites}
          onChanged={() => void reload()}
          onClose={close}
        />
      )}
      {adding && (
        <PersonAddDialog
          sites={sites}
          onClose={() => setAdding(false)}
          onAdded={(id) => {
            setAdding(false)
            setOpened({ id, focus: false })
            void reload()
          }}
        />
      )}
    </WithPanel>
  )
}

function Nobody({ query, onClear }: { query: PeopleQuery; onClear: () => void }) {
  const isNarrowed = isNarrow(query)
  const isSearched = query.search.trim() !== ''
  if (!isSearched && !isNarrowed)
    return (
      <State icon={UsersRound} title="Nobody is here yet">
        <p>People of your teams are listed here once they belong to one.</p>
      </State>
    )
  return (
    <State icon={SearchX} title="Nobody found">
      {isSearched && <p>Nobody fits this search. Try fewer or other words.</p>}
      {isNarrowed && <p>The filters may leave somebody out.</p>}
      {isNarrowed && (
        <Button className="mt-2" onClick={onClear}>
          Clear filters
        </Button>
      )}
    </State>
  )
}

/** What the list is narrowed to, and how many that leaves. */
function Filters({
  query,
  sites,
  found,
  onChange,
}: {
  query: PeopleQuery
  sites: readonly SiteName[]
  found: { total: number; isAll: boolean } | null
  onChange: (changes: Partial<PeopleQuery>) => void
}) {
  const { role, siteId, status } = query
  const isNarrowed = isNarrow(query)
  return (
    <div className="mb-2 flex flex-wrap items-center gap-2">
      <Choice
        label="Status"
        none="Any status"
        value={status}
        options={userStatuses.map((name) => [name, statusWords[name].words])}
        onChange={(next) => onChange({ status: next })}
      />
      <Choice
        label="Role"
        none="Any role"
        value={role}
        options={organisationRoles.map((name) => [name, tenantRoleWords[name]])}
        onChange={(next) => onChange({ role: next })}
      />
      <Choice
        label="Site"
        none="Any site"
        value={siteId}
        options={sites.map(({ id, name }) => [id, name])}
        onChange={(next) => onChange({ siteId: next })}
      />
      {isNarrowed && (
        <TextButton look="faint" className="text-sm" onClick={() => onChange(everybody)}>
          Clear filters
        </TextButton>
      )}
      <span role="status" className="ml-auto text-muted tabular-nums">
        {found &&
          (found.isAll ? countWords(found.total, 'person', 'people') : `${numberWords(found.total)} found`)}
      </span>
    </div>
  )
}
