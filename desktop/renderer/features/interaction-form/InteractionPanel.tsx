import { useEffect, useEffectEvent, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { LocalInteraction, Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { type Panel, useWorkspace } from '../../app/workspace.ts'
import { afterDrawing } from '../../ui/after-drawing.ts'
import { Button } from '../../ui/Button.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { type KeptDraft, newsIn, readDraft } from './drafts.ts'
import { InteractionForm } from './InteractionForm.tsx'
import { Missing, PanelFrame } from './PanelFrame.tsx'

const places = {
  over: 'absolute inset-y-0 right-0 w-[min(100%,var(--panel))] border-l max-[56rem]:shadow-float',
  beside:
    'w-(--panel) shrink-0 border-l max-[56rem]:absolute max-[56rem]:inset-y-0 max-[56rem]:right-0 max-[56rem]:w-[min(100%,var(--panel))] max-[56rem]:shadow-float',
  wide: 'panel-wide min-w-0 flex-1',
}

/** The open record beside the list, or in its place. */
export function InteractionPanel({ site }: { site: SiteMembership }) {
  const panel = useWorkspace((workspace) => workspace.panel)
  const isWide = useWorkspace((workspace) => workspace.isWide)
  const hasRoom = useWorkspace((workspace) => workspace.panelHasRoom)
  const [opened, retry] = useOpened(panel, site.id)
  const isThere = panel !== null && opened !== null
  useEffect(() => {
    if (!isThere) return
    // The list is laid out anew only once the record is on the screen.
    const stop = afterDrawing(() => useWorkspace.setState({ panelHasRoom: true }))
    return () => {
      stop()
      useWorkspace.setState({ panelHasRoom: false })
    }
  }, [isThere])

  if (!isThere) return null
  const shown = panel.key === opened.panel.key ? panel : opened.panel
  const place = isWide ? 'wide' : hasRoom ? 'beside' : 'over'
  return (
    <aside aria-label="Interaction" className={`z-10 flex flex-col border-line bg-surface ${places[place]}`}>
      <PanelContent key={shown.key} panel={shown} site={site} found={opened.found} onRetry={retry} />
    </aside>
  )
}

/** What the form begins with: the record, null for a new one, and what was typed into it before the app ended. */
interface Opening {
  record: LocalInteraction | null
  draft: KeptDraft | null
}
type Found = Opening | 'loading' | 'missing' | Problem

async function openingOf({ id, copied }: Panel, siteId: string): Promise<Opening | 'missing'> {
  // What a copy starts with is not to be mixed with an earlier draft.
  if (id === null) return { record: null, draft: copied ? null : await readDraft(siteId, null) }
  const [{ interaction: record }, draft] = await Promise.all([
    ask('interaction.read', { id }),
    readDraft(siteId, id),
  ])
  if (!record) return 'missing'
  const own = record.siteId === siteId ? draft : await readDraft(record.siteId, id)
  return { record, draft: own && newsIn(own, record) }
}

/** Whoever waits longer than this (milliseconds) sees that something is under way. */
const patience = 150

/**
 * What was found for the panel; until that is there the panel before it stays, and nothing flickers. A form that
 * began empty stays the same form once its record is saved.
 */
function useOpened(panel: Panel | null, siteId: string) {
  const [opened, setOpened] = useState<{ panel: Panel; found: Found } | null>(null)
  const [attempt, setAttempt] = useState(0)
  if (!panel && opened) setOpened(null)
  const key = panel?.key ?? null
  const open = useEffectEvent(() => {
    if (!panel) return
    let current = true
    const show = (found: Found) => {
      clearTimeout(timer)
      if (current) setOpened({ panel, found })
    }
    const timer = setTimeout(() => show('loading'), patience)
    openingOf(panel, siteId).then(show, (error: unknown) => show(problemOf(error)))
    return () => {
      current = false
      clearTimeout(timer)
    }
  })
  useEffect(() => open(), [key, attempt])
  return [opened, () => setAttempt(attempt + 1)] as const
}

function PanelContent({
  panel,
  site,
  found,
  onRetry,
}: {
  panel: Panel
  site: SiteMembership
  found: Found
  onRetry: () => void
}) {
  if (found === 'loading') return <Loading />
  if (found === 'missing') return <Missing />
  if ('code' in found) {
    return (
      <PanelFrame title="Interaction">
        <div className="p-4">
          <ProblemNotice problem={found} />
          <Button className="mt-3" onClick={onRetry}>
            Try again
          </Button>
        </div>
      </PanelFrame>
    )
  }
  return <InteractionForm panel={panel} site={site} {...found} />
}

function Loading() {
  return (
    <PanelFrame title="">
      <div role="status" aria-label="Opening" className="space-y-5 p-4">
        {['w-full', 'w-full', 'w-2/3', 'w-full', 'w-full'].map((width, index) => (
          <div key={index} className="space-y-2">
            <div className="skeleton h-2.5 w-16" />
            <div className={`skeleton h-8 ${width}`} />
          </div>
        ))}
      </div>
    </PanelFrame>
  )
}
