import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { openWebSocket } from './web-socket.ts'

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** A socket, and what it says of itself. */
function open(address: string, token = 'secret') {
  const log: string[] = []
  let wanted: { entry: string; done: () => void } | null = null
  const note = (entry: string) => {
    log.push(entry)
    if (wanted?.entry === entry) wanted.done()
  }
  const socket = openWebSocket(address, token, {
    opened: () => note('opened'),
    pinged: () => note('pinged'),
    told: () => note('told'),
    closed: (code) => note(`closed ${code}`),
  })
  onTestFinished(() => socket.close())
  const says = (entry: string) =>
    new Promise<void>((done) => {
      wanted = { entry, done }
      if (log.includes(entry)) done()
    })
  return { ...socket, log, says }
}

async function serverWithSockets() {
  const http = createServer()
  const address = await listen(http)
  const sockets = new WebSocketServer({ server: http })
  const connected = once(sockets, 'connection') as Promise<[WebSocket, IncomingMessage]>
  return { address, connected }
}

it('opens with the token in the header, and hears pings and messages', async () => {
  const { address, connected } = await serverWithSockets()
  const { says, log } = open(address)
  const [far, request] = await connected
  await says('opened')
  expect(request.headers.authorization).toBe('Bearer secret')
  expect(request.headers.origin).toBeUndefined()
  expect(request.url).toBe('/')
  const answered = once(far, 'pong')
  far.ping()
  await answered
  far.send('{"changed":true}')
  await says('told')
  far.close(4401)
  await says('closed 4401')
  expect(log).toEqual(['opened', 'pinged', 'told', 'closed 4401'])
})

it('closed here, the server sees it go', async () => {
  const { address, connected } = await serverWithSockets()
  const { says, close } = open(address)
  const [far] = await connected
  await says('opened')
  const gone = once(far, 'close')
  close()
  await gone
})

it('a message that is longer than any of ours ends it', async () => {
  const { address, connected } = await serverWithSockets()
  const { says, log } = open(address)
  const [far] = await connected
  far.send('x'.repeat(10_000))
  await says('closed 1006')
  expect(log).not.toContain('told')
})

it.each([401, 404, 429, 503])('a refusal (%i) is told as it is', async (status) => {
  const address = await listen(
    createServer().on('upgrade', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)),
  )
  const { says, log } = open(address)
  await says(`closed ${status}`)
  expect(log).toEqual([`closed ${status}`])
})

it('does not follow a redirect: the token goes nowhere else', async () => {
  const elsewhere: IncomingMessage[] = []
  const trap = await listen(
    createServer().on('upgrade', (request: IncomingMessage, socket) => {
      elsewhere.push(request)
      socket.destroy()
    }),
  )
  const location = trap.replace('ws:', 'http:')
  const address = await listen(
    createServer().on('upgrade', (_, socket) =>
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`),
    ),
  )
  const { says } = open(address)
  await says('closed 302')
  expect(elsewhere).toEqual([])
})

it('a server that is not there is told as a closed line', async () => {
  const server = createServer()
  const address = await listen(server)
  server.close()
  const { says, log } = open(address)
  await says('closed 1006')
  expect(log).toEqual(['closed 1006'])
})
