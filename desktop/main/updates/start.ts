import { app } from 'electron'
import { readFileSync, rm } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Policy } from '#desktop/bridge/policy'
import { log } from '../log.ts'
import { installationOf } from './installation.ts'
import { readUpdatePolicy } from './policy.ts'
import { previousOf } from './swap.ts'
import { Updates, type UpdatesOptions } from './updates.ts'
import { listName } from './version-list.ts'

/** What the environment says of updates, where IT does not manage them. */
const { FIELDBOOK_UPDATES, FIELDBOOK_UPDATE_CHANNEL } = process.env

/** Begins to look for updates, as far as this copy of the app takes any. */
export function startUpdates({
  managed,
  ...options
}: Pick<UpdatesOptions, 'settings' | 'after' | 'tell'> & { managed: Policy }): Updates {
  const policy = readUpdatePolicy({
    updates: managed.updatesOff ? 'off' : (managed.updateSource ?? FIELDBOOK_UPDATES),
    channel: managed.updateChannel ?? FIELDBOOK_UPDATE_CHANNEL,
  })
  if (policy.problem) log(`updates: ${policy.problem}`)
  const exe = app.getPath('exe')
  const folder = dirname(exe)
  const installation = app.isPackaged ? installationOf(process.platform, exe, process.env) : null
  const keys = trustedKeys()
  const { source } = policy
  const started = new Updates({
    ...options,
    version: app.getVersion(),
    policy,
    createInstaller:
      installation && keys.length > 0 && source
        ? async () => {
            const { createInstaller } = await import('./installer.ts')
            const list = listName(policy.channel, process.platform, process.arch)
            return createInstaller(installation, folder, { source, list, keys, running: app.getVersion() })
          }
        : null,
    now: () => Date.now(),
    quit: () => app.quit(),
    log,
  })
  // It has started, so the one before is not needed any more.
  if (installation === 'folder') rm(previousOf(folder), { recursive: true, force: true }, () => {})
  started.begin()
  return started
}

/** Those the package was made with; what is in the archive is what the makers put there. */
function trustedKeys(): string[] {
  const { updateKeys = [] } = JSON.parse(readFileSync(join(app.getAppPath(), 'package.json'), 'utf8')) as {
    updateKeys?: string[]
  }
  return updateKeys
}
