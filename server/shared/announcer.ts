/** The feeds something changed in, and the people whose own records did; `all` where nobody can say which. */
export type ChangedFeeds = readonly string[] | 'all'

/** Whether this server made the change, or heard of it from another one. */
type Origin = 'here' | 'elsewhere'
type Listener = (feeds: ChangedFeeds, origin: Origin) => void

export interface Announcer {
  /** Tells those who listen, soon; whoever announces neither waits for them nor hears of their failures. */
  announce(feeds: ChangedFeeds, origin?: Origin): void
  listen(listener: Listener): void
}

/** Spreads the word, within one server, that feeds moved. What changed is not said: that is for pulls to tell. */
export function createAnnouncer(onFault: (error: unknown) => void): Announcer {
  const listeners: Listener[] = []
  return {
    announce: (feeds, origin = 'here') => {
      for (const listener of listeners) {
        setImmediate(() => {
          try {
            listener(feeds, origin)
          } catch (error) {
            onFault(error)
          }
        })
      }
    },
    listen: (listener) => {
      listeners.push(listener)
    },
  }
}
