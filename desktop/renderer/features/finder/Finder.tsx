import { FileDown, Plus } from 'lucide-react'
import { type RefObject, useEffect, useRef, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import { type Command, useCommands } from '../../app/commands.ts'
import { clearEverything, goToPage, paging, useFinder } from '../../app/finder.ts'
import { readPreferences, usePreferences } from '../../app/preferences.ts'
import { useMay, useSession } from '../../app/session.ts'
import { useIsFetching } from '../../app/sync.ts'
import { useViews } from '../../app/views.ts'
import { startNew } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { numberWords } from '../../ui/date-words.ts'
import { Kbd } from '../../ui/Kbd.tsx'
import { BarLabel } from './BarLabel.tsx'
import { startBulk } from './bulk.ts'
import { BulkDialog } from './BulkDialog.tsx'
import { BulkNotice } from './BulkNotice.tsx'
import { ChosenBar } from './ChosenBar.tsx'
import { ColumnsButton } from './ColumnsMenu.tsx'
import { ExportDialog } from './ExportDialog.tsx'
import { startExport, useMayExport } from './exports.ts'
import { FiltersButton, FilterTags } from './Filters.tsx'
import { FinderFooter } from './FinderFooter.tsx'
import { FinderGrid } from './FinderGrid.tsx'
import { FinderState } from './FinderStates.tsx'
import { openMenu } from './menus.ts'
import { RowMenu } from './RowMenu.tsx'
import { useSavingView } from './saving-view.ts'
import { tickAllFound, tickPage, untick } from './ticks.ts'
import { showView } from './view-state.ts'
import { ViewsMenu } from './ViewsMenu.tsx'

/** The home screen: the interactions of a site, searched, filtered, sorted and paged on this device. */
export function Finder({ site }: { site: SiteMembership }) {
  const [attempt, setAttempt] = useState(0)
  const chosen = useFinder((finder) => finder.chosen.size > 0)
  const ready = usePreferencesOfPerson()
  const filters = useRef<HTMLButtonElement>(null)
  useFinderCommands()
  return (
    <section aria-label="Interactions" className="flex min-w-0 flex-1 flex-col">
      <div className="@container/bar flex min-h-[47px] flex-wrap items-center gap-2 border-b border-line bg-surface px-3.5 py-1.5">
        <h1 className={chosen ? 'sr-only' : 'text-xl font-semibold tracking-tight'}>Interactions</h1>
        {chosen && <ChosenBar />}
        <div className={chosen ? 'hidden' : 'contents'}>
          <ListBar site={site} filters={filters} />
        </div>
      </div>
      <FilterTags siteId={site.id} chosenAt={filters} />
      <div className="relative min-h-0 flex-1 bg-surface">
        {ready && <FinderGrid key={`${site.id} ${attempt}`} siteId={site.id} />}
        <FinderState siteName={site.name} onRetry={() => setAttempt(attempt + 1)} />
      </div>
      <BulkNotice />
      <FinderFooter />
      <RowMenu site={site} />
      <BulkDialog site={site} />
      <ExportDialog site={site} />
    </section>
  )
}

function ListBar({ site, filters }: { site: SiteMembership; filters: RefObject<HTMLButtonElement | null> }) {
  const mayCreate = useMay('interaction.create')
  const mayExport = useMayExport()
  const nothing = useFinder(({ shown, found }) => shown.length === 0 && !found)
  return (
    <>
      <Counts />
      <ViewsMenu site={site} />
      <span className="flex-1" />
      <ColumnsButton />
      <FiltersButton ref={filters} siteId={site.id} />
      {mayExport && (
        <Button title="Export" disabled={nothing} onClick={() => startExport({ chosen: false })}>
          <FileDown aria-hidden size={14} /> <BarLabel>Export</BarLabel>
        </Button>
      )}
      {mayCreate && (
        <Button look="primary" onClick={startNew}>
          <Plus aria-hidden size={15} /> New <Kbd keys="n" onAccent />
        </Button>
      )}
    </>
  )
}

/** The grid waits for the columns the person has, so that it never moves them before their eyes. */
function usePreferencesOfPerson(): boolean {
  const userId = useSession(({ user }) => user?.id)
  const of = usePreferences((preferences) => preferences.of)
  useEffect(() => {
    if (userId) void readPreferences(userId)
  }, [userId])
  return userId !== undefined && of === userId
}

/** What the command palette offers while the Finder is on. */
function useFinderCommands() {
  const mayChange = useMay('interaction.update')
  const mayDelete = useMay('interaction.deleteMany')
  const mayExport = useMayExport()
  useCommands('finder', () => {
    const { chosen, found, page, search, filters, view } = useFinder.getState()
    const perPage = paging()
    const command = (id: string, words: string, run: () => void): Command => ({ id, words, run })
    const when = (condition: boolean, ...commands: Command[]) => (condition ? commands : [])
    const some = chosen.size > 0
    return [
      command('filters', 'Filters', () => openMenu('filters')),
      command('columns', 'Columns', () => openMenu('columns')),
      ...when(
        search !== '' || Object.keys(filters).length > 0,
        command('clear', 'Clear search and filters', clearEverything),
      ),
      ...when(
        perPage !== 'endless' && page > 0,
        command('previous', 'Previous page', () => goToPage(page - 1)),
      ),
      ...when(
        perPage !== 'endless' && (page + 1) * perPage < (found ?? Infinity),
        command('next', 'Next page', () => goToPage(page + 1)),
      ),
      { ...command('tick-page', 'Choose the page', () => void tickPage()), shortcut: 'tickPage' as const },
      command('tick-all', 'Choose all found', () => void tickAllFound()),
      ...when(some, { ...command('untick', 'Choose nothing', untick), shortcut: 'untick' as const }),
      ...when(
        some && mayChange,
        command('edit-chosen', 'Edit the chosen records', () => startBulk('update')),
        command('archive-chosen', 'Archive the chosen records', () => startBulk('archive')),
      ),
      ...when(
        some && mayDelete,
        command('delete-chosen', 'Delete the chosen records', () => startBulk('delete')),
      ),
      ...when(
        some && mayExport,
        command('export-chosen', 'Export the chosen records', () => startExport({ chosen: true })),
      ),
      ...when(
        Boolean(found) && mayExport,
        command('export', 'Export all found', () => startExport({ chosen: false })),
      ),
      command('save-view', 'Save as a view', () => useSavingView.setState({ saving: 'new' })),
      ...when(
        view !== null,
        command('view-', 'View: All interactions', () => showView(null)),
      ),
      ...(useViews.getState().views ?? [])
        .filter(({ id }) => id !== view?.id)
        .map((each) => command(`view-${each.id}`, `View: ${each.name}`, () => showView(each))),
    ]
  })
}

function Counts() {
  const found = useFinder((finder) => finder.found)
  const total = useFinder((finder) => finder.total)
  const fetching = useIsFetching()
  if (total === null) return null
  const counting = found === null ? '…' : numberWords(found)
  const words = found === total ? numberWords(total) : `${counting} of ${numberWords(total)}`
  const soFar = fetching && total > 0 ? ' so far' : ''
  return (
    <span role="status" aria-label="Interactions found" className="text-muted">
      {words}
      {soFar}
    </span>
  )
}
