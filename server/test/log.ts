import { Writable } from 'node:stream'
import { logging } from '../shared/logging.ts'

/** The log as it is in production, but for its level, kept as it is written. */
export function keptLog(level = 'trace') {
  let text = ''
  const stream = new Writable({
    write: (part: Buffer, _, done) => {
      text += part.toString()
      done()
    },
  })
  return { logger: { ...logging(level), stream }, text: () => text }
}
