import Type, { type Static } from 'typebox'
import { Closed, Nullable } from '#common/contract/primitives'

/** Something of the app that stopped without being told to. */
export const Crash = Closed({
  at: Type.String(),
  /** `app`: all of it, before it was started this time. `fault`: something failed, and the app goes on. */
  what: Type.Enum(['app', 'window', 'graphics', 'storage', 'spreadsheets', 'process', 'fault']),
  /** As the system calls it, such as “crashed” or “oom”. */
  reason: Type.String(),
  version: Type.String(),
})
export type Crash = Static<typeof Crash>

/** One look at something between here and the server. */
export const Check = Closed({
  name: Type.String(),
  state: Type.Enum(['ok', 'bad', 'plain']),
  words: Type.String(),
})
export type Check = Static<typeof Check>

const ProxyAsking = Nullable(
  Closed({
    host: Type.String(),
    port: Type.Integer(),
    /** What was said just now did not do. */
    refused: Type.Boolean(),
  }),
)

const Nothing = Closed({})

/** For when the app does not do as it should, and for whoever helps then. */
export const supportRequests = {
  /** What the app is and runs on, in the words of a page. */
  'support.about': {
    request: Nothing,
    answer: Closed({ facts: Type.Array(Closed({ name: Type.String(), value: Type.String() })) }),
  },
  'support.diagnose': { request: Nothing, answer: Closed({ checks: Type.Array(Check) }) },
  /** Gathers a support bundle, and holds it until it is saved or gathered anew. */
  'support.prepare': {
    request: Nothing,
    answer: Closed({
      entries: Type.Array(
        Closed({ name: Type.String(), about: Type.String(), bytes: Type.Integer({ minimum: 0 }) }),
      ),
    }),
  },
  /** Writes what was gathered where the person says; false where they changed their mind. */
  'support.save': { request: Nothing, answer: Closed({ saved: Type.Boolean() }) },
  /** Shows the log files in their folder. */
  'support.showLogs': { request: Nothing, answer: Nothing },
  /** The latest crash that the person has not been told of. */
  'support.crash': { request: Nothing, answer: Closed({ crash: Nullable(Crash) }) },
  'support.dismissCrash': { request: Nothing, answer: Nothing },
  /** The proxy that waits for a name and a password. */
  'proxy.read': { request: Nothing, answer: Closed({ asking: ProxyAsking }) },
  /** Null for no. */
  'proxy.answer': {
    request: Closed({
      credentials: Nullable(
        Closed({
          username: Type.String({ minLength: 1, maxLength: 200 }),
          password: Type.String({ maxLength: 200 }),
        }),
      ),
    }),
    answer: Nothing,
  },
} as const

export const supportEvents = {
  'support.crashed': Closed({ crash: Crash }),
  'proxy.changed': Closed({ asking: ProxyAsking }),
} as const
