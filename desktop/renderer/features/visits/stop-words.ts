import type { Stop } from '#desktop/bridge/today'
import { dayRangeWords, recentDayWords } from '../../ui/date-words.ts'

/** When a visit of a call cycle is to be made, or what became of it; `today` is a day of the cycle's. */
export function stopWords(
  { group, from, to, dueOn, visit }: Pick<Stop, 'group' | 'from' | 'to' | 'dueOn' | 'visit'>,
  today: string,
): string {
  const day = (date: string) => recentDayWords(date, today)
  switch (group) {
    case 'due':
      return dueOn === today ? 'Due today' : `Due since ${day(dueOn)}`
    case 'open':
      return dueOn === to ? `By ${day(dueOn)}` : `Due ${day(dueOn)}`
    case 'done':
      return visit && visit.date !== today ? `Visited ${day(visit.date)}` : 'Visited today'
    case 'missed':
      return `Missed ${dayRangeWords(from, to)}`
  }
}

/** 3 of 8 done; null where there is nothing to do today. */
export function routeWords(stops: readonly Pick<Stop, 'group'>[]): string | null {
  const done = stops.filter(({ group }) => group === 'done').length
  const due = stops.filter(({ group }) => group === 'due').length
  return done + due === 0 ? null : `${done} of ${done + due} done`
}
