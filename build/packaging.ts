import { build, type Configuration } from 'electron-builder'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { electronBinary } from './electron-binary.ts'
import { noticesOf, noticesText } from './notices.ts'

const run = promisify(execFile)

export interface PackageOptions {
  /** The folder it is put together in; `dist` where none is given. */
  output?: string
  /** Another version than the one of package.json. */
  version?: string
  /** Public halves of the keys that may sign the list of versions; without one the app takes no updates. */
  updateKeys?: readonly string[]
}

export const projectDir = resolve(import.meta.dirname, '..')
export const configFile = 'electron-builder.yml'

/** Into the package's own package.json, which is in the archive whose integrity Electron checks. */
const metadata = ({ version, updateKeys = [] }: PackageOptions) => ({
  extraMetadata: { ...(version && { version }), updateKeys },
})

/** Puts the bundled app together as a folder, with whatever Electron this machine has; answers where. */
export async function packageFolder(options: PackageOptions = {}): Promise<string> {
  writeNotices()
  const output = resolve(projectDir, options.output ?? 'dist')
  const { dist } = await electronBinary()
  const config: Configuration = {
    extends: configFile,
    electronDist: dist,
    directories: { output },
    ...metadata(options),
  }
  await build({ projectDir, dir: true, publish: 'never', config })
  return join(
    output,
    readdirSync(output).find((name) => /-unpacked$|^mac/.test(name))!,
  )
}

/** Makes the installers of this operating system, signed, with Electron's official binary; answers which. */
export async function packageRelease(options: PackageOptions): Promise<string[]> {
  writeNotices()
  const config: Configuration = {
    extends: configFile,
    // Linux has nobody to sign for; elsewhere an unsigned installer is none.
    forceCodeSigning: process.platform !== 'linux',
    ...metadata(options),
  }
  const made = await build({ projectDir, publish: 'never', config })
  if (process.platform !== 'linux') return made
  const folder = join(projectDir, 'dist', 'linux-unpacked')
  return [...made, await packArchive(folder, join(projectDir, 'dist'), options.version ?? ownVersion())]
}

/** The packaged folder as one file, for Linux without a package manager; answers where. */
export async function packArchive(
  folder: string,
  output: string,
  version: string,
  effort = 9,
): Promise<string> {
  const archive = join(output, `Fieldbook-${version}-linux-x64.tar.gz`)
  const name = `s,^\\.,fieldbook-${version},`
  await run('tar', [
    '-C',
    folder,
    '-c',
    '-f',
    archive,
    '-I',
    `gzip -${effort}`,
    '--owner=0',
    '--group=0',
    '--transform',
    name,
    '.',
  ])
  return archive
}

const ownVersion = () =>
  (JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8')) as { version: string }).version

function writeNotices() {
  writeFileSync(join(projectDir, 'out', 'THIRD-PARTY-NOTICES.txt'), noticesText(noticesOf()))
}
