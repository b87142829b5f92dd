import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

export interface CodeNames {
  tenantId: string
  id: string
}

/** What a mail carries to choose a password with: it names its row and proves that it was made here. */
export interface Codes {
  of(names: CodeNames): string
  /** Null for what was not made here. */
  read(code: string): CodeNames | null
}

const idBytes = 16
const proofBytes = 16

/**
 * Neither database nor queue holds a code, only what it names; without the secret nobody makes one of that. New ones
 * are made with the first secret, those made with the others still count.
 */
export function createCodes(secrets: () => readonly Uint8Array[]): Codes {
  const keys = () =>
    secrets().map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'fieldbook mailed codes', 32)))
  const proof = (key: Buffer, names: Buffer) =>
    createHmac('sha256', key).update(names).digest().subarray(0, proofBytes)

  return {
    of({ tenantId, id }) {
      const names = Buffer.concat([bytesOf(tenantId), bytesOf(id)])
      return Buffer.concat([names, proof(keys()[0]!, names)]).toString('base64url')
    },
    read(code) {
      // It is pasted, with what stands around it in a mail.
      const bytes = Buffer.from(code.trim(), 'base64url')
      if (bytes.length !== 2 * idBytes + proofBytes) return null
      const names = bytes.subarray(0, 2 * idBytes)
      const given = bytes.subarray(2 * idBytes)
      if (!keys().some((key) => timingSafeEqual(proof(key, names), given))) return null
      return { tenantId: uuidOf(names.subarray(0, idBytes)), id: uuidOf(names.subarray(idBytes)) }
    },
  }
}

const bytesOf = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex')

const uuidOf = (bytes: Buffer) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
