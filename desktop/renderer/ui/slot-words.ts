import type { SlotStatus } from '#common/contract/call-cycles'
import type { Tone } from './Pill.tsx'

/** What became of a visit of a call cycle, as it is called everywhere. */
export const slotStatusWords: Record<SlotStatus, { words: string; tone: Tone }> = {
  covered: { words: 'Covered', tone: 'green' },
  due: { words: 'Due', tone: 'accent' },
  planned: { words: 'Planned', tone: 'plain' },
  missed: { words: 'Missed', tone: 'orange' },
}
