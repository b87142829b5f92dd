import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { Closed, Nullable } from '#common/contract/primitives'

/**
 * What an update source says there is to have: one file beside the installers, for one channel and one kind of
 * computer. It is signed with a key whose public half is in the app, and names each installer's hash, so that whoever
 * owns the source, or the way to it, can give out nothing but what the makers of Fieldbook released.
 */
const Version = Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$', maxLength: 50 })

export const VersionList = Closed({
  /** Its own name, so that one list cannot be given out in place of another. */
  name: Type.String(),
  version: Version,
  /** The one version that goes back to this older one; none does without it. */
  rollbackFrom: Nullable(Version),
  /** How many computers of a hundred take it. */
  staged: Type.Integer({ minimum: 0, maximum: 100 }),
  released: Type.String(),
  files: Type.Array(
    Closed({
      /** Beside the list, and nowhere else. */
      name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 200 }),
      size: Type.Integer({ minimum: 1 }),
      sha512: Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$' }),
    }),
    { minItems: 1 },
  ),
})
export type VersionList = Static<typeof VersionList>

/** The signature is over these very bytes, so that nothing is read before it is known whose it is. */
const SignedList = Closed({ list: Type.String(), signature: Type.String() })

/** Whatever keeps an update from being taken, in words for people. */
export class UpdateRefused extends Error {
  override readonly name = 'UpdateRefused'
}

/** Of a mac there is one list: its package runs on both processors. */
export function listName(channel: string, platform: NodeJS.Platform, arch: string): string {
  const system = { win32: `windows-${arch}`, darwin: 'mac' } as Partial<Record<NodeJS.Platform, string>>
  return `${channel}-${system[platform] ?? `${platform}-${arch}`}`
}

/** A new pair: `secret` signs, in PEM; `trusted` goes into the app, SPKI in base64. */
export function createUpdateKey(): { secret: string; trusted: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    secret: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    trusted: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  }
}

export function writeVersionList(list: VersionList, key: KeyObject): string {
  const text = JSON.stringify(list)
  return `${JSON.stringify({ list: text, signature: sign(null, Buffer.from(text), key).toString('base64') }, null, 2)}\n`
}

/** Throws UpdateRefused unless it is the list of that name, signed with one of the keys. */
export function readVersionList(text: string, name: string, keys: readonly string[]): VersionList {
  const signed = parse(text)
  if (!Value.Check(SignedList, signed)) {
    throw new UpdateRefused('What the update source answers is no list of versions. Nothing was installed.')
  }
  const { list: content, signature } = signed
  if (!keys.some((key) => isSigned(content, signature, key))) {
    throw new UpdateRefused(
      'The list of versions is not signed by the makers of Fieldbook. Nothing was installed; tell whoever looks after your computer.',
    )
  }
  const list = parse(content)
  if (!Value.Check(VersionList, list)) {
    throw new UpdateRefused(
      'The list of versions is for another generation of Fieldbook. Nothing was installed.',
    )
  }
  if (list.name !== name) {
    throw new UpdateRefused(`The list of versions is ${list.name}, not ${name}. Nothing was installed.`)
  }
  return list
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isSigned(content: string, signature: string, key: string): boolean {
  const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
  return (
    publicKey.asymmetricKeyType === 'ed25519' &&
    verify(null, Buffer.from(content), publicKey, Buffer.from(signature, 'base64'))
  )
}
