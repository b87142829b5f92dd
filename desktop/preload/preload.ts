import { contextBridge, ipcRenderer } from 'electron'
import type { Bridge, EventName, RequestName } from '#desktop/bridge/channels'

/**
 * Runs in the sandbox between window and main process and lets through the channels of the map, nothing else. Main
 * checks who asks and what; here the names alone are known, so that no schema has to be loaded for a window to open.
 */
const requests: Record<RequestName, true> = {
  'session.get': true,
  'session.signIn': true,
  'session.signOut': true,
  'session.chooseSite': true,
  'session.retryStorage': true,
  'finder.query': true,
  'interaction.read': true,
  'interaction.save': true,
  'interaction.delete': true,
  'lookups.read': true,
  'sync.status': true,
  'sync.now': true,
  'sync.queue': true,
  'sync.past': true,
  'sync.export': true,
  'sync.import': true,
  'sync.retry': true,
  'sync.discard': true,
  'sync.resolve': true,
}

const events: Record<EventName, true> = {
  'session.changed': true,
  'sync.changed': true,
  'data.changed': true,
  'menu.chosen': true,
}

const bridge: Bridge = {
  ask: (name, request) => {
    if (!Object.hasOwn(requests, name)) return Promise.reject(new Error(`There is no channel ${name}`))
    return ipcRenderer.invoke(name, request)
  },
  on: (name, listener) => {
    if (!Object.hasOwn(events, name)) throw new Error(`There is no event ${name}`)
    const receive = (_: unknown, event: Parameters<typeof listener>[0]) => listener(event)
    ipcRenderer.on(name, receive)
    return () => {
      ipcRenderer.off(name, receive)
    }
  },
}

contextBridge.exposeInMainWorld('fieldbook', bridge)
