import type { Status } from '#common/contract/interactions'
import { actionsOf, type StatusAction } from '#common/rules/interaction-rules'
import { Button } from '../../ui/Button.tsx'
import { StatusPill } from '../../ui/StatusPill.tsx'

/** Where the record is in its life, and the ways on from there; each saves it. */
export function StatusField({ status, onAct }: { status: Status; onAct: ((to: Status) => void) | null }) {
  const explain = ({ to }: StatusAction) =>
    to === 'complete' && (status === 'draft' || status === 'incomplete')
      ? 'Saves it; needs a title, type, lead, start, end and time zone'
      : `Saves it as ${to}`
  return (
    <div role="group" aria-label="Status">
      <span aria-hidden className="mb-1 block font-[550]">
        Status
      </span>
      <div className="flex min-h-[31px] flex-wrap items-center gap-x-2 gap-y-1.5">
        <span className="mr-0.5 inline-flex" aria-label={`Status: ${status}`} role="img">
          <StatusPill status={status} />
        </span>
        {onAct &&
          actionsOf(status).map((action) => (
            <Button key={action.to} title={explain(action)} onClick={() => onAct(action.to)}>
              {action.words}
            </Button>
          ))}
      </div>
    </div>
  )
}
