import { CopyPlus, Ellipsis } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { FormProvider } from 'react-hook-form'
import type { InteractionPatch } from '#common/contract/interactions'
import type { SiteMembership } from '#common/contract/sites'
import { fieldsOf as fieldsIn } from '#common/rules/interaction-rules'
import { isTimeZone } from '#common/rules/time-zone'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { useLookups } from '../../app/lookups.ts'
import { useMay, useSession } from '../../app/session.ts'
import { duplicate, type Panel, showSyncCentre, useWorkspace } from '../../app/workspace.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { Menu, MenuItem } from '../../ui/Menu.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { Pill } from '../../ui/Pill.tsx'
import { timeZones } from '../../ui/time-zones.ts'
import type { KeptDraft } from './drafts.ts'
import { copyOf, newFields, valuesFor } from './form-values.ts'
import { ChoiceField, LongField, ReadersTime, SuggestField, TextField } from './FormFields.tsx'
import { FormFooter } from './FormFooter.tsx'
import { HistoryList } from './HistoryList.tsx'
import { Missing, PanelFrame } from './PanelFrame.tsx'
import { SameTitle } from './SameTitle.tsx'
import { StatusField } from './StatusField.tsx'
import { TimeFields } from './TimeFields.tsx'
import { VisitLink } from './VisitLink.tsx'
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
  const types = useMemo(
    () => [...new Set([...lookups.types, ...(opened.type ? [opened.type] : [])])],
    [lookups.types, opened.type],
  )
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
  const shared = { readOnly, register: form.register }
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
          <div
            className={`min-h-0 flex-1 overflow-y-auto ${isWide ? '[scrollbar-gutter:stable_both-edges]' : ''}`}
          >
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
              {record?.type === 'Visit' && <VisitLink key={record.id} record={record} />}
              <TextField name="title" label="Title" {...shared} />
              {!readOnly && <SameTitle siteId={editor.home} id={record?.id ?? null} />}
              <div className="grid grid-cols-2 gap-2.5">
                <ChoiceField
                  name="type"
                  label="Type"
                  placeholder="Choose a type"
                  options={types}
                  {...shared}
                />
                <SuggestField name="lead" label="Lead" suggestions={lookups.leads} {...shared} />
              </div>
              <TimeFields opened={opened} readOnly={readOnly} />
              <SuggestField
                name="timezone"
                label="Time zone"
                suggestions={timeZones}
                hint={ReadersTime}
                {...shared}
              />
              <TextField name="location" label="Location" {...shared} />
              {record && (
                <StatusField status={opened.status} onAct={readOnly ? null : (to) => void editor.save(to)} />
              )}
              <LongField name="description" label="Description" rows={4} {...shared} />
              <LongField name="notes" label="Notes" rows={3} {...shared} />
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

function Changed({ record, people }: { record: LocalInteraction; people: Record<string, string> }) {
  const who = people[record.updatedBy]
  return (
    <p className="text-sm text-muted">
      Last changed {momentWords(record.updatedAt, readerZone())}
      {who && ` by ${who}`}
    </p>
  )
}
