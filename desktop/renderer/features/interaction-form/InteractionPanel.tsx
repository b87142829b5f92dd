import { useEffect, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { LocalInteraction, Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { type Panel, useWorkspace } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { type KeptDraft, readDraft } from './drafts.ts'
import { InteractionForm } from './InteractionForm.tsx'
import { Missing, PanelFrame } from './PanelFrame.tsx'

const places = {
  beside:
    'w-(--panel) shrink-0 border-l max-[56rem]:absolute max-[56rem]:inset-y-0 max-[56rem]:right-0 max-[56rem]:w-[min(100%,var(--panel))] max-[56rem]:shadow-float',
  wide: 'panel-wide min-w-0 flex-1',
}

/** The open record beside the list, or in its place. */
export function InteractionPanel({ site }: { site: SiteMembership }) {
  const { panel, isWide } = useWorkspace()
  if (!panel) return null
  return (
    <aside
      aria-label="Interaction"
      className={`z-10 flex flex-col border-line bg-surface ${isWide ? places.wide : places.beside}`}
    >
      <PanelContent key={panel.key} panel={panel} site={site} />
    </aside>
  )
}

/** What the form begins with: the record, null for a new one, and what was typed into it before the app ended. */
interface Opened {
  record: LocalInteraction | null
  draft: KeptDraft | null
}
type Found = Opened | 'loading' | 'missing' | Problem

async function openingOf(id: string | null, siteId: string, isCopy: boolean): Promise<Opened | 'missing'> {
  // What a copy starts with is not to be mixed with an earlier draft.
  if (id === null) return { record: null, draft: isCopy ? null : await readDraft(siteId, null, null) }
  const { interaction: record } = await ask('interaction.read', { id })
  return record ? { record, draft: await readDraft(record.siteId, id, record) } : 'missing'
}

/** A form that began empty stays the same form once its record is saved. */
function PanelContent({ panel, site }: { panel: Panel; site: SiteMembership }) {
  const [{ id, siteId, isCopy }] = useState({
    id: panel.id,
    siteId: site.id,
    isCopy: panel.copied !== null,
  })
  const [found, setFound] = useState<Found>('loading')
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let current = true
    openingOf(id, siteId, isCopy).then(
      (opening) => current && setFound(opening),
      (error: unknown) => current && setFound(problemOf(error)),
    )
    return () => {
      current = false
    }
  }, [id, siteId, isCopy, attempt])

  if (found === 'loading') return <Loading />
  if (found === 'missing') return <Missing />
  if ('code' in found) {
    return (
      <PanelFrame title="Interaction">
        <div className="p-4">
          <ProblemNotice problem={found} />
          <Button className="mt-3" onClick={() => setAttempt(attempt + 1)}>
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
