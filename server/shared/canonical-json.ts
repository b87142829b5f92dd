import { createHash } from 'node:crypto'

export { canonicalJson } from '#common/rules/canonical-json'

export const sha256 = (...parts: (string | Uint8Array)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
