import { appendFile, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChainHead } from './chain.ts'

/**
 * Anchors hold what the audit was at some moments outside the database, so that somebody who may change everything in
 * it cannot cut its end off or write it anew unseen. One file a month, `2026-11.jsonl`, to which lines are only ever
 * added: `{"at": "2026-11-21T09:15:00.000Z", "feeds": {"<feed>": [<entries>, "<hash of the last, hex>"]}}` names the
 * feeds that have grown since the line before.
 */

/** How many entries a feed had, at the latest anchor, and the hash of the last. */
export interface Anchor {
  count: number
  hash: Buffer
}
export type Anchors = Map<string, Anchor>

const isAnchorFile = (name: string) => /^\d{4}-\d\d\.jsonl$/.test(name)

interface Line {
  at: string
  feeds: Record<string, [count: number, hash: string]>
}

/** The latest anchor of each feed. A line that cannot be read, as the last one after a power cut, is passed over. */
export async function readAnchors(folder: string): Promise<Anchors> {
  const anchors: Anchors = new Map()
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names.filter(isAnchorFile)) {
    const file = await open(join(folder, name))
    for await (const text of file.readLines()) {
      const line = parsed(text)
      for (const [feedId, [count, hash]] of Object.entries(line?.feeds ?? {})) {
        if (count > (anchors.get(feedId)?.count ?? 0))
          anchors.set(feedId, { count, hash: Buffer.from(hash, 'hex') })
      }
    }
  }
  return anchors
}

function parsed(text: string): Line | null {
  try {
    return JSON.parse(text) as Line
  } catch {
    return null
  }
}

/** Adds a line for the heads that are further than their anchor, on the disk when it returns. */
export async function anchor(
  folder: string,
  heads: readonly ChainHead[],
  anchors: Anchors,
  at: Date,
): Promise<void> {
  const grown = heads.filter(({ feedId, auditCount }) => auditCount > (anchors.get(feedId)?.count ?? 0))
  if (grown.length === 0) return
  const feeds = Object.fromEntries(
    grown.map(({ feedId, auditCount, auditHash }) => [
      feedId,
      [auditCount, auditHash.toString('hex')] as const,
    ]),
  )
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${at.toISOString().slice(0, 7)}.jsonl`)
  // A line that was cut off by a crash ends here, so that this one is whole.
  await appendFile(path, `\n${JSON.stringify({ at: at.toISOString(), feeds })}\n`, {
    mode: 0o600,
    flush: true,
  })
  for (const { feedId, auditCount, auditHash } of grown)
    anchors.set(feedId, { count: auditCount, hash: auditHash })
}
