import { type ReactNode, useEffect, useState } from 'react'
import { statuses } from '#common/contract/interactions'
import type { BulkChange } from '#common/contract/record-keeping'
import type { SiteMembership } from '#common/contract/sites'
import type { Answer, Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { type Lookups, useLookups } from '../../app/lookups.ts'
import { TextButton } from '../../ui/Button.tsx'
import { Checkbox } from '../../ui/Checkbox.tsx'
import { Combobox } from '../../ui/Combobox.tsx'
import { countWords, numberWords } from '../../ui/date-words.ts'
import { type ControlProps, FieldNotes } from '../../ui/Field.tsx'
import { fieldLabels } from '../../ui/field-labels.ts'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { timeZones } from '../../ui/time-zones.ts'
import { applyBulk, type BulkKind, stopBulk, useBulk } from './bulk.ts'
import { type BulkField, bulkFields, bulkPatch, bulkProblems, type BulkValues } from './bulk-fields.ts'
import { planWords } from './bulk-words.ts'
import { statusWords } from './filters.ts'
import { Refusals } from './Refusals.tsx'

/** A change to many records: what it is to be, what it would do to each, and then it is done. */
export function BulkDialog({ site }: { site: SiteMembership }) {
  const asking = useBulk((bulk) => bulk.asking)
  if (!asking) return null
  return asking.kind === 'update' ? (
    <EditMany site={site} ids={asking.ids} />
  ) : (
    <PlanDialog site={site} ids={asking.ids} change={{ kind: asking.kind }} />
  )
}

function EditMany({ site, ids }: { site: SiteMembership; ids: readonly string[] }) {
  const lookups = useLookups(site.id)
  const [values, setValues] = useState<BulkValues>({})
  const [problems, setProblems] = useState<BulkValues>({})
  const [note, setNote] = useState('')
  const [planned, setPlanned] = useState(false)
  const check = () => {
    const found = bulkProblems(values)
    setProblems(found)
    const nothing = Object.keys(values).length === 0
    setNote(nothing ? 'Tick the fields that are to be set.' : '')
    if (!nothing && Object.keys(found).length === 0) setPlanned(true)
  }
  if (planned) {
    return (
      <PlanDialog
        site={site}
        ids={ids}
        change={{ kind: 'update', patch: bulkPatch(values) }}
        onBack={() => setPlanned(false)}
      />
    )
  }
  const change = (field: BulkField, value: string | undefined) => {
    const { [field]: _, ...others } = values
    setValues(value === undefined ? others : { ...others, [field]: value })
    const { [field]: __, ...left } = problems
    setProblems(left)
    setNote('')
  }
  return (
    <FormDialog
      title={`Edit ${countWords(ids.length, 'record')}`}
      intro={<p>Tick what is to be the same in all of them; the rest stays as it is.</p>}
      send="Continue"
      busy={false}
      onSend={check}
      onClose={stopBulk}
    >
      <div className="mt-4 space-y-2.5">
        {bulkFields.map((field) => (
          <BulkFieldRow
            key={field}
            field={field}
            value={values[field]}
            error={problems[field]}
            lookups={lookups}
            onChange={(value) => change(field, value)}
          />
        ))}
      </div>
      <p role="alert" className="mt-3 text-sm text-bad">
        {note}
      </p>
    </FormDialog>
  )
}

const hints: Partial<Record<BulkField, string>> = {
  timezone: 'The moments stay the same; the clock they are shown on changes.',
  status: 'Records that may not take this status are left as they are.',
}

function BulkFieldRow({
  field,
  value,
  error,
  lookups,
  onChange,
}: {
  field: BulkField
  value: string | undefined
  error: string | undefined
  lookups: Lookups
  onChange: (value: string | undefined) => void
}) {
  const label = fieldLabels[field]
  const id = `bulk-${field}`
  const hint = hints[field]
  const first = { type: lookups.types[0] ?? '', status: 'complete' }
  const control: ControlProps = {
    id,
    className: 'control',
    'aria-invalid': Boolean(error),
    'aria-describedby': [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined,
  }
  return (
    <div>
      <Checkbox
        className="font-[550]"
        checked={value !== undefined}
        onChange={(event) =>
          onChange(event.target.checked ? (first[field as keyof typeof first] ?? '') : undefined)
        }
      >
        {label}
      </Checkbox>
      {value !== undefined && (
        <div className="mt-1.5 pl-[23px]">
          <label htmlFor={id} className="sr-only">
            {label}
          </label>
          <BulkControl field={field} value={value} control={control} lookups={lookups} onChange={onChange} />
          <FieldNotes id={id} error={error} hint={hint} />
        </div>
      )}
    </div>
  )
}

function BulkControl({
  field,
  value,
  control,
  lookups,
  onChange,
}: {
  field: BulkField
  value: string
  control: ControlProps
  lookups: Lookups
  onChange: (value: string) => void
}): ReactNode {
  const choice = (options: readonly string[], words: (value: string) => string) => (
    <select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
      {options.map((option) => (
        <option key={option} value={option}>
          {words(option)}
        </option>
      ))}
    </select>
  )
  switch (field) {
    case 'type':
      return choice(lookups.types, (type) => type)
    case 'status':
      return choice(statuses, (status) => statusWords(status as (typeof statuses)[number]))
    case 'lead':
      return <Combobox {...control} value={value} onChange={onChange} suggestions={lookups.leads} />
    case 'timezone':
      return <Combobox {...control} value={value} onChange={onChange} suggestions={timeZones} />
    case 'location':
      return (
        <input
          type="text"
          maxLength={255}
          {...control}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    default:
      return (
        <textarea
          rows={3}
          maxLength={20_000}
          {...control}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )
  }
}

const verbs: Record<BulkKind, string> = { update: 'Change', archive: 'Archive', delete: 'Delete' }

const intros: Record<BulkKind, (site: string) => string> = {
  update: () => 'Nothing has changed yet.',
  archive: () => 'Archived records stay findable and can be unarchived. Nothing has changed yet.',
  delete: (site) =>
    `They disappear for everyone who works in ${site} and can be restored for 30 days. Nothing has changed yet.`,
}

/** What the change would do to each record; then it can be done. */
function PlanDialog({
  site,
  ids,
  change,
  onBack,
}: {
  site: SiteMembership
  ids: readonly string[]
  change: BulkChange
  onBack?: () => void
}) {
  const [plan, setPlan] = useState<Answer<'bulk.plan'> | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const asked = JSON.stringify(change)
  useEffect(() => {
    let current = true
    ask('bulk.plan', { siteId: site.id, ids: [...ids], change: JSON.parse(asked) as BulkChange }).then(
      (found) => current && setPlan(found),
      (error: unknown) => current && setProblem(problemOf(error)),
    )
    return () => {
      current = false
    }
  }, [site.id, ids, asked])
  const apply = async () => {
    setBusy(true)
    setProblem(null)
    await applyBulk(site.id, ids, change).catch((error: unknown) => setProblem(problemOf(error)))
    setBusy(false)
  }
  const verb = verbs[change.kind]
  const ready = plan?.ready ?? 0
  return (
    <FormDialog
      title={`${verb} ${countWords(ids.length, 'record')}?`}
      intro={<p>{intros[change.kind](site.name)}</p>}
      send={plan && ready === 0 ? null : plan ? `${verb} ${numberWords(ready)}` : verb}
      busy={busy || !plan}
      onSend={() => void apply()}
      onClose={stopBulk}
    >
      <p role="status" className="mt-4 font-semibold">
        {plan ? planWords(change.kind, plan.ready, plan.refused.length) : 'Looking at each of them…'}
      </p>
      {plan && plan.refused.length > 0 && <Refusals refused={plan.refused} className="mt-2" />}
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      {onBack && (
        <TextButton className="mt-3" onClick={onBack}>
          Back to the fields
        </TextButton>
      )}
    </FormDialog>
  )
}
