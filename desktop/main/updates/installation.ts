import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** How the app came onto this computer, as far as it can renew itself. */
export type Installation = 'windows' | 'mac' | 'appimage' | 'folder'

/**
 * Null where a package manager or IT put it there, and renews it: an MSI, a .deb, a folder that belongs to somebody
 * else. `exe` is the running program.
 */
export function installationOf(
  platform: NodeJS.Platform,
  exe: string,
  env: NodeJS.ProcessEnv,
): Installation | null {
  const folder = dirname(exe)
  if (platform === 'darwin') return 'mac'
  // Left by the setup program, and by no MSI.
  if (platform === 'win32') return existsSync(join(folder, 'Uninstall Fieldbook.exe')) ? 'windows' : null
  if (env.APPIMAGE) return 'appimage'
  if (existsSync(join(folder, 'resources', 'package-type'))) return null
  return mayWrite(folder) && mayWrite(dirname(folder)) ? 'folder' : null
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
