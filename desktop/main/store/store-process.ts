import type {} from 'electron'
import { v7 as uuidv7 } from 'uuid'
import { LocalStore } from './local-store.ts'
import { serveStore } from './remote-store.ts'

/** The storage process: SQLite works here, so that neither the window nor the main process waits for the disk. */
serveStore(
  {
    postMessage: (message) => process.parentPort.postMessage(message),
    onMessage: (listener) => process.parentPort.on('message', ({ data }) => listener(data)),
  },
  (place) => new LocalStore({ place, newId: uuidv7, now: () => new Date().toISOString() }),
)
