import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { AppError } from '#common/contract/errors'
import { Interaction } from '#common/contract/interactions'
import { Photo } from '#common/contract/photos'
import { Closed, Nullable, Uuid } from '#common/contract/primitives'
import { Visit } from '#common/contract/visits'

/**
 * Unsent work as a file that can be carried to another computer: a line that says what it is, a salt, a nonce, and the
 * rest encrypted and authenticated (AES-256-GCM) under a key made from a passphrase (scrypt). Each edit keeps the
 * device it was made on, so that it has its effect once, from wherever and however often it is sent. Where it stood is not
 * in the file: the server repeats what it has answered, and what it says now is what counts. Nor are photos themselves:
 * they stay where they were taken, and go from there.
 */

export const ArchivedEdit = Closed({
  deviceId: Uuid,
  mutationId: Uuid,
  /** Before there were others, it was an interaction. */
  entity: Type.Optional(Type.Enum(['interaction', 'visit', 'photo'])),
  entityId: Uuid,
  visitId: Type.Optional(Nullable(Uuid)),
  siteId: Uuid,
  op: Type.Enum(['create', 'update', 'delete']),
  /** As it was written, in JSON. */
  mutation: Type.String(),
  title: Type.String(),
  savedAt: Type.String(),
  /** The server had it once. It comes along because others build on it, should the server have lost it. */
  acknowledged: Type.Boolean(),
  lastSeen: Type.Union([Interaction, Visit, Photo, Type.Null()]),
})
export type ArchivedEdit = Static<typeof ArchivedEdit>

const Archive = Closed({ userId: Uuid, edits: Type.Array(ArchivedEdit) })
export type Archive = Static<typeof Archive>

const firstLine = Buffer.from('Fieldbook unsent work 1\n')
const saltLength = 16
const nonceLength = 12
const tagLength = 16
const headLength = firstLine.length + saltLength + nonceLength

/** 128 MiB and some tenths of a second for each guess. */
const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 }
const derive = promisify<string, Uint8Array, number, typeof cost, Buffer>(scrypt)
const keyOf = (passphrase: string, salt: Uint8Array) => derive(passphrase.normalize(), salt, 32, cost)

export async function writeArchive(archive: Archive, passphrase: string): Promise<Buffer> {
  const salt = randomBytes(saltLength)
  const nonce = randomBytes(nonceLength)
  const head = Buffer.concat([firstLine, salt, nonce])
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt), nonce)
  cipher.setAAD(head)
  const content = Buffer.concat([cipher.update(JSON.stringify(archive)), cipher.final()])
  return Buffer.concat([head, content, cipher.getAuthTag()])
}

/** Throws a VALIDATION_ERROR on `file` or `passphrase` that says what to do. */
export async function readArchive(bytes: Buffer, passphrase: string): Promise<Archive> {
  if (bytes.length < headLength + tagLength || !bytes.subarray(0, firstLine.length).equals(firstLine)) {
    throw unusable('file', 'Is not a file of unsent work that this version of Fieldbook has written')
  }
  const salt = bytes.subarray(firstLine.length, firstLine.length + saltLength)
  const nonce = bytes.subarray(firstLine.length + saltLength, headLength)
  const decipher = createDecipheriv('aes-256-gcm', await keyOf(passphrase, salt), nonce, {
    authTagLength: tagLength,
  })
  decipher.setAAD(bytes.subarray(0, headLength))
  decipher.setAuthTag(bytes.subarray(-tagLength))
  const archive = opened(() =>
    Buffer.concat([decipher.update(bytes.subarray(headLength, -tagLength)), decipher.final()]),
  )
  if (!Value.Check(Archive, archive))
    throw unusable('file', 'Was written by another version of Fieldbook; update this one')
  return archive
}

function opened(decrypt: () => Buffer): unknown {
  try {
    return JSON.parse(decrypt().toString())
  } catch {
    throw unusable(
      'passphrase',
      'Is not the one the file was written with, or the file is damaged. Try again or export anew.',
    )
  }
}

const unusable = (field: 'file' | 'passphrase', message: string) =>
  new AppError('VALIDATION_ERROR', 'The file cannot be read.', { details: [{ field, message }] })
