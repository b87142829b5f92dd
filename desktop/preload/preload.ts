import { contextBridge, ipcRenderer } from 'electron'
import type { Bridge, EventName, RequestName } from '#desktop/bridge/channels'

/**
 * Runs in the sandbox between window and main process and lets through the channels of the map, nothing else. Main
 * checks who asks and what; here the names alone are known, so that no schema has to be loaded for a window to open.
 */
const requests: Record<RequestName, true> = {
  'session.get': true,
  'session.signIn': true,
  'session.provider': true,
  'session.signInWithProvider': true,
  'session.cancelProvider': true,
  'session.signOut': true,
  'session.chooseSite': true,
  'session.retryStorage': true,
  'account.sessions': true,
  'account.endSession': true,
  'account.endOtherSessions': true,
  'account.saveProfile': true,
  'account.changePassword': true,
  'account.forgotPassword': true,
  'account.resetPassword': true,
  'people.list': true,
  'people.read': true,
  'people.find': true,
  'people.add': true,
  'people.save': true,
  'people.setActive': true,
  'people.invite': true,
  'people.unlock': true,
  'people.resetPassword': true,
  'people.forget': true,
  'people.copyData': true,
  'sites.list': true,
  'sites.add': true,
  'sites.update': true,
  'sites.people': true,
  'sites.assign': true,
  'sites.remove': true,
  'teams.list': true,
  'teams.add': true,
  'teams.update': true,
  'teams.members': true,
  'teams.candidates': true,
  'teams.addMember': true,
  'teams.removeMember': true,
  'tenants.list': true,
  'tenants.read': true,
  'tenants.add': true,
  'tenants.update': true,
  'tenants.enter': true,
  'registration.read': true,
  'registration.send': true,
  'audit.list': true,
  'audit.export': true,
  'activity.read': true,
  'devices.list': true,
  'devices.signOut': true,
  'finder.query': true,
  'finder.count': true,
  'interaction.read': true,
  'interaction.save': true,
  'interaction.delete': true,
  'interaction.sameTitle': true,
  'interaction.history': true,
  'finder.ids': true,
  'bulk.plan': true,
  'bulk.apply': true,
  'bulk.undo': true,
  'draft.read': true,
  'draft.keep': true,
  'draft.drop': true,
  'views.list': true,
  'views.save': true,
  'views.delete': true,
  'preferences.read': true,
  'preferences.write': true,
  'deleted.list': true,
  'deleted.restore': true,
  'types.list': true,
  'types.add': true,
  'types.update': true,
  'types.delete': true,
  'site.settings': true,
  'tenant.settings': true,
  'tenant.changeSettings': true,
  'export.start': true,
  'export.cancel': true,
  'export.show': true,
  'import.open': true,
  'import.reopen': true,
  'import.check': true,
  'import.resume': true,
  'import.run': true,
  'import.undo': true,
  'import.cancel': true,
  'import.list': true,
  'import.watch': true,
  'import.problems': true,
  'import.report': true,
  'lookups.read': true,
  'window.close': true,
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
  'views.changed': true,
  'export.changed': true,
  'import.changed': true,
  'menu.chosen': true,
  'window.closing': true,
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

// A page that does not listen has nothing to say against it.
ipcRenderer.on('window.closing', () => {
  if (ipcRenderer.listenerCount('window.closing') === 1) void bridge.ask('window.close', {})
})

contextBridge.exposeInMainWorld('fieldbook', bridge)
