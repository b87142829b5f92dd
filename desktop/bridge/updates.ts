import Type, { type Static } from 'typebox'
import { Closed, Nullable } from '#common/contract/primitives'

export const UpdateState = Closed({
  /** The one that runs. */
  version: Type.String(),
  /** `off`: none are looked for, and `words` say why. `ready`: it will be there after the next start. */
  phase: Type.Enum(['off', 'idle', 'checking', 'fetching', 'ready', 'failed']),
  /** The one to come. */
  next: Nullable(Type.String()),
  /** When the source last answered. */
  checkedAt: Nullable(Type.String()),
  words: Nullable(Type.String()),
})
export type UpdateState = Static<typeof UpdateState>

export const updateRequests = {
  'updates.read': { request: Closed({}), answer: UpdateState },
  /** Answers at once; `updates.changed` tells the rest. */
  'updates.check': { request: Closed({}), answer: UpdateState },
  /** Ends the app, once nothing unsaved is in its way, and starts the new version. */
  'updates.restart': { request: Closed({}), answer: Closed({}) },
} as const
