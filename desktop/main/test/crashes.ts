import { onTestFinished } from 'vitest'
import { Cache } from '../store/cache.ts'
import { Queue } from '../store/queue.ts'

/** Thrown where a process is meant to end. */
export class Crash extends Error {}

/** Every step in which the files change. Each is one transaction, so a crash falls before it or after it. */
const steps = [
  [
    Queue.prototype,
    ['carryOut', 'takeBatch', 'settle', 'forgetApplied', 'rememberSeen', 'forgetSeenOutside', 'writeMeta'],
  ],
  [Cache.prototype, ['store', 'clear', 'buildIndex']],
] as const

/** Lets a test end the process at any boundary between steps, the same one every time. */
export class Crashes {
  #countdown = Infinity
  onStep: (name: string, self: unknown, args: unknown[]) => void = () => {}

  constructor() {
    for (const [prototype, names] of steps) {
      const target = prototype as unknown as Record<string, (...args: unknown[]) => unknown>
      for (const name of names) {
        const original = target[name]!
        const crash = () => this.boundary()
        const told = (self: unknown, args: unknown[]) => this.onStep(name, self, args)
        target[name] = function (this: unknown, ...args: unknown[]) {
          crash()
          const result = original.apply(this, args)
          told(this, args)
          crash()
          return result
        }
        onTestFinished(() => {
          target[name] = original
        })
      }
    }
  }

  /** The process ends at the `count`th boundary from now. */
  arm(count: number) {
    this.#countdown = count
  }

  disarm() {
    this.#countdown = Infinity
  }

  boundary() {
    if (--this.#countdown === 0) {
      this.disarm()
      throw new Crash('The process ends here')
    }
  }
}
