import type { Position } from '#common/contract/visits'
import type { Request } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'

/** Starts a visit once it is known where; answers with its id, or null where it is not wanted any more by then. */
export async function startOnceSettled(
  visit: Omit<Request<'visits.start'>, 'position'>,
  settled: () => Promise<Position | null>,
  isWanted: () => boolean,
): Promise<string | null> {
  const position = await settled()
  if (!isWanted()) return null
  return (await ask('visits.start', { ...visit, position })).id
}
