import { Cache } from '#desktop/main/store/cache'
import { Queue } from '#desktop/main/store/queue'

type Methods = Record<string, (...args: unknown[]) => unknown>

const readers: Record<'queue' | 'cache', string[]> = {
  queue: [
    'close',
    'meta',
    'entries',
    'chain',
    'family',
    'find',
    'rootIds',
    'visitIds',
    'visitOfPhoto',
    'edited',
    'counts',
    'past',
    'unsent',
  ],
  cache: ['close', 'progress', 'find', 'page', 'lookups', 'cover', 'uncoverAll'],
}

/**
 * Tells when this device's files are about to change and when they have: around every method of the queue and the cache that writes and is not
 * part of another. Each is one transaction, or none.
 */
export function watchSteps(onBoundary: (step: string, side: 'before' | 'after') => void): void {
  let depth = 0
  for (const [file, prototype] of [
    ['queue', Queue.prototype],
    ['cache', Cache.prototype],
  ] as const) {
    const methods = prototype as unknown as Methods
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name === 'constructor' || readers[file].includes(name)) continue
      const original = methods[name]!
      methods[name] = function (this: unknown, ...args: unknown[]) {
        const outermost = depth === 0
        if (outermost) onBoundary(`${file}.${name}`, 'before')
        depth++
        try {
          return original.apply(this, args)
        } finally {
          depth--
          if (outermost) onBoundary(`${file}.${name}`, 'after')
        }
      }
    }
  }
}
