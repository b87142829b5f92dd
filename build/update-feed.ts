import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { listName, type VersionList, writeVersionList } from '#desktop/main/updates/version-list'

export interface FeedOptions {
  version: string
  channel: string
  /** Of a hundred computers, how many take it. */
  staged: number
  /** The version that goes back to this one. */
  rollbackFrom: string | null
  key: KeyObject
}

/** What each kind of computer renews itself from. */
const takes: { platform: NodeJS.Platform; arch: string; file: RegExp }[] = [
  { platform: 'win32', arch: 'x64', file: /^Fieldbook-Setup-.+\.exe$/ },
  { platform: 'darwin', arch: 'universal', file: /-mac-universal\.zip$/ },
  { platform: 'linux', arch: 'x64', file: /-linux-(x86_64\.AppImage|x64\.tar\.gz)$/ },
]

/**
 * Writes the signed lists of versions for the installers of one version in a folder, which is then ready to be put on
 * a static server as it is. Each list appears whole or not at all. Answers with their names.
 */
export async function writeLists(folder: string, options: FeedOptions): Promise<string[]> {
  const { version, channel, staged, rollbackFrom, key } = options
  const ofVersion = (await readdir(folder)).filter(
    (name) => name.includes(`-${version}.`) || name.includes(`-${version}-`),
  )
  const written: string[] = []
  for (const { platform, arch, file } of takes) {
    const names = ofVersion.filter((name) => file.test(name)).toSorted()
    if (names.length === 0) continue
    const name = listName(channel, platform, arch)
    const list: VersionList = {
      name,
      version,
      rollbackFrom,
      staged,
      released: new Date().toISOString(),
      files: await Promise.all(names.map((entry) => describe(folder, entry))),
    }
    const path = join(folder, `${name}.json`)
    await writeFile(`${path}.new`, writeVersionList(list, key))
    await rename(`${path}.new`, path)
    written.push(path)
  }
  if (written.length === 0)
    throw new Error(`There is nothing of version ${version} in ${folder} to take updates from.`)
  return written
}

async function describe(folder: string, name: string) {
  const hash = createHash('sha512')
  await pipeline(createReadStream(join(folder, name)), hash)
  return { name, size: (await stat(join(folder, name))).size, sha512: hash.digest('base64') }
}

/** UPDATE_SIGNING_KEY. Throws, without quoting it, where it is no such key. */
export function readSigningKey(pem: string | undefined): KeyObject {
  try {
    const key = createPrivateKey(pem ?? '')
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Said below.
  }
  throw new Error('UPDATE_SIGNING_KEY is no Ed25519 private key in PEM. `npm run updates -- key` makes one.')
}

/** UPDATE_PUBLIC_KEYS: those that may sign, divided by commas, or `none` for an app that takes no updates by itself. */
export function readUpdateKeys(text: string | undefined): string[] {
  if (text === 'none') return []
  const keys = (text ?? '').split(',').map((key) => key.trim())
  for (const key of keys) {
    const form = { key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' } as const
    let usable = false
    try {
      usable = createPublicKey(form).asymmetricKeyType === 'ed25519'
    } catch {
      // Said below.
    }
    if (!usable) {
      throw new Error(
        'UPDATE_PUBLIC_KEYS says whose updates the app takes: keys from `npm run updates -- key`, divided by commas, or none.',
      )
    }
  }
  return keys
}
