import pg from 'pg'

/**
 * For `node --import`: ends the server (`kill -9`) before it sends its n-th statement to the database, or once the
 * answer is there, so that every boundary of every transaction is met.
 */

const [side, nth] = process.env.KILL_AT!.split(' ') as ['before' | 'after', string]
let left = Number(nth)
const end = () => process.kill(process.pid, 'SIGKILL')

const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown }
const { query } = prototype
prototype.query = function (this: unknown, ...args: unknown[]) {
  const isLast = --left === 0
  if (isLast && side === 'before') end()
  const done = args.at(-1)
  if (isLast && typeof done === 'function') args[args.length - 1] = end
  const result = query.apply(this, args)
  if (isLast && typeof done !== 'function') void (result as Promise<unknown>).then(end, end)
  return result
}
