import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { useFilters } from './analytics-filters.ts'

export type Figures<T> = ReturnType<typeof useFigures<T>>

/** What the server counts, anew whenever something else is asked for. `isOld`: it answers what was asked before. */
export function useFigures<T>(asked: unknown, read: () => Promise<T>) {
  const online = useSync((sync) => sync.online)
  const refreshed = useFilters((filters) => filters.refreshed)
  const key = JSON.stringify(asked)
  const { value, problem, reload } = useAnswer(`${online} ${refreshed} ${key}`, async () => ({
    key,
    figures: await read(),
  }))
  return { value: value?.figures ?? null, isOld: value !== null && value.key !== key, problem, reload }
}
