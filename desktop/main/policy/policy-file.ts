import { closeSync, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { PolicySource } from './resolve.ts'

export const policyFile = '/etc/fieldbook/policy.json'

const largest = 1024 * 1024

/**
 * The file in which IT prescribes on Linux. It counts only where nobody but its owner, root, can have written it: else
 * anybody on the computer could prescribe.
 */
export function policyFileSource(path = policyFile, owners: readonly number[] = [0]): PolicySource[] {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    return [{ name: path, values: null, problem: 'Cannot be read; let everybody read it (chmod 644).' }]
  }
  try {
    const facts = fstatSync(file)
    if (!facts.isFile() || facts.size > largest) throw new Error('Is not a file of at most 1 MB.')
    for (const [what, stats] of [
      ['The file', facts],
      ['Its folder', statSync(dirname(path))],
    ] as const)
      mustBeSafe(what, stats, owners)
    return [{ name: path, values: readPolicyText(readFileSync(file, 'utf8')) }]
  } catch (error) {
    return [{ name: path, values: null, problem: (error as Error).message }]
  } finally {
    closeSync(file)
  }
}

function mustBeSafe(what: string, { uid, mode }: Stats, owners: readonly number[]) {
  if (!owners.includes(uid)) throw new Error(`${what} does not belong to root (chown root:root).`)
  if ((mode & 0o022) !== 0) throw new Error(`${what} may be written to by others (chmod go-w).`)
}

/** Throws a sentence for what is not an object in JSON. */
export function readPolicyText(text: string): Record<string, unknown> {
  let values: unknown
  try {
    values = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw new Error('Is not valid JSON.')
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    throw new Error('Is not an object of settings: write {"name": value}.')
  return values as Record<string, unknown>
}
