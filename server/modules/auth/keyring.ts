import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { mailKinds } from '../mail/words.ts'
import { newKeyPem, type SigningKey, signingKey } from './signing-key.ts'

/** The keys of access tokens at this moment: one signs, all that are trusted verify. */
export interface Keyring {
  signing(): SigningKey
  /** Those that verify, and are published: the one that signs, those before it that may still be met, the next one. */
  trusted(): SigningKey[]
  /**
   * For what is made here and comes back: codes, successors of refresh tokens, what is sealed. New ones are made with
   * the first; what was made with another still counts.
   */
  secrets(): Uint8Array[]
  /** Takes up what others change, until the function it answers with is called. */
  follow(failed: Failed): () => void
}

/** Told of what did not work, in which words. */
type Failed = (error: unknown, message: string) => void

/** Seconds that all servers have to find a new key before one of them signs with it; their clocks may differ by less. */
export const leadSeconds = 10 * 60
/** Seconds that a key still verifies, and that what was made with its secret counts, after another one signs. */
export const verifiesSeconds = 3600 + leadSeconds
export const keptSeconds =
  Math.max(...Object.values(mailKinds).map(({ hours }) => hours)) * 3600 + leadSeconds

const readEverySeconds = 5

/** From PEMs one after another, the one that signs first. */
export function keyringOf(pems: string): Keyring {
  const blocks = pems.trim().split(/(?<=-----END [A-Z ]*PRIVATE KEY-----)\s+/)
  const what = (at: number) =>
    blocks.length > 1 ? `Key ${at + 1} of those that sign access tokens` : undefined
  const keys = blocks.map((pem, at) => signingKey(pem, what(at)))
  return {
    signing: () => keys[0]!,
    trusted: () => keys,
    secrets: () => keys.map(({ secret }) => secret),
    follow: () => () => {},
  }
}

interface Kept {
  key: SigningKey
  path: string
  /** Milliseconds; the first one's is 0. */
  signsFrom: number
  /** When the next one does. */
  replacedAt: number
}

/**
 * The keys in the files of a folder, which servers may share; the first one is made where there is none. Each file's
 * name says from when on its key signs, so that all who read it agree without a word. What is over is removed; where
 * that cannot be, it does no harm. `read` fails where a file cannot be used; it goes on then with the keys it had.
 */
export async function folderKeyring(
  folder: string,
  now = Date.now,
): Promise<Keyring & { read(failed?: Failed): Promise<void> }> {
  let kept = await readKeys(folder)
  if (kept.length === 0) {
    await writeKey(folder, firstName)
    kept = await readKeys(folder)
  }

  /** One that waits signs where all before it were taken away. */
  const signing = (at = now()) => kept.findLast(({ signsFrom }) => signsFrom <= at) ?? kept[0]!

  /** What is over and cannot be removed: told once. */
  const stuck = new Set<string>()

  async function read(failed?: Failed) {
    const found = await readKeys(folder)
    if (found.length === 0) throw new Error(`No key that signs access tokens is left in ${folder}`)
    kept = found
    for (const { path, replacedAt } of found) {
      if (replacedAt + keptSeconds * 1000 > now()) continue
      await rm(path, { force: true }).catch((error: unknown) => {
        if (!failed || stuck.has(path)) return
        stuck.add(path)
        failed(error, 'a key of access tokens that is over cannot be removed')
      })
    }
  }
  await read()

  return {
    signing: () => signing().key,
    trusted() {
      const at = now()
      return kept.filter(({ replacedAt }) => at < replacedAt + verifiesSeconds * 1000).map(({ key }) => key)
    },
    secrets() {
      const at = now()
      const first = signing(at)
      const others = kept.filter((it) => it !== first && at < it.replacedAt + keptSeconds * 1000)
      return [first, ...others].map(({ key }) => key.secret)
    },
    read,
    follow(failed) {
      const again = () =>
        read(failed).catch((error: unknown) => failed(error, 'the keys of access tokens were not read again'))
      const timer = setInterval(() => void again(), readEverySeconds * 1000).unref()
      return () => clearInterval(timer)
    },
  }
}

/** Adds a key that signs from some minutes on; answers with that moment, or with why there is none to add. */
export async function rotateKeys(
  folder: string,
  now = Date.now(),
): Promise<{ from: Date } | { not: string }> {
  const kept = await readKeys(folder)
  if (kept.length === 0)
    return { not: `There is no key in ${folder} to replace: a server makes the first one as it starts` }
  const waits = kept.find(({ signsFrom }) => signsFrom > now)
  if (waits) {
    const from = new Date(waits.signsFrom).toISOString()
    return { not: `A new key waits already: ${basename(waits.path)} signs from ${from}` }
  }
  const from = new Date(Math.ceil(now / 1000 + leadSeconds) * 1000)
  await writeKey(folder, nameOf(from))
  return { from }
}

const firstName = 'jwt-key.pem'
/** Such as jwt-key.20261122T021500Z.pem. */
const nameOf = (from: Date) => `jwt-key.${from.toISOString().replace(/[-:]|\.\d+/g, '')}.pem`
const named = /^jwt-key(?:\.(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z)?\.pem$/

/** The oldest first. */
async function readKeys(folder: string): Promise<Kept[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const files = names
    .flatMap((name) => {
      const match = named.exec(name)
      if (!match) return []
      const [, year, ...rest] = match.map(Number)
      const [month, day, hour, minute, second] = rest
      return { name, signsFrom: match[1] ? Date.UTC(year!, month! - 1, day, hour, minute, second) : 0 }
    })
    .sort((a, b) => a.signsFrom - b.signsFrom)
  const kept = await Promise.all(
    files.map(async ({ name, signsFrom }, at) => {
      const path = join(folder, name)
      const key = await readKey(path)
      return key && { key, path, signsFrom, replacedAt: files[at + 1]?.signsFrom ?? Infinity }
    }),
  )
  return kept.filter((it) => it !== null)
}

/** Null where it was removed meanwhile. */
async function readKey(path: string): Promise<SigningKey | null> {
  const remedy = `Put back ${path} from a backup. Without one remove it: nobody is signed out, but codes mailed before count no longer`
  try {
    return signingKey(await readFile(path, 'utf8'), 'The key in it')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new Error(`The file ${path} cannot be used: ${message}. ${remedy}`, { cause: error })
  }
}

/** A new one, readable by its owner alone; whole or not at all, and never in place of another. */
async function writeKey(folder: string, name: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const unnamed = join(folder, `.${uuidv7()}.part`)
  const file = await open(unnamed, 'wx', 0o600)
  try {
    await file.writeFile(newKeyPem())
    await file.sync()
    await file.close()
    await link(unnamed, join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(unnamed, { force: true })
  }
}
