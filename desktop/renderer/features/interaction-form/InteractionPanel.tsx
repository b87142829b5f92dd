import { useEffect, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { LocalInteraction, Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { type Panel, useWorkspace } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { InteractionForm } from './InteractionForm.tsx'
import { Missing, PanelFrame } from './PanelFrame.tsx'

/** The open record beside the list. */
export function InteractionPanel({ site }: { site: SiteMembership }) {
  const panel = useWorkspace((workspace) => workspace.panel)
  if (!panel) return null
  return (
    <aside
      aria-label="Interaction"
      className="z-10 flex w-(--panel) shrink-0 flex-col border-l border-line bg-surface max-[56rem]:absolute max-[56rem]:inset-y-0 max-[56rem]:right-0 max-[56rem]:w-[min(100%,var(--panel))] max-[56rem]:shadow-float"
    >
      <PanelContent key={panel.key} panel={panel} site={site} />
    </aside>
  )
}

/** A form that began empty stays the same form once its record is saved. */
function PanelContent({ panel, site }: { panel: Panel; site: SiteMembership }) {
  const [openedId] = useState(panel.id)
  if (openedId === null) return <InteractionForm panel={panel} site={site} record={null} />
  return <OpenedForm id={openedId} panel={panel} site={site} />
}

type Found = LocalInteraction | 'loading' | 'missing' | Problem

function OpenedForm({ id, panel, site }: { id: string; panel: Panel; site: SiteMembership }) {
  const [found, setFound] = useState<Found>('loading')
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let current = true
    ask('interaction.read', { id }).then(
      ({ interaction }) => current && setFound(interaction ?? 'missing'),
      (error: unknown) => current && setFound(problemOf(error)),
    )
    return () => {
      current = false
    }
  }, [id, attempt])

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
  return <InteractionForm panel={panel} site={site} record={found} />
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
