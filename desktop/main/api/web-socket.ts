import { getCACertificates } from 'node:tls'
import WebSocket from 'ws'
import type { OpenSocket } from './live-socket.ts'

/** Certificates that the computer trusts count too, as they do for every other request of the app. */
const trusted = () => [...getCACertificates('default'), ...getCACertificates('system')]

export const openWebSocket: OpenSocket = (address, token, events) => {
  const socket = new WebSocket(address, {
    headers: { authorization: `Bearer ${token}` },
    followRedirects: false,
    perMessageDeflate: false,
    maxPayload: 1024,
    ...(address.startsWith('wss:') && { ca: trusted() }),
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
