import Type, { type Static } from 'typebox'
import { Closed } from './primitives.ts'

/**
 * Live updates: a WebSocket under `/api/v1`, opened with the access token in the Authorization header as any request
 * is. It carries no data: the server says that there is something to pull, and pings. Announcements may be missed
 * while it is closed, so a device pulls once after every opening. Whoever sends anything but pings and pongs is
 * disconnected, and pages of a browser are refused. It is no endpoint of OpenAPI, which knows no WebSockets.
 */
export const liveUpdates = {
  method: 'GET',
  url: '/sync/live',
  config: { policy: 'sync.use', limit: 'read' },
} as const

/** The only message, from the server to the device: something changed in a site or tenant one may see. */
export const LiveMessage = Closed({ changed: Type.Literal(true) })
export type LiveMessage = Static<typeof LiveMessage>

/** Milliseconds between the server's pings. */
export const livePingEvery = 30_000

/** Why the server closes a socket, besides the codes every WebSocket has. */
export const liveClose = {
  /** The access token has ended: come back with a new one. */
  tokenEnded: 4401,
  /** The session is over: sign in. */
  sessionOver: 4403,
  /** This person has too many sockets open. */
  tooMany: 4429,
} as const
