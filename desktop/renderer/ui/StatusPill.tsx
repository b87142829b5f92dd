import type { Status } from '#common/contract/interactions'
import { capital } from './field-rows.ts'
import { Pill, type Tone } from './Pill.tsx'

const tones: Record<Status, Tone> = {
  draft: 'plain',
  incomplete: 'orange',
  complete: 'green',
  active: 'accent',
  archived: 'violet',
}

/** Where a record is in its life; the colour is the same everywhere. */
export const StatusPill = ({ status }: { status: Status }) => (
  <Pill tone={tones[status]}>{capital(status)}</Pill>
)
