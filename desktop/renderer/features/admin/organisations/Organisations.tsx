import { Landmark, Plus, SearchX } from 'lucide-react'
import { useState } from 'react'
import type { Tenant } from '#common/contract/tenants'
import type { TenantQuery } from '#desktop/bridge/tenants'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useCommands } from '../../../app/commands.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { whenClean } from '../../../app/workspace.ts'
import { Button } from '../../../ui/Button.tsx'
import { countWords, numberWords } from '../../../ui/date-words.ts'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { Pages } from '../../../ui/Pages.tsx'
import { SearchBox } from '../../../ui/SearchBox.tsx'
import { State } from '../../../ui/State.tsx'
import { focusPanel, WithPanel } from '../../../ui/SidePanel.tsx'
import { OrganisationAddDialog } from './OrganisationAddDialog.tsx'
import { OrganisationPanel } from './OrganisationPanel.tsx'
import { OrganisationsTable, organisationRowId } from './OrganisationsTable.tsx'

/** Every organisation of the server, for super admins. */
export function Organisations() {
  const online = useSync((sync) => sync.online)
  const [query, setQuery] = useState<TenantQuery>({ search: '', page: 1 })
  const isAll = query.search.trim() === ''
  const { value, problem, reload } = useAnswer(`${online} ${JSON.stringify(query)}`, () =>
    ask('tenants.list', query).then((page) => ({ ...page, isAll })),
  )
  const [opened, setOpened] = useState<{ tenant: Tenant; focus: boolean } | null>(null)
  const [adding, setAdding] = useState(false)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const tenants = value?.tenants ?? []
  // It may have left the page since it was opened, by its new name say.
  const listed = tenants.find(({ id }) => id === opened?.tenant.id)
  const tenant = opened && listed && listed.version >= opened.tenant.version ? listed : opened?.tenant

  const open = (next: Tenant, focus: boolean) =>
    next.id === tenant?.id ? focus && focusPanel() : whenClean(() => setOpened({ tenant: next, focus }))
  const close = () =>
    whenClean(() => {
      setOpened(null)
      if (tenant) document.getElementById(organisationRowId(tenant.id))?.focus()
    })
  const changed = async (after: Tenant | null, id: string) => {
    const read = () => ask('tenants.read', { id }).then((answer) => answer.tenant)
    const now = after ?? (await read().catch(() => null))
    if (now) setOpened((still) => (still?.tenant.id === id ? { ...still, tenant: now } : still))
    await reload()
  }
  const add = () => whenClean(() => setAdding(true))
  useCommands('organisations', () =>
    online ? [{ id: 'tenants.add', words: 'Add an organisation', run: add }] : [],
  )
  return (
    <WithPanel isOpen={opened !== null} onClose={close}>
      <AdminScreen
        title="Organisations"
        about="Each has its own people, sites and records, and sees nothing of the others."
        actions={
          <>
            <SearchBox label="Search organisations" onSearch={(search) => setQuery({ search, page: 1 })} />
            <Button look="primary" disabled={!online} onClick={add}>
              <Plus aria-hidden size={15} /> Add organisation
            </Button>
          </>
        }
      >
        {failed && (
          <Failed
            problem={failed}
            title="The organisations could not be read"
            onRetry={() => void reload()}
          />
        )}
        {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
        {!value && !problem && <Loading words="Reading the organisations" />}
        {value && !failed && (
          <p
            role="status"
            aria-label="Organisations found"
            className="mb-1 text-right text-muted tabular-nums"
          >
            {value.isAll ? countWords(value.total, 'organisation') : `${numberWords(value.total)} found`}
          </p>
        )}
        {value && !failed && tenants.length === 0 && <Nothing isAll={value.isAll} />}
        {value && !failed && tenants.length > 0 && (
          <OrganisationsTable tenants={tenants} opened={tenant?.id} onOpen={open} />
        )}
        {value && !failed && (
          <Pages {...value} page={query.page} onPage={(page) => setQuery({ ...query, page })} />
        )}
      </AdminScreen>
      {opened && tenant && (
        <OrganisationPanel
          key={tenant.id}
          tenant={tenant}
          focus={opened.focus}
          onChanged={(after) => changed(after, tenant.id)}
          onClose={close}
        />
      )}
      {adding && (
        <OrganisationAddDialog
          onClose={() => setAdding(false)}
          onAdded={(added) => {
            setAdding(false)
            setOpened({ tenant: added, focus: false })
            void reload()
          }}
        />
      )}
    </WithPanel>
  )
}

const Nothing = ({ isAll }: { isAll: boolean }) =>
  isAll ? (
    <State icon={Landmark} title="There are no organisations yet">
      <p>Add the first one with its first admin, who is invited by mail.</p>
    </State>
  ) : (
    <State icon={SearchX} title="No organisation found">
      <p>None fits this search. Try fewer or other words.</p>
    </State>
  )
