import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What of other people's work is in the package, by the licence each of them gave it. */
export type Notice = { name: string; version: string; identifier?: string; text?: string }

const project = resolve(import.meta.dirname, '..')

/** Written by the bundler: whatever it took a module from. */
const lists = ['main', 'preload', 'renderer'].map((part) => join('out/desktop', part, 'licences.json'))

/** In the package without being bundled from modules: a native module, a font, style sheets. */
const beside = ['better-sqlite3-multiple-ciphers', '@fontsource-variable/inter', 'tailwindcss']

/** They ask for no more than to be named. OFL-1.1 is for fonts alone, and asks the same of whoever ships one. */
const acceptable = new Set([
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'OFL-1.1',
])

/** Everything in the bundle under `root`, and what is beside it. */
export function noticesOf(root = project): Notice[] {
  const bundled = lists.flatMap((list) => JSON.parse(readFileSync(join(root, list), 'utf8')) as Notice[])
  const all = new Map(
    [...bundled, ...beside.map(readNotice)].map((notice) => [`${notice.name}@${notice.version}`, notice]),
  )
  return [...all.values()].toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
}

/** THIRD-PARTY-NOTICES.txt. Throws where a licence is not one the product may ship under. */
export function noticesText(notices: readonly Notice[]): string {
  const refused = notices.filter(({ identifier }) => !identifier || !acceptable.has(identifier))
  if (refused.length > 0) {
    const named = refused.map(
      ({ name, version, identifier }) => `${name}@${version} (${identifier ?? 'none'})`,
    )
    throw new Error(`These may not be in the package, for their licences: ${named.join(', ')}`)
  }
  const parts = notices.map(
    ({ name, version, identifier, text }) =>
      `${name} ${version} (${identifier})\n\n${text ?? `Its package carries no text of its own. ${name} is under ${identifier}.`}`,
  )
  return [
    'Fieldbook contains work of others, each under the licence below its name. Electron and what is in it have theirs in the files LICENSE.electron.txt and LICENSES.chromium.html.',
    ...parts,
  ].join(`\n\n${'-'.repeat(80)}\n\n`)
}

function readNotice(name: string): Notice {
  const folder = join(project, 'node_modules', name)
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string
    license: string
  }
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  return {
    name,
    version,
    identifier: license,
    ...(file && { text: readFileSync(join(folder, file), 'utf8').trim() }),
  }
}
