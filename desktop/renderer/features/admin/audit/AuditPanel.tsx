import { Copy } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { AuditEntry } from '#common/contract/audit'
import { useWhole } from '../../../app/session.ts'
import { Button, TextButton } from '../../../ui/Button.tsx'
import { copy } from '../../../ui/copy.ts'
import { momentWords, readerZone } from '../../../ui/date-words.ts'
import { isLong, Words } from '../../../ui/Words.tsx'
import { SidePanel, PanelHead } from '../../../ui/SidePanel.tsx'
import {
  type AuditFilters,
  entryWords,
  happened,
  subjectWords,
  type ValueRow,
  valueRows,
  whereWords,
} from './audit-words.ts'

/** One entry: who, when, from where, and field by field what was and what is. */
export function AuditPanel({
  entry,
  focus,
  onFilter,
  onClose,
}: {
  entry: AuditEntry
  focus: boolean
  onFilter: (changes: Partial<AuditFilters>) => void
  onClose: () => void
}) {
  const [copied, setCopied] = useState(false)
  const whole = useWhole()
  const rows = valueRows(entry)
  const subject = subjectWords(entry)
  const { actor, entityId } = entry
  return (
    <SidePanel label="Entry">
      <PanelHead title={happened(entry.action)} focus={focus} onClose={onClose} />
      <div
        className="min-h-0 flex-1 overflow-y-auto p-4"
        tabIndex={0}
        role="region"
        aria-label="What happened"
      >
        <p className="font-semibold">{entryWords(entry)}</p>
        <dl className="mt-2 space-y-1.5">
          <Fact label="When">{momentWords(entry.at, readerZone())}</Fact>
          <Fact label="Where">{whereWords(entry, whole)}</Fact>
          {subject && <Fact label="About">{subject}</Fact>}
          {entry.device && <Fact label="Device">{entry.device}</Fact>}
          {entry.address && <Fact label="Address">{entry.address}</Fact>}
        </dl>
        {(actor ?? entityId) && (
          <p className="mt-3 flex flex-col items-start gap-1">
            {actor && (
              <TextButton onClick={() => onFilter({ actor: { id: actor.id, name: actor.displayName } })}>
                All that {actor.displayName} did
              </TextButton>
            )}
            {entityId && (
              <TextButton
                onClick={() => onFilter({ record: { id: entityId, name: subject || 'one thing' } })}
              >
                All that was done to {subject ? `“${subject}”` : 'it'}
              </TextButton>
            )}
          </p>
        )}
        {rows.length > 0 && (
          <>
            <h3 className="mt-5 mb-2 border-b border-line pb-1.5 font-semibold">Values</h3>
            <dl className="space-y-2.5">
              {rows.map((row) => (
                <Value key={row.key} row={row} />
              ))}
            </dl>
          </>
        )}
        <div className="mt-5 flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line pt-3">
          <Button onClick={() => setCopied(copy(entry.id))}>
            <Copy aria-hidden size={13} /> Copy the id of this entry
          </Button>
          <span role="status" className="text-muted">
            {copied && 'Copied.'}
          </span>
          {entry.requestId && (
            <p className="w-full text-sm break-all text-muted select-text">Reference {entry.requestId}</p>
          )}
        </div>
      </div>
    </SidePanel>
  )
}

const columns = 'grid grid-cols-[7rem_1fr] gap-x-3'

const Fact = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className={columns}>
    <dt className="text-muted">{label}</dt>
    <dd className="min-w-0 break-words select-text">{children}</dd>
  </div>
)

function Value({ row: { label, before, after } }: { row: ValueRow }) {
  const [all, setAll] = useState(false)
  const long = isLong(before ?? '', after ?? '')
  return (
    <div className={columns}>
      <dt className="min-w-0 break-words text-muted">{label}</dt>
      <dd className="min-w-0">
        {before !== null && !(long && after) && (
          <span className="block text-muted">
            <span className="sr-only">Before: </span>
            {before === '' ? 'empty' : <s className="break-words">{before}</s>}
          </span>
        )}
        {after !== null && (
          <span className="block">
            {before !== null && <span className="sr-only">After: </span>}
            <Words text={after} before={long ? (before ?? undefined) : undefined} all={all} />
          </span>
        )}
        {long && (
          <TextButton look="faint" className="text-sm" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show less' : 'Show all'}
          </TextButton>
        )}
      </dd>
    </div>
  )
}
