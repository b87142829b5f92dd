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
  entry: AuditRow
}

/**
 * Where the audit of a feed is not what was written, first of all: `edited` is an entry that is not the one its hash
 * was made of, also because it is at another's place; `missing` a place without one; `cut` the first place behind the
 * last entry where the head, or an anchor, knows of more; `unannounced` the first entry the head knows nothing of;
 * `rewritten` an entry at or before which the chain was made anew, as the anchor shows.
 */
export interface Break {
  feedId: string
  position: number
  what: 'edited' | 'missing' | 'cut' | 'unannounced' | 'rewritten'
}

/** Follows one chain in the order of its positions, some entries at a time. */
export class ChainCheck {
  readonly #head: ChainHead
  readonly #anchor: Anchor | null
  #hash: Buffer = chainStart
  #position = 0
  #broken: Break | null = null

  constructor(head: ChainHead, anchor: Anchor | null = null) {
    this.#head = head
    this.#anchor = anchor
  }

  /** How many entries were followed. */
  get position(): number {
    return this.#position
  }

  /** False once there is nothing more to learn. */
  follow(entries: readonly ChainEntry[]): boolean {
    for (const { position, hash, entry } of entries) {
      const expected = this.#position + 1
      const next = chained(this.#hash, entry)
      if (position !== expected) this.#break(expected, 'missing')
      else if (!next.equals(hash)) this.#break(expected, 'edited')
      else if (expected > this.#head.auditCount) this.#break(expected, 'unannounced')
      else if (expected === this.#anchor?.count && !hash.equals(this.#anchor.hash))
        this.#break(expected, 'rewritten')
      if (this.#broken) return false
      this.#hash = next
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

  #break(position: number, what: Break['what']) {
    this.#broken = { feedId: this.#head.feedId, position, what }
  }
}
