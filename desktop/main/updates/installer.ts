import { AppImageUpdater, type AppUpdater, type BaseUpdater, MacUpdater, NsisUpdater } from 'electron-updater'
import { log } from '../log.ts'
import { FolderUpdater } from './folder-updater.ts'
import type { Installation } from './installation.ts'
import { signedSource, type SourceOptions } from './provider.ts'
import { readFromFolder } from './source-folder.ts'
import type { Installer } from './updates.ts'

/**
 * Puts electron-updater to work for this kind of installation. Windows and macOS look for the publisher's signature on
 * what comes, besides.
 */
export function createInstaller(kind: Installation, folder: string, source: SourceOptions): Installer {
  if (kind === 'mac') {
    const updater = new MacUpdater()
    // The system takes it over when it is there, and puts it in place once the app has ended.
    return prepared(updater, source, (restart) => {
      if (!restart) return true
      updater.quitAndInstall()
      return false
    })
  }
  const updater: BaseUpdater =
    kind === 'windows'
      ? new NsisUpdater()
      : kind === 'appimage'
        ? new AppImageUpdater()
        : new FolderUpdater(folder)
  updater.autoInstallOnAppQuit = false
  return prepared(updater, source, (restart) => {
    if (!updater.install(true, restart)) log('the update was not installed')
    return true
  })
}

function prepared(updater: AppUpdater, source: SourceOptions, install: Installer['install']): Installer {
  updater.setFeedURL({ provider: 'custom', updateProvider: signedSource(source) })
  updater.autoDownload = false
  updater.disableWebInstaller = true
  updater.logger = null
  // Without a listener an error would end the app; whoever called hears of it all the same.
  updater.on('error', () => {})
  if (source.source.protocol === 'file:') readFromFolder(updater)
  return {
    check: async () => {
      const found = await updater.checkForUpdates()
      return found?.isUpdateAvailable ? found.updateInfo.version : null
    },
    download: async () => {
      await updater.downloadUpdate()
    },
    install,
  }
}
