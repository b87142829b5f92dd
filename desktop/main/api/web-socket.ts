import { getCACertificates } from 'node:tls'
import type { Agent } from 'node:http'
import WebSocket from 'ws'
import type { OpenSocket } from './live-socket.ts'

/** Certificates that the computer trusts count too, as they do for every other request of the app. */
const trusted = () => [...getCACertificates('default'), ...getCACertificates('system')]

/** Through a proxy with its agent; `authorities` are trusted beside those of the computer. */
export const openWebSocket = (
  address: Parameters<OpenSocket>[0],
  token: Parameters<OpenSocket>[1],
  events: Parameters<OpenSocket>[2],
  { agent, authorities = [] }: { agent?: Agent; authorities?: readonly string[] } = {},
): ReturnType<OpenSocket> => {
  const socket = new WebSocket(address, {
    headers: { authorization: `Bearer ${token}` },
    followRedirects: false,
    perMessageDeflate: false,
    maxPayload: 1024,
    ...(agent && { agent }),
    ...(address.startsWith('wss:') && { ca: [...trusted(), ...authorities] }),
  })
  let refusal: number | undefined
  socket
    .on('open', () => events.opened())
    .on('ping', () => events.pinged())
    .on('message', () => events.told())
    .on('unexpected-response', (_, { statusCode }) => {
      refusal = statusCode
      socket.terminate()
    })
    // What failed is closed next.
    .on('error', () => {})
    .on('close', (code) => events.closed(refusal ?? code))
  return { close: () => socket.terminate() }
}
