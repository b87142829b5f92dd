import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import { useFinder } from '../../app/finder.ts'
import { useMay } from '../../app/session.ts'
import { useIsFetching } from '../../app/sync.ts'
import { startNew } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { numberWords } from '../../ui/date-words.ts'
import { Kbd } from '../../ui/Kbd.tsx'
import { FiltersButton, FilterTags } from './Filters.tsx'
import { FinderFooter } from './FinderFooter.tsx'
import { FinderGrid } from './FinderGrid.tsx'
import { FinderState } from './FinderStates.tsx'

/** The home screen: the interactions of a site, searched, filtered, sorted and paged on this device. */
export function Finder({ site }: { site: SiteMembership }) {
  const mayCreate = useMay('interaction.create')
  const [attempt, setAttempt] = useState(0)
  return (
    <section aria-label="Interactions" className="flex min-w-0 flex-1 flex-col">
      <div className="flex min-h-[47px] flex-wrap items-center gap-2 border-b border-line bg-surface px-3.5 py-1.5">
        <h1 className="text-xl font-semibold tracking-tight">Interactions</h1>
        <Counts />
        <span className="flex-1" />
        <FiltersButton siteId={site.id} />
        {mayCreate && (
          <Button look="primary" onClick={startNew}>
            <Plus aria-hidden size={15} /> New <Kbd keys="n" onAccent />
          </Button>
        )}
      </div>
      <FilterTags />
      <div className="relative min-h-0 flex-1 bg-surface">
        <FinderGrid key={`${site.id} ${attempt}`} siteId={site.id} />
        <FinderState siteName={site.name} onRetry={() => setAttempt(attempt + 1)} />
      </div>
      <FinderFooter />
    </section>
  )
}

function Counts() {
  const { found, total } = useFinder()
  const fetching = useIsFetching()
  if (found === null || total === null) return null
  const words = found === total ? numberWords(total) : `${numberWords(found)} of ${numberWords(total)}`
  const soFar = fetching && total > 0 ? ' so far' : ''
  return (
    <span role="status" aria-label="Interactions found" className="text-muted">
      {words}
      {soFar}
    </span>
  )
}
