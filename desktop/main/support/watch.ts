import type { App, WebContents } from 'electron'
import { log, note } from '../log.ts'
import type { Crashes } from './crashes.ts'
import type { Crash } from '#desktop/bridge/support'

/** Milliseconds within which a window that stops again is left alone. */
const soon = 30_000

const services: Record<string, Crash['what']> = {
  'Fieldbook storage': 'storage',
  'Fieldbook spreadsheets': 'spreadsheets',
}

/** Why a process ended, where that is as it should be. */
const asMeant = (reason: string) => reason === 'clean-exit' || reason === 'killed'

/** Notes what stops. A window that stopped is opened anew: what was saved is with the storage, and safe. */
export function watchCrashes(app: App, crashes: Crashes): void {
  let reloadedAt = -Infinity
  const reopen = (contents: WebContents) => {
    if (Date.now() - reloadedAt < soon || contents.isDestroyed()) return
    reloadedAt = Date.now()
    contents.reload()
  }
  app.on('render-process-gone', (_, contents, { reason, exitCode }) => {
    if (reason === 'clean-exit') return
    note('error', `the window stopped: ${reason}, code ${exitCode}`)
    crashes.note('window', reason)
    // Not while Chromium is still at it.
    setImmediate(() => reopen(contents))
  })
  app.on('child-process-gone', (_, { type, reason, exitCode, name, serviceName }) => {
    if (asMeant(reason)) return
    const what =
      type === 'GPU' ? 'graphics' : (services[name ?? ''] ?? services[serviceName ?? ''] ?? 'process')
    note('error', `a process stopped: ${type}, ${reason}, code ${exitCode}`)
    crashes.note(what, reason)
  })
  process.on('uncaughtException', (error) => {
    log('something failed that nothing was waiting for', error)
    crashes.note('fault', 'an error nobody handled')
  })
  process.on('unhandledRejection', (error) => {
    log('something failed that nothing was waiting for', error)
    crashes.note('fault', 'an error nobody handled')
  })
}
