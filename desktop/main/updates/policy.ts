import { isAbsolute, win32 } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isSafeAddress } from '../session/server-address.ts'

/** What IT, or whoever set up the computer, wants of updates. */
export interface UpdatePolicy {
  /** A folder, on a server or in reach of the file system; it ends with a slash. None: nobody said where. */
  source: URL | null
  channel: string
  /** Nothing is asked for and nothing installed. */
  off: boolean
  /** Why what was set cannot be used; updates are off then. */
  problem: string | null
}

/** As they are written, in the environment or in a managed configuration. */
export interface UpdateSettings {
  /** `off`, an https address, or a folder as a path, a UNC path or a file: address. */
  updates?: string | undefined
  channel?: string | undefined
}

export const defaultChannel = 'stable'

export function readUpdatePolicy({ updates = '', channel = '' }: UpdateSettings): UpdatePolicy {
  const text = updates.trim()
  const policy = { source: null, channel: channel.trim() || defaultChannel, off: false, problem: null }
  const wrong = (problem: string) => ({ ...policy, off: true, problem })
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(policy.channel)) {
    return wrong(
      `“${policy.channel}” is not a channel for updates. Use small letters, as in ${defaultChannel}.`,
    )
  }
  if (text === '') return policy
  if (text === 'off') return { ...policy, off: true }
  const source = sourceOf(text)
  if (!source) {
    return wrong(
      `“${text}” is not a source of updates. Use an https address, a folder with its whole path, or off.`,
    )
  }
  return { ...policy, source }
}

function sourceOf(text: string): URL | null {
  const folder = isAbsolute(text) || (process.platform === 'win32' && win32.isAbsolute(text))
  const url = folder ? pathToFileURL(text) : URL.parse(text)
  if (!url || (url.protocol !== 'file:' && !isSafeAddress(url.href))) return null
  if (url.username || url.password || url.search || url.hash) return null
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
