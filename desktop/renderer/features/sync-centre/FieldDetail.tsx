import { useId, useState } from 'react'
import type { FieldItem, PastFieldItem } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { chooseSite, useSession } from '../../app/session.ts'
import { showSignInAgain } from '../../app/sign-in-again.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { openVisit, whenClean } from '../../app/workspace.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Words } from '../../ui/Words.tsx'
import { Actions, Detail } from './Detail.tsx'
import { DiscardButton } from './DiscardButton.tsx'
import { cell, RowHead, Table } from './EditTable.tsx'
import {
  type FieldRow,
  fieldRows,
  flatFields,
  type Known,
  rowLabel,
  rowText,
  settled,
  type Sides,
} from './field-edits.ts'
import { savedWords, type Stop, stopWords, titleOf } from './state-words.ts'
import { useAction } from './use-action.ts'
import { useObstacle, useObstacleWords } from './use-obstacle.ts'

/** An edit of a visit or a photo that is not on the server: what it changes, why, and what can be done. */
export function FieldDetail({
  item,
  stop,
  blocker,
  onShow,
  onDone,
}: {
  item: FieldItem
  stop: Stop
  blocker: { mutationId: string } | undefined
  /** Shows the edit that this one waits for. */
  onShow: () => void
  onDone: () => void
}) {
  const known = useKnown(item.visitId)
  const { act, problem } = useAction(onDone)
  const obstacle = useObstacle()
  const obstacleWords = useObstacleWords([item])
  const isWaiting = stop === 'waiting'
  const isStopped = !isWaiting && stop !== 'blocked'
  const cannotBeTakenBack = isWaiting && item.mayBeSent
  if (stop === 'conflict') return <FieldConflictDetail item={item} known={known} onDone={onDone} />
  return (
    <Detail
      title={titleOf(item)}
      intro={
        <>
          <p>Saved on this device on {savedWords(item)}.</p>
          {isWaiting && <p>{obstacleWords}</p>}
          {stop === 'blocked' && (
            <p>
              It builds on an earlier edit of this visit, which needs your attention first.{' '}
              {blocker && <TextButton onClick={onShow}>Show it</TextButton>}
            </p>
          )}
          {isStopped && (
            <p>{stop === 'refused' ? '' : `${stopWords(item, stop, {})}. `}It stays here until you decide.</p>
          )}
          {cannotBeTakenBack && (
            <p>The server may have it already, so it can be taken back only once the server has answered.</p>
          )}
        </>
      }
    >
      {stop === 'refused' && item.problem && (
        <ProblemNotice
          className="mt-3"
          problem={{
            ...item.problem,
            reference: null,
            details: item.problem.details.map(({ field, message }) => ({
              field: rowLabel({ key: field, fields: [field] }, known),
              message,
            })),
          }}
        />
      )}
      {stop !== 'unreadable' && <FieldTable edit={item} known={known} />}
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <Actions end={cannotBeTakenBack ? undefined : <DiscardButton item={item} onDone={onDone} />}>
        {isWaiting && obstacle === 'sign-in' && (
          <Button look="primary" onClick={() => showSignInAgain(true)}>
            Sign in again
          </Button>
        )}
        {isStopped && stop !== 'gone' && (
          <Button onClick={() => void act(() => ask('sync.retry', { mutationId: item.mutationId }))}>
            Retry
          </Button>
        )}
        {known.open && <Button onClick={() => showVisit(item.visitId, item.siteId)}>Open visit</Button>}
      </Actions>
    </Detail>
  )
}

/** An edit of a visit or a photo that is over. */
export function PastFieldDetail({ item }: { item: PastFieldItem }) {
  const visitId = typeof item.patch.visitId === 'string' ? item.patch.visitId : item.entityId
  const known = useKnown(visitId)
  const ended = momentWords(item.endedAt, readerZone())
  const endings: Record<PastFieldItem['outcome'], string> = {
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
      <FieldTable edit={item} known={known} />
      {known.open && (
        <Actions>
          <Button onClick={() => showVisit(visitId, item.siteId)}>Open visit</Button>
        </Actions>
      )}
    </Detail>
  )
}

/** Two devices, or two people, changed the same of a visit or a photo: one side is chosen in each row. */
function FieldConflictDetail({ item, known, onDone }: { item: FieldItem; known: Known; onDone: () => void }) {
  const [sides, setSides] = useState<Sides>({})
  const [asked, setAsked] = useState(false)
  const { act, problem } = useAction(onDone)
  const rows = fieldRows(item.conflict!.fields)
  const wanted = settled(item, sides)
  const all = (side: 'mine' | 'theirs') => setSides(Object.fromEntries(rows.map(({ key }) => [key, side])))
  return (
    <Detail
      title={`“${titleOf(item)}” was changed in two places`}
      intro={
        <p>
          Here on {savedWords(item)}, and elsewhere before that arrived. Choose what it should say
          {rows.length === 1 ? '' : ' in each row'}.
        </p>
      }
    >
      <Table
        caption="Conflicting fields"
        heads={['Field', 'Before', 'Yours', 'On the server']}
        rowsAreQuestions
      >
        {rows.map((row) => (
          <SideRow
            key={row.key}
            row={row}
            item={item}
            known={known}
            side={sides[row.key]}
            missing={asked && !sides[row.key]}
            onChoose={(side) => setSides({ ...sides, [row.key]: side })}
          />
        ))}
      </Table>
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <Actions end={<DiscardButton item={item} onDone={onDone} />}>
        <Button
          look="primary"
          onClick={() => {
            setAsked(true)
            if (wanted) void act(() => ask('sync.resolve', { mutationId: item.mutationId, fields: wanted }))
          }}
        >
          Save this version
        </Button>
        <Button onClick={() => all('mine')}>All mine</Button>
        <Button onClick={() => all('theirs')}>All from the server</Button>
      </Actions>
    </Detail>
  )
}

function SideRow({
  row,
  item,
  known,
  side,
  missing,
  onChoose,
}: {
  row: FieldRow
  item: FieldItem
  known: Known
  side: 'mine' | 'theirs' | undefined
  missing: boolean
  onChoose: (side: 'mine' | 'theirs') => void
}) {
  const name = useId()
  const { base, mine, theirs } = item.conflict!
  const label = rowLabel(row, known)
  const texts = {
    mine: rowText(row, flatFields(mine), known),
    theirs: rowText(row, flatFields(theirs ?? {}), known),
  }
  return (
    <tr>
      <RowHead label={label}>
        {missing && (
          <span role="alert" className="text-bad">
            Choose one
          </span>
        )}
      </RowHead>
      <td className={`${cell} text-muted`}>
        <Words text={rowText(row, flatFields(base), known)} />
      </td>
      {(['mine', 'theirs'] as const).map((each) => (
        <td
          key={each}
          className={`border-b border-line p-0 align-top has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus ${
            side === each ? 'bg-accent-soft shadow-[inset_0_0_0_2px_var(--accent)]' : 'hover:bg-surface-2'
          }`}
        >
          <label className="relative block px-3 py-2">
            <input
              type="radio"
              name={name}
              aria-label={`${label}, ${each === 'mine' ? 'yours' : 'on the server'}: ${texts[each] || 'empty'}`}
              className="absolute inset-0 size-full appearance-none outline-none"
              checked={side === each}
              onChange={() => onChoose(each)}
            />
            <Words text={texts[each]} />
          </label>
        </td>
      ))}
    </tr>
  )
}

function FieldTable({ edit, known }: { edit: FieldItem | PastFieldItem; known: Known }) {
  const { entity, op } = edit
  const base = flatFields(edit.base)
  const patch = flatFields(edit.patch)
  if (op === 'delete') return <p className="mt-3.5">You removed this {entity}.</p>
  const says = (row: FieldRow) => patch[row.key] != null && !isEmptyList(patch[row.key])
  const rows = fieldRows(Object.keys(patch)).filter((row) => op === 'update' || says(row))
  if (rows.length === 0) return null
  return (
    <Table
      caption="What this edit changes"
      heads={op === 'create' ? ['Field', `New ${entity}`] : ['Field', 'Before', 'Now']}
      rowsAreQuestions
    >
      {rows.map((row) => (
        <tr key={row.key}>
          <RowHead label={rowLabel(row, known)} />
          {op === 'update' && (
            <td className={`${cell} text-muted`}>
              <Words text={rowText(row, base, known)} />
            </td>
          )}
          <td className={cell}>
            <Words text={rowText(row, patch, known)} />
          </td>
        </tr>
      ))}
    </Table>
  )
}

const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0

/** What this device knows of the visit; nothing while it is read, and where it is not here. */
function useKnown(visitId: string): Known {
  const { value } = useAnswer(visitId, async (): Promise<Known> => {
    const [{ open }, { brands }] = await Promise.all([
      ask('visits.open', { id: visitId }),
      ask('field.lookups', {}),
    ])
    return { open, brands }
  })
  return value ?? { open: null, brands: [] }
}

/** Shows the visit, in the site it belongs to. */
function showVisit(visitId: string, siteId: string) {
  if (useSession.getState().siteId === siteId) return openVisit(visitId, 'visits')
  whenClean(() => void chooseSite(siteId, false).then(() => openVisit(visitId, 'visits')))
}
