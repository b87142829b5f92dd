import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import pg from 'pg'

/**
 * For `node --import`: ends the server (`kill -9`) before it sends its n-th statement to the database, or once the
 * answer is there. `KILL_AT=after 7` counts from the start. The same as a message is answered with `ready` and counts
 * from the next push on; if that gets its answer, nobody is killed, and a message says how many statements it took.
 */

type Side = 'before' | 'after'

let side: Side = 'before'
let left = Infinity
let statements = 0
let atPush: string | null = null

function count(at: string) {
  const [chosen, nth] = at.split(' ') as [Side, string]
  side = chosen
  left = Number(nth)
  statements = 0
}
if (process.env.KILL_AT) count(process.env.KILL_AT)

process.on('message', (at: string) => {
  atPush = at
  process.send!('ready')
})
subscribe('http.server.request.start', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
  if (atPush === null || !request.url!.endsWith('/sync/push')) return
  count(atPush)
  atPush = null
  response.once('finish', () => {
    left = Infinity
    process.send!(statements)
  })
})

const end = () => process.kill(process.pid, 'SIGKILL')
const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown }
const { query } = prototype
prototype.query = function (this: unknown, ...args: unknown[]) {
  statements++
  const isLast = --left === 0
  if (isLast && side === 'before') end()
  const done = args.at(-1)
  if (isLast && typeof done === 'function') args[args.length - 1] = end
  const result = query.apply(this, args)
  if (isLast && typeof done !== 'function') void (result as Promise<unknown>).then(end, end)
  return result
}
