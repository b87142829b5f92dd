import { create } from 'zustand'
import { longestPeriod, type SeriesUnit } from '#common/contract/analytics'
import { useSession } from '../../app/session.ts'
import type { VisitsSought } from '../../app/workspace.ts'
import {
  type Days,
  daysUpTo,
  lengthOf,
  monthAt,
  quarterOf,
  today,
  weekOf,
  yearUpTo,
} from '../../ui/periods.ts'

export const periodNames = ['week', 'month', 'quarter', 'last30', 'last90', 'year', 'own'] as const
export type PeriodName = (typeof periodNames)[number]

export const periodWords: Record<PeriodName, string> = {
  week: 'This week',
  month: 'This month',
  quarter: 'This quarter',
  last30: 'Last 30 days',
  last90: 'Last 90 days',
  year: 'Last 12 months',
  own: 'Own days',
}

interface Named {
  id: string
  name: string
}

export interface AnalyticsFilters {
  period: PeriodName
  /** Where it is one's own. */
  own: Days
  site: Named | null
  team: Named | null
  agent: Named | null
  brand: Named | null
}

/** What figures are asked for; it stays while the person is on another screen, and looks at the rows behind one. */
export const useFilters = create<AnalyticsFilters & { refreshed: number }>(() => ({
  period: 'last30',
  own: daysUpTo(today(), 30),
  site: null,
  team: null,
  agent: null,
  brand: null,
  refreshed: 0,
}))

export const putFilters = (changes: Partial<AnalyticsFilters>) => useFilters.setState(changes)

/** Has all figures counted anew. */
export const refresh = () => useFilters.setState(({ refreshed }) => ({ refreshed: refreshed + 1 }))

// To somebody else, or in another organisation, these names mean nothing.
useSession.subscribe(({ user, entered }, before) => {
  if (user?.id !== before.user?.id || entered?.id !== before.entered?.id)
    useFilters.setState(useFilters.getInitialState(), true)
})

/**
 * The first and last day of what is asked for, where `day` is today. A week or month that goes on is asked for up to
 * today: beside as many days before it would else seem to have too little.
 */
export function daysOf(asked: Pick<AnalyticsFilters, 'period' | 'own'>, day: string): Days {
  const { from, to } = wholeOf(asked, day)
  return { from, to: asked.period !== 'own' && to > day ? day : to }
}

function wholeOf({ period, own }: Pick<AnalyticsFilters, 'period' | 'own'>, day: string): Days {
  switch (period) {
    case 'week':
      return weekOf(day)
    case 'month':
      return monthAt(day)
    case 'quarter':
      return quarterOf(day)
    case 'last30':
      return daysUpTo(day, 30)
    case 'last90':
      return daysUpTo(day, 90)
    case 'year':
      return yearUpTo(day)
    case 'own':
      return own
  }
}

/** What is wrong with one's own days; null where nothing is. */
export function ownProblem({ from, to }: Days): string | null {
  if (from === '' || to === '') return 'Choose the first and the last day.'
  if (to < from) return 'The last day is before the first.'
  return lengthOf({ from, to }) > longestPeriod ? 'At most five years can be asked for at once.' : null
}

/** In which steps so many days are drawn: neither a few dots nor a thicket. */
export function unitOf(days: Days): SeriesUnit {
  const length = lengthOf(days)
  if (length <= 45) return 'day'
  return length <= 400 ? 'week' : 'month'
}

/** As the server is asked, without the brand. */
export const queryOf = ({ site, team, agent }: AnalyticsFilters, days: Days) => ({
  ...days,
  ...(site && { siteId: site.id }),
  ...(team && { teamId: team.id }),
  ...(agent && { agentId: agent.id }),
})

/** The visits that figures of these days are about. */
export const soughtOf = ({ site, team, agent }: AnalyticsFilters, { from, to }: Days): VisitsSought => ({
  from,
  until: to,
  ...(site && { siteId: site.id }),
  ...(team && { team }),
  ...(agent && { agent }),
})
