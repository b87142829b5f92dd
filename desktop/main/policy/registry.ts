import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { policyNames, policySettings } from '#desktop/bridge/policy'
import type { PolicySource } from './resolve.ts'

/** Runs `reg.exe query` on a key; null where that fails, for whatever reason. */
export type QueryRegistry = (key: string) => string | null

const policies = 'Software\\Policies'

/**
 * The registry's two places for policies: that of the computer, which only administrators write, before that of the
 * person. A key that is not there and a registry that may not be read fail alike, so the key above, which every Windows
 * has, is asked first.
 */
export function registrySources(query: QueryRegistry = queryRegistry): PolicySource[] {
  return (['HKLM', 'HKCU'] as const).flatMap((hive): PolicySource[] => {
    const name = `${hive}\\${policies}\\Fieldbook`
    const keys = query(`${hive}\\${policies}`)
    const unreadable = { name, values: null, problem: 'The registry cannot be read with reg.exe.' }
    if (keys === null) return hive === 'HKLM' ? [unreadable] : []
    if (
      !keys
        .split(/\r?\n/)
        .some((line) => line.trim().toLowerCase().endsWith(`\\${policies}\\fieldbook`.toLowerCase()))
    )
      return []
    const text = query(name)
    return [text === null ? unreadable : { name, values: readValues(text) }]
  })
}

/** The lines `    name    REG_SZ    value` of what `reg.exe query` prints; it is the same in every language. */
export function readValues(text: string): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const line of text.split(/\r?\n/)) {
    const [, name, type, value] = /^ {4}(\S.*?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$/.exec(line) ?? []
    if (name && type) values[name] = valueOf(name, type, value ?? '')
  }
  return values
}

function valueOf(name: string, type: string, value: string): unknown {
  if (type === 'REG_SZ' || type === 'REG_EXPAND_SZ') return value
  if (type !== 'REG_DWORD') return { type }
  const number = Number(value)
  const known = policyNames.find((each) => each.toLowerCase() === name.toLowerCase())
  const isSwitch = known && (policySettings[known].schema as { type?: string }).type === 'boolean'
  return isSwitch && (number === 0 || number === 1) ? number === 1 : number
}

function queryRegistry(key: string): string | null {
  try {
    const program = join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'reg.exe')
    return execFileSync(program, ['query', key, '/reg:64'], {
      encoding: 'latin1',
      windowsHide: true,
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return null
  }
}
