import { Building2, Plus } from 'lucide-react'
import { useState } from 'react'
import { may } from '#common/rules/permissions'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useCommands } from '../../../app/commands.ts'
import { useMay, useSession } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { whenClean } from '../../../app/workspace.ts'
import { Button } from '../../../ui/Button.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { State } from '../../../ui/State.tsx'
import { focusPanel, WithPanel } from '../../../ui/SidePanel.tsx'
import { SiteAddDialog } from './SiteAddDialog.tsx'
import { SitePanel } from './SitePanel.tsx'
import { siteRowId, SitesTable } from './SitesTable.tsx'

/** The sites of the organisation; for administrators of a site theirs. */
export function Sites() {
  const online = useSync((sync) => sync.online)
  const user = useSession((session) => session.user)
  const mayCreate = useMay('site.create')
  const { value, problem, reload } = useAnswer(`${online}`, () => ask('sites.list', {}))
  const [opened, setOpened] = useState<{ id: string; focus: boolean } | null>(null)
  const [adding, setAdding] = useState(false)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const sites = value?.sites.filter((site) => user && may(user, 'site.people', { siteId: site.id })) ?? []
  const site = sites.find(({ id }) => id === opened?.id)

  const open = (id: string, focus: boolean) =>
    id === opened?.id ? focus && focusPanel() : whenClean(() => setOpened({ id, focus }))
  const close = () =>
    whenClean(() => {
      setOpened(null)
      if (opened) document.getElementById(siteRowId(opened.id))?.focus()
    })
  const add = () => whenClean(() => setAdding(true))
  useCommands('sites', () =>
    mayCreate && online ? [{ id: 'sites.add', words: 'Add a site', run: add }] : [],
  )
  return (
    <WithPanel isOpen={opened !== null} onClose={close}>
      <AdminScreen
        title="Sites"
        about="Branches, departments or territories: everything that is written down belongs to one, and people see those they belong to."
        actions={
          mayCreate && (
            <Button look="primary" disabled={!online} onClick={add}>
              <Plus aria-hidden size={15} /> Add site
            </Button>
          )
        }
      >
        {failed && (
          <Failed problem={failed} title="The sites could not be read" onRetry={() => void reload()} />
        )}
        {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
        {!value && !problem && <Loading words="Reading the sites" />}
        {value && !failed && sites.length === 0 && (
          <State icon={Building2} title="There are no sites yet">
            <p>Add the first one: people and records need a site.</p>
          </State>
        )}
        {value && !failed && sites.length > 0 && (
          <SitesTable sites={sites} opened={opened?.id} onOpen={open} />
        )}
      </AdminScreen>
      {opened && site && (
        <SitePanel
          key={site.id}
          site={site}
          focus={opened.focus}
          onChanged={() => reload()}
          onClose={close}
        />
      )}
      {adding && (
        <SiteAddDialog
          onClose={() => setAdding(false)}
          onAdded={async (id) => {
            await reload()
            setAdding(false)
            setOpened({ id, focus: false })
          }}
        />
      )}
    </WithPanel>
  )
}
