import { useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import { type Notice, type NoticeKind, noticeKinds } from '#common/contract/notices'
import type { Site } from '#common/contract/sites'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { tell } from '../../../app/workspace.ts'
import { readerZone } from '../../../ui/date-words.ts'
import { type FieldErrors, errorsAt, isSaid, withoutErrors } from '../../../ui/field-errors.ts'
import { Field } from '../../../ui/Field.tsx'
import { FormDialog } from '../../../ui/FormDialog.tsx'
import { type MomentParts, momentOf, partsOf } from '../../../ui/moment.ts'
import { MomentField } from '../../../ui/MomentField.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { noticeKindWords } from '../../../ui/notice-words.ts'

const fields = ['words', 'kind', 'siteId', 'startsAt', 'endsAt'] as const
type Name = (typeof fields)[number]

const hints: Record<NoticeKind, string> = {
  maintenance: 'Stays at the top of the window until it ends, and is read out at once.',
  warning: 'Stays at the top of the window until it ends, and is read out at once.',
  info: 'Each person may dismiss it on their device.',
}

const aDay = 24 * 3600_000

interface Values {
  words: string
  kind: NoticeKind
  siteId: string | null
  startsAt: MomentParts
  endsAt: MomentParts
}

function valuesOf(notice: Notice | null, zone: string): Values {
  const at = (moment: number) => partsOf(new Date(moment).toISOString(), zone)
  if (!notice)
    return { words: '', kind: 'info', siteId: null, startsAt: at(Date.now()), endsAt: at(Date.now() + aDay) }
  const { words, kind, siteId, startsAt, endsAt } = notice
  return { words, kind, siteId, startsAt: partsOf(startsAt, zone), endsAt: partsOf(endsAt, zone) }
}

/** Writes a notice, or changes one that is not over. Times are on the clock of whoever writes it. */
export function NoticeDialog({
  notice,
  sites,
  onClose,
  onWritten,
}: {
  notice: Notice | null
  sites: readonly Site[]
  onClose: () => void
  onWritten: () => Promise<void>
}) {
  // The same when it is sent again, so that it is not added twice.
  const [id] = useState(() => notice?.id ?? uuidv7())
  const [zone] = useState(readerZone)
  const [opened] = useState(() => valuesOf(notice, zone))
  const [values, setValues] = useState(opened)
  const [errors, setErrors] = useState<FieldErrors<Name>>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const starts = momentOf(values.startsAt, zone)
  const ends = momentOf(values.endsAt, zone)

  const change = (next: Partial<Values>) => {
    setValues({ ...values, ...next })
    setErrors(withoutErrors(errors, next))
  }
  const send = async () => {
    setProblem(null)
    const words = values.words.trim()
    const wrong: FieldErrors<Name> = {
      ...(words === '' && { words: 'Is required' }),
      ...(starts.kind !== 'moment' && { startsAt: wrongMoment(starts) }),
      ...(ends.kind !== 'moment' && { endsAt: wrongMoment(ends) }),
    }
    setErrors(wrong)
    if (isSaid(wrong) || starts.kind !== 'moment' || ends.kind !== 'moment') return
    setBusy(true)
    const { kind, siteId } = values
    const body = { id, words, kind, siteId, startsAt: starts.instant, endsAt: ends.instant }
    try {
      if (notice) await ask('notices.update', { ...body, version: notice.version })
      else await ask('notices.add', body)
      tell(notice ? 'The notice is changed.' : 'The notice is on its way to every open app.')
      await onWritten()
    } catch (failure) {
      const found = problemOf(failure)
      const onFields = errorsAt(found, fields)
      setErrors(onFields)
      if (!isSaid(onFields)) setProblem(found)
      setBusy(false)
    }
  }
  const isTyped = JSON.stringify(values) !== JSON.stringify(opened)
  return (
    <FormDialog
      title={notice ? 'Edit the notice' : 'Write a notice'}
      intro={<p>Open apps show it at once, others when they are opened, until it ends.</p>}
      send={notice ? 'Save' : 'Publish'}
      busy={busy}
      unsaved={
        isTyped ? (notice ? 'The changes are not saved yet.' : 'The notice is not published yet.') : null
      }
      onSend={() => void send()}
      onClose={onClose}
    >
      <div className="mt-4 space-y-3.5">
        <Field label="Text" error={errors.words} hint={`${values.words.length} of 500 characters`}>
          {(control) => (
            <textarea
              {...control}
              className={`${control.className} h-24 resize-y py-1.5`}
              autoFocus
              maxLength={500}
              value={values.words}
              onChange={(event) => change({ words: event.target.value })}
            />
          )}
        </Field>
        <Field label="Kind" error={errors.kind} hint={hints[values.kind]}>
          {(control) => (
            <select
              {...control}
              value={values.kind}
              onChange={(event) => change({ kind: event.target.value as NoticeKind })}
            >
              {[...noticeKinds].reverse().map((kind) => (
                <option key={kind} value={kind}>
                  {noticeKindWords[kind]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="For" error={errors.siteId}>
          {(control) => (
            <select
              {...control}
              value={values.siteId ?? ''}
              onChange={(event) => change({ siteId: event.target.value || null })}
            >
              <option value="">Everybody in the organisation</option>
              {sites.map((site) => (
                <option key={site.id} value={site.id}>
                  {site.name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div className="grid grid-cols-2 gap-3">
          <MomentField
            label="From"
            error={errors.startsAt}
            parts={values.startsAt}
            moment={starts}
            zone={zone}
            onChange={(next) => change({ startsAt: { ...values.startsAt, ...next } })}
          />
          <MomentField
            label="Until"
            error={errors.endsAt}
            parts={values.endsAt}
            moment={ends}
            zone={zone}
            onChange={(next) => change({ endsAt: { ...values.endsAt, ...next } })}
          />
        </div>
        <p className="text-sm text-muted">
          Times are on your clock ({zone}). Everybody reads them on theirs.
        </p>
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </FormDialog>
  )
}

const wrongMoment = (moment: ReturnType<typeof momentOf>): string =>
  moment.kind === 'problem' ? moment.message : 'Is required'
