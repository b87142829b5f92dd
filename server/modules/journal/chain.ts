import type { AuditAction } from '#common/contract/audit-actions'
import { canonicalJson, sha256 } from '../../shared/canonical-json.ts'
import type { Anchor } from './anchors.ts'
import type { AuditRow } from './journal.repository.ts'

/**
 * The audit of a feed is a chain: the hash of an entry covers the one before it and the entry itself in canonical
 * form, and the feed's head keeps how many there are and the last hash.
 */

const chainStart = sha256('fieldbook')

export const chained = (before: Buffer, entry: AuditRow): Buffer => sha256(before, canonicalJson(entry))

export interface ChainHead {
  feedId: string
  auditCount: number
  auditHash: Buffer
}

export interface ChainEntry {
  position: number
  hash: Buffer
  /** Of a blanked one what is left of it, which is no more what the hash was made of. */
  entry: AuditRow
  blanked: boolean
}

/** The entry of the audit that says which others of its feed were blanked, and `remains` of each. */
export const blanking = 'audit.blanked' satisfies AuditAction

/** Binds what is left of a blanked entry, its hash included. */
export const remains = ({ hash, entry }: Pick<ChainEntry, 'hash' | 'entry'>): string =>
  chained(hash, entry).toString('hex')

/** What the feed says of its blanked entries, by their position; `by` is where it says so. */
export type Blanked = ReadonlyMap<number, { by: number; remains: string }>

/**
 * Where the audit of a feed is not what was written, first of all: `edited` is an entry that is not the one its hash
 * was made of, also because it is at another's place; `missing` a place without one; `cut` the first place behind the
 * last entry where the head, or an anchor, knows of more; `unannounced` the first entry the head knows nothing of;
 * `rewritten` an entry at or before which the chain was made anew, as the anchor shows; `blanked` an entry that was
 * blanked, and no later one says that it was, or that this is what was left.
 */
export interface Break {
  feedId: string
  position: number
  what: 'edited' | 'missing' | 'cut' | 'unannounced' | 'rewritten' | 'blanked'
}

/** Follows one chain in the order of its positions, some entries at a time. */
export class ChainCheck {
  readonly #head: ChainHead
  readonly #anchor: Anchor | null
  readonly #blanked: Blanked
  #hash: Buffer = chainStart
  #position = 0
  #broken: Break | null = null

  constructor(head: ChainHead, anchor: Anchor | null = null, blanked: Blanked = new Map()) {
    this.#head = head
    this.#anchor = anchor
    this.#blanked = blanked
  }

  /** How many entries were followed. */
  get position(): number {
    return this.#position
  }

  /** False once there is nothing more to learn. */
  follow(entries: readonly ChainEntry[]): boolean {
    for (const found of entries) {
      const { position, hash } = found
      const expected = this.#position + 1
      if (position !== expected) this.#break(expected, 'missing')
      else if (found.blanked && !this.#mayBeBlank(found)) this.#break(expected, 'blanked')
      else if (!found.blanked && !chained(this.#hash, found.entry).equals(hash))
        this.#break(expected, 'edited')
      else if (expected > this.#head.auditCount) this.#break(expected, 'unannounced')
      else if (expected === this.#anchor?.count && !hash.equals(this.#anchor.hash))
        this.#break(expected, 'rewritten')
      if (this.#broken) return false
      this.#hash = hash
      this.#position = expected
    }
    return true
  }

  /** After the last entry: the first break, or null where the chain is whole. */
  end(): Break | null {
    const known = Math.max(this.#head.auditCount, this.#anchor?.count ?? 0)
    if (!this.#broken && this.#position < known) this.#break(this.#position + 1, 'cut')
    // The last hash is in the entry and in the head; where only the head's is another, the last entry is not the one it knew.
    else if (!this.#broken && !this.#hash.equals(this.#head.auditHash)) this.#break(this.#position, 'edited')
    return this.#broken
  }

  #mayBeBlank(found: ChainEntry): boolean {
    const said = this.#blanked.get(found.position)
    return said !== undefined && said.by > found.position && said.remains === remains(found)
  }

  #break(position: number, what: Break['what']) {
    this.#broken = { feedId: this.#head.feedId, position, what }
  }
}
