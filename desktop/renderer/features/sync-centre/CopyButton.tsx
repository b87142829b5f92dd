import { useState } from 'react'
import type { QueueItem } from '#desktop/bridge/channels'
import { Button } from '../../ui/Button.tsx'
import { copy } from '../../ui/copy.ts'
import { rowsFor, rowWords } from '../../ui/field-rows.ts'
import { titleOf } from './state-words.ts'

/** Puts what the person wrote on the clipboard, a line a field, for wherever it may be saved instead. */
export function CopyButton({ item }: { item: QueueItem }) {
  const [copied, setCopied] = useState(false)
  return (
    <>
      <Button onClick={() => setCopied(copy(asText(item)))}>Copy what I wrote</Button>
      <span role="status" className="text-muted">
        {copied && 'Copied.'}
      </span>
    </>
  )
}

const asText = (item: QueueItem) =>
  [
    titleOf(item),
    ...rowsFor(Object.keys(item.patch)).map((row) => `${row.label}: ${rowWords(row, item.patch)}`),
  ].join('\n')
