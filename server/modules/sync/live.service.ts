import type { WebSocket } from 'ws'
import { liveClose, type LiveMessage, livePingEvery } from '#common/contract/live'
import type { Announcer } from '../../shared/announcer.ts'
import type { AuthService } from '../auth/auth.service.ts'

type Session = NonNullable<Awaited<ReturnType<AuthService['readSession']>>>

interface Member {
  userId: string
  feeds: ReadonlySet<string>
  tell(): void
}

const socketsPerUser = 10
const policyViolated = 1008
/** Milliseconds between two messages on one socket. */
const tellEvery = 250
/** Bytes that may wait for a device that does not read. */
const maxWaiting = 1024

const text = JSON.stringify({ changed: true } satisfies LiveMessage)

/**
 * The sockets of this server: each hears of the feeds of its person's tenant and sites, as they are at the moment, and of
 * what is that person's own.
 */
export function createLiveService(announcer: Announcer, readSession: AuthService['readSession']) {
  const members = new Set<Member>()

  announcer.listen((feeds) => {
    for (const member of members) {
      if (feeds === 'all' || feeds.some((id) => member.feeds.has(id))) member.tell()
    }
  })

  return {
    /** `until` is the token's end, in milliseconds since 1970. */
    join(socket: WebSocket, { id, row }: { id: string; row: Session }, until: number): void {
      const { userId } = row
      if ([...members].filter((member) => member.userId === userId).length >= socketsPerUser) {
        socket.close(liveClose.tooMany)
        return
      }

      const teller = limited(() => {
        if (socket.bufferedAmount > maxWaiting) socket.terminate()
        else socket.send(text)
      })
      const member: Member = { userId, feeds: feedsOf(row), tell: teller.call }
      members.add(member)

      let answered = true
      const check = async () => {
        if (!answered) return socket.terminate()
        answered = false
        socket.ping()
        // A database that does not answer says nothing about the session.
        const session = await readSession(id).catch(() => undefined)
        if (session === undefined) return
        if (session === null) return end(liveClose.sessionOver)
        const feeds = feedsOf(session)
        const other = feeds.size !== member.feeds.size || [...feeds].some((id) => !member.feeds.has(id))
        member.feeds = feeds
        if (other) member.tell()
      }
      const heartbeat = setInterval(() => void check(), livePingEvery)
      const tokenEnd = setTimeout(() => end(liveClose.tokenEnded), until - Date.now())

      const leave = () => {
        members.delete(member)
        teller.stop()
        clearInterval(heartbeat)
        clearTimeout(tokenEnd)
      }
      const end = (code: number) => {
        leave()
        socket.close(code)
      }
      socket.on('pong', () => (answered = true))
      socket.on('message', () => end(policyViolated))
      socket.on('close', leave)
    },
  }
}

const feedsOf = ({ tenantId, userId, sites }: Session): Set<string> =>
  new Set([tenantId, userId, ...sites.map(({ id }) => id)])

/** Does `work` at once, and then no more often than it may; the last call is never lost. */
function limited(work: () => void) {
  let pause: NodeJS.Timeout | undefined
  let again = false
  const call = () => {
    if (pause) {
      again = true
      return
    }
    pause = setTimeout(() => {
      pause = undefined
      if (again) call()
    }, tellEvery)
    again = false
    work()
  }
  return { call, stop: () => clearTimeout(pause) }
}
