import type { LocalInteraction } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { useMay, useSession } from '../../app/session.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { openVisit } from '../../app/workspace.ts'
import { TextButton } from '../../ui/Button.tsx'

/**
 * The way from a record to the visit it is of: to one's own where it is on this device, and to those of others for whoever
 * may read them, since only the server knows whether there is one.
 */
export function VisitLink({ record: { id, createdBy } }: { record: LocalInteraction }) {
  const mayReadOthers = useMay('visit.read', { userId: '', inTeam: true })
  const isOwn = useSession(({ user }) => user?.id === createdBy)
  const own = useAnswer(id, () => ask('visits.open', { id })).value?.open
  if (!own && (isOwn || !mayReadOthers)) return null
  return (
    <TextButton className="block" onClick={() => openVisit(id, 'visits')}>
      Open the visit
    </TextButton>
  )
}
