import { CopyPlus, Ellipsis } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { Controller, FormProvider, useFormContext } from 'react-hook-form'
import type { InteractionPatch } from '#common/contract/interactions'
import type { SiteMembership } from '#common/contract/sites'
import { fieldsOf as fieldsIn } from '#common/rules/interaction-rules'
import { isTimeZone } from '#common/rules/time-zone'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { useLookups } from '../../app/lookups.ts'
import { useMay, useSession } from '../../app/session.ts'
import { duplicate, type Panel, showSyncCentre, useWorkspace } from '../../app/workspace.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Combobox } from '../../ui/Combobox.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { Field } from '../../ui/Field.tsx'
import { Menu, MenuItem } from '../../ui/Menu.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { Pill } from '../../ui/Pill.tsx'
import { timeZones } from '../../ui/time-zones.ts'
import type { KeptDraft } from './drafts.ts'
import { copyOf, type FormField, type FormValues, newFields, readersTime, valuesFor } from './form-values.ts'
import { FormFooter } from './FormFooter.tsx'
import { HistoryList } from './HistoryList.tsx'
import { Missing, PanelFrame } from './PanelFrame.tsx'
import { SameTitle } from './SameTitle.tsx'
import { StatusField } from './StatusField.tsx'
import { TimeFields } from './TimeFields.tsx'
import { useInteractionForm } from './use-interaction-form.ts'

/** Add, edit and read an interaction: one form, which offers only what the person may do. */
export function InteractionForm({
  panel,
  site,
  record: initial,
  draft,
}: {
  panel: Panel
  site: SiteMembership
  record: LocalInteraction | null
  draft: KeptDraft | null
}) {
  const name = useSession((session) => session.user?.displayName ?? '')
  const [fresh] = useState(() =>
    panel.copied ? copyOf(panel.copied) : newFields(new Date(), zoneOfNew(site), name),
  )
  const editor = useInteractionForm(site.id, initial, fresh, draft)
  const { form, record, opened, newer, problem, isDirty, draftOf } = editor
  const mayUpdate = useMay(
    'interaction.update',
    record ? { siteId: record.siteId, createdBy: record.createdBy } : {},
  )
  const mayCreate = useMay('interaction.create')
  const isWide = useWorkspace((workspace) => workspace.isWide)
  const lookups = useLookups(site.id)
  const readOnly = record ? !mayUpdate : !mayCreate
  const [page, setPage] = useState<'form' | 'history'>('form')
  const [restored, setRestored] = useState<string | null>(null)

  // Saving works from the history too; what is wrong is shown where it can be mended.
  const { submitCount, errors } = form.formState
  const [submitsSeen, setSubmitsSeen] = useState(submitCount)
  if (submitCount !== submitsSeen) {
    setSubmitsSeen(submitCount)
    if (Object.keys(errors).length > 0) setPage('form')
  }

  const { setFocus } = form
  useEffect(() => {
    if (panel.focus) setFocus('title')
  }, [panel, setFocus])

  const restore = (fields: InteractionPatch, words: string) => {
    editor.fill(valuesFor(fields))
    setRestored(words)
    setPage('form')
    requestAnimationFrame(() => setFocus('title'))
  }

  if (newer === 'deleted' && !isDirty) return <Missing />
  return (
    <FormProvider {...form}>
      <PanelFrame
        title={record ? (record.title ?? 'No title yet') : 'New interaction'}
        badge={readOnly && <Pill tone="plain">Read only</Pill>}
        actions={
          record && (
            <>
              <Button
                look="quiet"
                className="aria-pressed:bg-surface-2 aria-pressed:text-text"
                aria-pressed={page === 'history'}
                onClick={() => setPage(page === 'history' ? 'form' : 'history')}
              >
                History
              </Button>
              {mayCreate && (
                <Menu
                  label="More"
                  align="end"
                  trigger={
                    <Button look="icon" aria-label="More">
                      <Ellipsis aria-hidden size={16} />
                    </Button>
                  }
                >
                  <MenuItem onSelect={() => duplicate(fieldsIn(record))}>
                    <CopyPlus aria-hidden size={14} className="text-muted" /> Duplicate
                  </MenuItem>
                </Menu>
              )}
            </>
          )
        }
      >
        {record && page === 'history' && (
          <HistoryList isWide={isWide} record={record} onRestore={readOnly ? null : restore} />
        )}
        <form
          aria-label={record ? 'Edit interaction' : 'New interaction'}
          noValidate
          className={`min-h-0 flex-1 flex-col ${page === 'form' ? 'flex' : 'hidden'}`}
          onSubmit={(event) => {
            event.preventDefault()
            if (!readOnly) void editor.save()
          }}
        >
          <div className="min-h-0 flex-1 overflow-y-auto">
            <div className={`space-y-3.5 px-4 py-3.5 ${isWide ? 'mx-auto w-full max-w-3xl' : ''}`}>
              {record?.needsAttention && (
                <Notice tone="bad">
                  <span>An edit of this record could not be saved as it is.</span>
                  <TextButton look="inherit" onClick={() => showSyncCentre(record.id)}>
                    Look at it in Sync centre
                  </TextButton>
                </Notice>
              )}
              {newer && (
                <Notice tone="warn">
                  {newer === 'deleted' ? (
                    'This record has been deleted elsewhere. Copy what you still need before you close it.'
                  ) : (
                    <>
                      <span>
                        A newer version of this record has arrived. Your edits are kept and go on top of it.
                      </span>
                      <TextButton look="inherit" onClick={editor.showNewer}>
                        Drop mine and show it
                      </TextButton>
                    </>
                  )}
                </Notice>
              )}
              {draftOf && (
                <Notice tone="warn">
                  <span>You had not saved this ({momentWords(draftOf, readerZone())}).</span>
                  <TextButton look="inherit" onClick={editor.undraft}>
                    Discard
                  </TextButton>
                </Notice>
              )}
              {restored && isDirty && <Notice>{restored} Save to keep it.</Notice>}
              {readOnly && (
                <p className="text-muted">
                  You can read this record. Your role at {site.name} is {site.role}, which does not change
                  records.
                </p>
              )}
              <TextField name="title" label="Title" readOnly={readOnly} />
              {!readOnly && <SameTitle siteId={editor.home} id={record?.id ?? null} />}
              <div className="grid grid-cols-2 gap-2.5">
                <ChoiceField
                  name="type"
                  label="Type"
                  readOnly={readOnly}
                  placeholder="Choose a type"
                  options={[...new Set([...lookups.types, ...(opened.type ? [opened.type] : [])])]}
                />
                <SuggestField name="lead" label="Lead" readOnly={readOnly} suggestions={lookups.leads} />
              </div>
              <TimeFields opened={opened} readOnly={readOnly} />
              <SuggestField
                name="timezone"
                label="Time zone"
                readOnly={readOnly}
                suggestions={timeZones}
                hint={<ReadersTime />}
              />
              <TextField name="location" label="Location" readOnly={readOnly} />
              {record && (
                <StatusField status={opened.status} onAct={readOnly ? null : (to) => void editor.save(to)} />
              )}
              <LongField name="description" label="Description" rows={4} readOnly={readOnly} />
              <LongField name="notes" label="Notes" rows={3} readOnly={readOnly} />
              {record && <Changed record={record} people={lookups.people} />}
            </div>
          </div>
          {problem && <ProblemNotice problem={problem} className="mx-4 mb-3" />}
          {!readOnly && <FormFooter editor={editor} site={site} isWide={isWide} />}
        </form>
      </PanelFrame>
    </FormProvider>
  )
}

/** The zone that new interactions of the site have: what its administrators decided, else the reader's own. */
function zoneOfNew({ settings }: SiteMembership): string {
  const zone = settings?.timezone
  return zone && isTimeZone(zone) ? zone : readerZone()
}

interface FieldProps {
  name: FormField
  label: string
  readOnly: boolean
}

function useField(name: FormField) {
  const { register, formState, control } = useFormContext<FormValues>()
  return { register, control, error: formState.errors[name]?.message }
}

function TextField({ name, label, readOnly }: FieldProps) {
  const { register, error } = useField(name)
  return (
    <Field label={label} error={error}>
      {(control) => (
        <input type="text" {...control} autoComplete="off" readOnly={readOnly} {...register(name)} />
      )}
    </Field>
  )
}

function LongField({ name, label, readOnly, rows }: FieldProps & { rows: number }) {
  const { register, error } = useField(name)
  return (
    <Field label={label} error={error}>
      {({ className, ...control }) => (
        <textarea
          {...control}
          className={`${className} field-sizing-content max-h-80 resize-y read-only:resize-none`}
          style={{ minHeight: `${rows * 18 + 12}px` }}
          readOnly={readOnly}
          {...register(name)}
        />
      )}
    </Field>
  )
}

function ChoiceField({
  name,
  label,
  readOnly,
  placeholder,
  options,
}: FieldProps & { placeholder?: string; options: readonly string[] }) {
  const { register, error } = useField(name)
  const { getValues } = useFormContext<FormValues>()
  return (
    <Field label={label} error={error}>
      {(control) =>
        readOnly ? (
          <input type="text" {...control} readOnly value={getValues(name)} />
        ) : (
          <select {...control} {...register(name)}>
            {placeholder && <option value="">{placeholder}</option>}
            {options.map((option) => (
              <option key={option} value={option}>
                {option}
              </option>
            ))}
          </select>
        )
      }
    </Field>
  )
}

function SuggestField({
  name,
  label,
  readOnly,
  suggestions,
  hint,
}: FieldProps & { suggestions: readonly string[]; hint?: ReactNode }) {
  const { control: formControl, error, register } = useField(name)
  return (
    <Field label={label} error={error} hint={hint}>
      {(control) =>
        readOnly ? (
          <input type="text" {...control} readOnly {...register(name)} />
        ) : (
          <Controller
            name={name}
            control={formControl}
            render={({ field: { ref, value, onChange, onBlur } }) => (
              <Combobox
                {...control}
                ref={ref}
                value={value}
                onChange={onChange}
                onBlur={onBlur}
                suggestions={suggestions}
              />
            )}
          />
        )
      }
    </Field>
  )
}

function ReadersTime() {
  const values = useFormContext<FormValues>().watch()
  const time = readersTime(values, readerZone())
  return time && <span>Your time: {time}</span>
}

function Changed({ record, people }: { record: LocalInteraction; people: Record<string, string> }) {
  const who = people[record.updatedBy]
  return (
    <p className="text-sm text-muted">
      Last changed {momentWords(record.updatedAt, readerZone())}
      {who && ` by ${who}`}
    </p>
  )
}
