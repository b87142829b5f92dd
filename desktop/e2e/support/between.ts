import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import {
  type AddressInfo,
  connect,
  createServer as createListener,
  type Server as Listener,
  type Socket,
} from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Issued } from '#desktop/main/test/certificates'

/** What IT puts between a computer and the server: each on a port of its own of this machine. */

const portOf = (server: Listener) => (server.address() as AddressInfo).port

function join(one: Socket, other: Socket) {
  one.pipe(other).pipe(one)
  one.on('error', () => other.destroy())
  other.on('error', () => one.destroy())
}

/** Ends TLS in front of a server, with a certificate of one's own. */
export async function startTls(serverUrl: string, { key, certificate }: Issued) {
  const { port } = new URL(serverUrl)
  let webSockets = 0
  const server = createTlsServer({ key, cert: certificate }, (socket) => {
    socket.on('data', (bytes: Buffer) => {
      if (/^upgrade: websocket/im.test(bytes.toString('latin1'))) webSockets++
    })
    join(socket, connect(Number(port), '127.0.0.1'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://localhost:${portOf(server)}`,
    webSockets: () => webSockets,
    close: () => server.close(),
  }
}

/** A proxy for tunnels, which wants a name and a password. */
export async function startProxy(username: string, password: string) {
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  let tunnels = 0
  let refusals = 0
  const server: Server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', (request, socket: Socket) => {
    socket.on('error', () => socket.destroy())
    if (request.headers['proxy-authorization'] !== wanted) {
      refusals++
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="Harbour network"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
      )
      return
    }
    const [host, port] = request.url!.split(':') as [string, string]
    const there = connect(Number(port), host, () => {
      tunnels++
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      join(socket, there)
    })
    there.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${portOf(server)}`,
    tunnels: () => tunnels,
    refusals: () => refusals,
    close: () => server.close(),
  }
}

/** Hears every token that goes over the wire, as nobody between could, were it encrypted. */
export async function startWiretap(serverUrl: string) {
  const { port } = new URL(serverUrl)
  const tokens = new Set<string>()
  const hear = (bytes: Buffer) => {
    for (const [, token] of bytes
      .toString('latin1')
      .matchAll(/(?:authorization: Bearer |"token":"|"refreshToken":")([\w.-]{20,})/gi))
      tokens.add(token!)
  }
  const server = createListener((socket) => {
    const there = connect(Number(port), '127.0.0.1')
    socket.on('data', hear)
    there.on('data', hear)
    join(socket, there)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${portOf(server)}`, tokens, close: () => server.close() }
}
