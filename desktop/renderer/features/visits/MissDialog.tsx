import type { Stop } from '#desktop/bridge/today'
import { ask } from '../../app/bridge.ts'
import { ReasonDialog } from '../../app/ReasonDialog.tsx'

/** Why a visit of a call cycle was not made, or will not be. Kept on this device at once, and sent when it can be. */
export function MissDialog({ stop, onClose }: { stop: Stop; onClose: () => void }) {
  const { cycleId, locationId, period, slot } = stop
  return (
    <ReasonDialog
      title={stop.group === 'missed' ? 'Why was it missed?' : 'Why will it not be made?'}
      shopName={stop.shop?.name ?? 'A shop that is not on this device'}
      reason={stop.reason}
      onSave={(reason) => ask('today.explain', { cycleId, locationId, period, slot, reason })}
      onClose={onClose}
    />
  )
}
