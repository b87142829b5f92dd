import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { readPolicyText } from './policy-file.ts'
import type { PolicySource } from './resolve.ts'

export const preferencesDomain = 'com.fieldbook.app'

const folder = '/Library/Managed Preferences'

/**
 * What configuration profiles prescribe, from the files in which macOS keeps just that: the system alone writes them, so
 * a person's own `defaults write` is not taken for a policy. Those of the computer come before those of the person.
 */
export function managedPreferences(
  read: (path: string) => string | null = asJson,
  user = userInfo().username,
): PolicySource[] {
  return [folder, `${folder}/${user}`].flatMap((place): PolicySource[] => {
    const path = `${place}/${preferencesDomain}.plist`
    try {
      const text = read(path)
      return text === null ? [] : [{ name: path, values: readPolicyText(text) }]
    } catch (error) {
      return [{ name: path, values: null, problem: (error as Error).message }]
    }
  })
}

/** They are binary; plutil is part of every macOS. Null where there is none. */
function asJson(path: string): string | null {
  if (!existsSync(path)) return null
  try {
    return execFileSync('/usr/bin/plutil', ['-convert', 'json', '-o', '-', path], {
      encoding: 'utf8',
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    throw new Error('Cannot be read with plutil.')
  }
}
