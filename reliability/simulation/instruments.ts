import { Cache } from '#desktop/main/store/cache'
import { Queue } from '#desktop/main/store/queue'
import type { Plan } from '#desktop/main/outbox/entry'
import { Crashes } from '#desktop/main/test/crashes'
import type { SimulatedDevice } from './device.ts'

/** Sees and disturbs what the store of the device at work does. One for a process. */
export class Instruments implements Disposable {
  readonly crashes = new Crashes()
  /** The device whose store is at work. */
  device: SimulatedDevice | null = null
  readonly #carryOut = Queue.prototype.carryOut
  readonly #store = Cache.prototype.store

  constructor() {
    const working = () => this.device
    const carryOut = this.#carryOut
    const store = this.#store
    this.crashes.onWrite = (connection) => working()?.connections.add(connection)
    Queue.prototype.carryOut = function (plan: Plan, ...rest) {
      const device = working()
      device?.begin(plan)
      carryOut.call(this, device ? { ...plan, add: device.asWritten(plan.add) } : plan, ...rest)
      device?.carriedOut(plan)
    }
    Cache.prototype.store = function (page) {
      const device = working()
      if (device) device.cache = this
      return store.call(this, page)
    }
  }

  /** Lets the store of a device work, and nobody else's. */
  watch<T>(device: SimulatedDevice, work: () => T): T {
    const before = this.device
    this.device = device
    try {
      return work()
    } finally {
      this.device = before
    }
  }

  [Symbol.dispose]() {
    Queue.prototype.carryOut = this.#carryOut
    Cache.prototype.store = this.#store
    this.crashes[Symbol.dispose]()
  }
}
