import type { SeriesUnit } from '#common/contract/analytics'
import { dayRangeWords, dayWords, numberWords } from '../../ui/date-words.ts'
import type { Days } from '../../ui/periods.ts'

/** 31.2 %; a dash where nothing was measured. */
export const percentWords = (percent: number | null): string =>
  percent === null ? '–' : `${(Math.round(percent * 10) / 10).toLocaleString('en-GB')} %`

/** As `percentWords`, of a part of one. */
export const shareWords = (share: number | null): string => percentWords(share === null ? null : share * 100)

export interface Change {
  words: string
  /** Up, down, or neither. */
  way: 1 | 0 | -1
}

/** How much more or less than before: “6.1 %”; where there was nothing before, that. */
export function changeOf(now: number, before: number): Change {
  if (now === before) return { words: 'as before', way: 0 }
  if (before === 0) return { words: 'none before', way: 0 }
  const change = ((now - before) / before) * 100
  return { words: percentWords(Math.abs(change)), way: change > 0 ? 1 : -1 }
}

/** Between percentages: “0.8 points”; null where one of them was not measured. */
export function pointsOf(now: number | null, before: number | null): Change | null {
  if (now === null || before === null) return null
  const change = Math.round((now - before) * 10) / 10
  if (change === 0) return { words: 'as before', way: 0 }
  return { words: `${numberWords(Math.abs(change))} points`, way: change > 0 ? 1 : -1 }
}

/** A step of a series on its axis: 22 Aug, or Aug 2026. */
export function axisWords({ from }: Days, unit: SeriesUnit): string {
  const [date = '', month = '', year = ''] = dayWords(from).split(' ')
  return unit === 'month' ? `${month} ${year}` : `${date} ${month}`
}

/** A step of a series, whole. */
export const stepWords = ({ from, to }: Days): string => dayRangeWords(from, to)

export const unitWords: Record<SeriesUnit, string> = { day: 'a day', week: 'a week', month: 'a month' }
