import { useState } from 'react'
import type { PastItem } from '#desktop/bridge/channels'
import { useSession } from '../../app/session.ts'
import { Button } from '../../ui/Button.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { Actions, Detail, Section } from './Detail.tsx'
import { rowsFor, rowWords } from '../../ui/field-rows.ts'
import { cell, EditTable, RowHead, ShowAll, Table } from './EditTable.tsx'
import { openItem } from './open-item.ts'
import { savedWords, titleOf } from './state-words.ts'
import { isLong, Words } from '../../ui/Words.tsx'

/** An edit that is over: what it changed, when, and what became of it. */
export function PastDetail({ item }: { item: PastItem }) {
  const belongs = useSession(({ user }) => user?.sites.some(({ id }) => id === item.siteId))
  const ended = momentWords(item.endedAt, readerZone())
  const endings: Record<PastItem['outcome'], string> = {
    sent: `On the server since ${ended}.`,
    discarded: `You discarded it on ${ended}; it is not on the server.`,
    replaced: `On ${ended} a later edit took its place.`,
  }
  return (
    <Detail
      title={titleOf(item)}
      intro={
        <p>
          Saved on this device on {savedWords(item)}. {endings[item.outcome]}
        </p>
      }
    >
      {item.resolves && <Settled item={item} resolves={item.resolves} />}
      {Object.keys(item.patch).length === 0 && item.op === 'update' ? (
        <p className="mt-3.5">The record was left as it was on the server.</p>
      ) : (
        <Section title={item.op === 'delete' ? 'What it did' : 'What it changed'}>
          <EditTable edit={item} />
        </Section>
      )}
      {belongs && item.op !== 'delete' && (
        <Actions>
          <Button onClick={() => openItem(item)}>Open record</Button>
        </Actions>
      )}
    </Detail>
  )
}

/** Both sides of a conflict and what was decided: the values that lost are kept here. */
function Settled({ item, resolves }: { item: PastItem; resolves: NonNullable<PastItem['resolves']> }) {
  const { mine, theirs } = resolves
  const rows = rowsFor([...Object.keys(mine), ...Object.keys(theirs)])
  if (rows.length === 0) return null
  const wasGone = Object.keys(theirs).length === 0
  return (
    <Section title="The conflict it settled">
      <Table caption="The conflict it settled" heads={['Field', 'Yours', 'Theirs', 'Decided']}>
        {rows.map((row) => (
          <SettledRow
            key={row.key}
            label={row.label}
            mine={rowWords(row, mine)}
            theirs={wasGone ? null : rowWords(row, theirs)}
            kept={rowWords(row, { ...theirs, ...item.patch })}
          />
        ))}
      </Table>
    </Section>
  )
}

function SettledRow({
  label,
  mine,
  theirs,
  kept,
}: {
  label: string
  mine: string
  /** Null for a record they had deleted. */
  theirs: string | null
  kept: string
}) {
  const [all, setAll] = useState(false)
  return (
    <tr>
      <RowHead label={label}>
        {isLong(mine, theirs ?? '', kept) && <ShowAll label={label} shown={all} onShow={setAll} />}
      </RowHead>
      <Side text={mine} kept={kept} all={all} />
      {theirs === null ? (
        <td className={`${cell} text-muted`}>deleted</td>
      ) : (
        <Side text={theirs} kept={kept} all={all} />
      )}
      <td className={`${cell} bg-accent-soft`}>
        <Words text={kept} all={all} />
      </td>
    </tr>
  )
}

/** What one side had; struck out where it was not kept and is short enough to be read all the same. */
function Side({ text, kept, all }: { text: string; kept: string; all: boolean }) {
  const words = <Words text={text} all={all} />
  if (text === kept) return <td className={cell}>{words}</td>
  return (
    <td className={`${cell} text-muted`}>
      <span className="block text-sm font-[550]">Not kept</span>
      {text && !isLong(text) ? <s>{words}</s> : words}
    </td>
  )
}
