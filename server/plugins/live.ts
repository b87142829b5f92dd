import websocket from '@fastify/websocket'
import fp from 'fastify-plugin'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { WebSocketServer } from 'ws'
import { liveUpdates } from '#common/contract/live'
import { Closed, Uuid } from '#common/contract/primitives'
import type { Announcer } from '../shared/announcer.ts'

const addresses = [`/api/v1${liveUpdates.url}`, `/api${liveUpdates.url}`]
const channel = 'fieldbook:live'
const goingAway = 1001
const farewell = 1000
const askEvery = 15_000

/** Whether a request may turn into something else than HTTP; everything else is answered as if it had not asked. */
export const mayUpgrade = ({ url, method, headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  addresses.includes(url?.split('?')[0] ?? '')

/**
 * WebSockets for live updates, and, with Redis, the word between servers. Announcing works without Redis too; only
 * other servers' changes are then heard of late.
 */
export const live = fp<{ announcer: Announcer }>(async (app, { announcer }) => {
  await app.register(websocket, {
    // A listener has nothing to say; what it says has no room.
    options: { maxPayload: 128, perMessageDeflate: false, handleProtocols: () => false },
    errorHandler: (error, socket, request) => {
      request.log.debug({ reason: error.message }, 'a live socket failed')
      socket.terminate()
    },
    preClose: () => closeAll(app.websocketServer),
  })
  if (app.hasDecorator('redis')) joinServers(app, announcer)
})

/** Those who do not answer a goodbye are cut off: they do not keep the server from ending. */
async function closeAll(server: WebSocketServer): Promise<void> {
  server.close()
  const sockets = [...server.clients]
  const closed = sockets.map((socket) => once(socket, 'close'))
  for (const socket of sockets) socket.close(goingAway)
  const patience = new AbortController()
  await Promise.race([Promise.all(closed), delay(farewell, null, patience).catch(() => {})])
  patience.abort()
  for (const socket of server.clients) socket.terminate()
}

/** What servers say to each other. */
const Word = Closed({ from: Uuid, feeds: Type.Array(Uuid) })

/**
 * Servers tell each other through Redis which feeds moved. While this one cannot hear the others, it has its devices
 * ask now and then, as they would without it; what it could not say itself it says when Redis is back.
 */
function joinServers(app: FastifyInstance, announcer: Announcer): void {
  const self = randomUUID()
  const unsaid = new Set<string>()
  const say = (feeds: readonly string[]) =>
    void app.redis.publish(channel, JSON.stringify({ from: self, feeds })).catch(() => {
      for (const feedId of feeds) unsaid.add(feedId)
    })
  announcer.listen((feeds, origin) => {
    if (origin === 'here' && feeds !== 'all') say(feeds)
  })
  app.redis.on('ready', () => {
    if (unsaid.size > 0) say([...unsaid])
    unsaid.clear()
  })

  const ear = app.redis.duplicate({ autoResubscribe: false })
  const askAll = () => announcer.announce('all', 'elsewhere')
  let deaf: NodeJS.Timeout | undefined
  const onClose = () => {
    deaf ??= setInterval(askAll, askEvery)
  }
  const onSubscribed = () => {
    clearInterval(deaf)
    deaf = undefined
    askAll()
  }
  ear
    .on('ready', () => void ear.subscribe(channel).then(onSubscribed, () => ear.disconnect(true)))
    .on('close', onClose)
    // The other connection, to the same Redis, tells the log.
    .on('error', () => {})
    .on('message', (_, text: string) => {
      const word = read(text)
      if (word && word.from !== self) announcer.announce(word.feeds, 'elsewhere')
    })
  ear.connect().catch(() => {})
  app.addHook('onClose', async () => {
    ear.off('close', onClose).disconnect()
    clearInterval(deaf)
  })
}

/** Null for what is no word of a server of this version. */
function read(text: string): Static<typeof Word> | null {
  try {
    const word: unknown = JSON.parse(text)
    return Value.Check(Word, word) ? word : null
  } catch {
    return null
  }
}
