import type { TeamLevel } from '#common/contract/teams'
import type { Tone } from '../../../ui/Pill.tsx'

export const levelWords: Record<TeamLevel, { words: string; tone: Tone }> = {
  nation: { words: 'Nation', tone: 'violet' },
  region: { words: 'Region', tone: 'blue' },
  area: { words: 'Area', tone: 'green' },
  team: { words: 'Team', tone: 'plain' },
}
