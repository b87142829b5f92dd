import type { CallCycle, CallCycleFields, CallCycleLocation, LocationInput } from '../contract/call-cycles.ts'
import type { FieldProblem } from '../contract/errors.ts'

/**
 * Changing a call cycle. What was due before today stays what it was: once the cycle has begun, whose it is, how often
 * and from when are fixed, and shops come and go from today on.
 */

export const hasBegun = ({ startsOn }: Pick<CallCycle, 'startsOn'>, today: string): boolean =>
  startsOn <= today

/** By field, what may not be changed of a cycle that has begun. */
export function changeProblems(
  before: CallCycleFields,
  after: CallCycleFields,
  today: string,
): FieldProblem[] {
  if (!hasBegun(before, today)) return []
  const message = 'The cycle has begun: end it, and make another'
  const problems: FieldProblem[] = []
  if (before.userId !== after.userId) problems.push({ field: 'userId', message })
  if (before.teamId !== after.teamId) problems.push({ field: 'teamId', message })
  if (before.recurrence.every !== after.recurrence.every || before.recurrence.unit !== after.recurrence.unit)
    problems.push({ field: 'recurrence', message })
  if (before.startsOn !== after.startsOn) problems.push({ field: 'startsOn', message })
  const isCut = after.endsOn !== before.endsOn && after.endsOn !== null && after.endsOn < today
  if (isCut)
    problems.push({ field: 'endsOn', message: 'Must be today or later: what is over stays as it was' })
  return problems
}

interface Change {
  /** Those that are new. */
  add: CallCycleLocation[]
  /** As they are now: at another place in the day, or ended. */
  change: CallCycleLocation[]
  /** Ids of those that never asked for a visit. */
  remove: string[]
}

/**
 * What becomes of the locations of a cycle so that it has these from today on. One that asks for other visits than
 * before ends, and another goes on in its place.
 */
export function changeLocations(
  cycle: Pick<CallCycle, 'startsOn' | 'locations'>,
  wanted: readonly LocationInput[],
  today: string,
  newId: () => string,
): Change {
  const isOn = hasBegun(cycle, today)
  const since = isOn ? today : null
  const open = new Map(cycle.locations.filter(({ until }) => until === null).map((each) => [each.id, each]))
  const taken = new Set(cycle.locations.map(({ id }) => id))
  const change: Change = { add: [], change: [], remove: [] }
  const end = (location: CallCycleLocation) => {
    if (!isOn || location.since === today) change.remove.push(location.id)
    else change.change.push({ ...location, until: today })
  }
  for (const { id = newId(), ...input } of wanted) {
    const before = open.get(id)
    open.delete(id)
    if (!before) {
      change.add.push({ id: taken.has(id) ? newId() : id, ...input, since, until: null })
      continue
    }
    const asksTheSame =
      before.shopId === input.shopId &&
      before.day === input.day &&
      before.visitsPerCycle === input.visitsPerCycle
    if (!asksTheSame) {
      end(before)
      change.add.push({ id: newId(), ...input, since, until: null })
    } else if (before.position !== input.position) change.change.push({ ...before, position: input.position })
  }
  for (const gone of open.values()) end(gone)
  return change
}
