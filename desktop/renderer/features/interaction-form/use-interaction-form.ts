import { useEffect, useRef, useState } from 'react'
import { useForm } from 'react-hook-form'
import type { InteractionFields, Status } from '#common/contract/interactions'
import { interactionFields } from '#common/rules/interaction-rules'
import type { LocalInteraction, Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { useDataChanges } from '../../app/data-changes.ts'
import { panelSaved, useWorkspace } from '../../app/workspace.ts'
import { type KeptDraft, useDraftKeeper } from './drafts.ts'
import {
  fieldsOf,
  type FormField,
  formProblems,
  type FormValues,
  problemsOnForm,
  valuesOf,
} from './form-values.ts'

const fieldsIn = (record: LocalInteraction) =>
  Object.fromEntries(interactionFields.map((field) => [field, record[field]])) as InteractionFields

const same = <T extends object>(a: T, b: T) =>
  (Object.keys(a) as (keyof T)[]).every((key) => a[key] === b[key])

/**
 * The open record as a form. Saving sends what was opened along, so that only the person's own edit is stored. When
 * the record changes underneath, an untouched form follows and a touched one keeps the person's edits and says so.
 * What is typed is kept as a draft until it is saved or discarded; `kept` is one from before.
 */
export function useInteractionForm(
  siteId: string,
  initial: LocalInteraction | null,
  fresh: InteractionFields,
  kept: KeptDraft | null,
) {
  const [record, setRecord] = useState(initial)
  // Where it belongs, even if the person is moved to another site while they write.
  const [home] = useState(initial?.siteId ?? siteId)
  const [opened, setOpened] = useState(kept?.opened ?? (initial ? fieldsIn(initial) : fresh))
  const [newer, setNewer] = useState<LocalInteraction | 'deleted' | null>(
    initial && !same(fieldsIn(initial), opened) ? initial : null,
  )
  const [problem, setProblem] = useState<Problem | null>(null)
  const [note, setNote] = useState('')
  const [draftOf, setDraftOf] = useState(kept?.savedAt ?? null)
  const saving = useRef(false)
  const reads = useRef(0)
  /** The status it is being saved with, where that is not the one it has. */
  const wanted = useRef<Status>(undefined)
  const status = record ? opened.status : null
  const withStatus = (values: FormValues) => ({ ...values, status: wanted.current ?? values.status })

  const form = useForm<FormValues>({
    defaultValues: valuesOf(opened),
    mode: 'onTouched',
    resolver: (values) => {
      const problems = formProblems(withStatus(values), opened, status)
      if (problems.length === 0) return { values, errors: {} }
      return {
        values: {},
        errors: Object.fromEntries(problems.map(({ field, message }) => [field, { type: 'rule', message }])),
      }
    },
  })
  const { isDirty } = form.formState
  const draft = useDraftKeeper({ siteId: home, id: record?.id ?? null, opened: record && opened, form })

  const fill = (values: Partial<FormValues>) => {
    for (const [field, value] of Object.entries(values))
      form.setValue(field as FormField, value, { shouldDirty: true })
  }

  const show = (next: LocalInteraction) => {
    const fields = fieldsIn(next)
    setRecord(next)
    setNewer(null)
    if (!same(fields, opened)) {
      setOpened(fields)
      form.reset(valuesOf(fields))
    }
  }

  const arrive = (next: LocalInteraction | null) => {
    if (!next) setNewer('deleted')
    else if (!isDirty || same(fieldsIn(next), opened)) show(next)
    else setNewer(next)
  }
  const takeUp = ({ values }: KeptDraft) => {
    fill(values)
    draft.cancel()
  }
  const latest = useRef({ arrive, save, discard, takeUp })
  useEffect(() => {
    latest.current = { arrive, save, discard, takeUp }
  })

  useDataChanges(home, () => {
    if (!record) return
    const read = ++reads.current
    void ask('interaction.read', { id: record.id }).then(
      ({ interaction }) => read === reads.current && latest.current.arrive(interaction),
      // The form stays as it is; the next change asks again.
      () => undefined,
    )
  })

  async function send(values: FormValues): Promise<boolean> {
    setProblem(null)
    const id = record?.id ?? null
    try {
      const { interaction } = await ask('interaction.save', {
        ...(id && { id }),
        siteId: home,
        opened: record ? opened : null,
        fields: fieldsOf(withStatus(values), opened),
      })
      reads.current += 1
      const typed = form.getValues()
      const typedMeanwhile = (Object.keys(typed) as FormField[]).filter(
        (field) => typed[field] !== values[field],
      )
      const stored = fieldsIn(interaction)
      draft.drop(id)
      setDraftOf(null)
      setRecord(interaction)
      setOpened(stored)
      setNewer(null)
      setNote('Saved')
      form.reset(valuesOf(stored))
      for (const field of typedMeanwhile) form.setValue(field, typed[field], { shouldDirty: true })
      useWorkspace.setState({ dirty: typedMeanwhile.length > 0 })
      if (!record) panelSaved(interaction.id)
      return true
    } catch (error) {
      const failure = problemOf(error)
      const onForm = problemsOnForm(failure.details)
      onForm.forEach(({ field, message }, index) =>
        form.setError(field, { type: 'server', message }, { shouldFocus: index === 0 }),
      )
      if (onForm.length === 0 || onForm.length < failure.details.length) setProblem(failure)
      return false
    }
  }

  /** False when something is wrong, which the form then shows. With `to` it is saved in that status. */
  async function save(to?: Status): Promise<boolean> {
    if (saving.current) return false
    if (record && !isDirty && (to === undefined || to === opened.status)) {
      setNote('No changes to save')
      return true
    }
    saving.current = true
    wanted.current = to
    let saved = false
    try {
      await form.handleSubmit(async (values) => {
        saved = await send(values)
      })()
    } finally {
      wanted.current = undefined
      saving.current = false
    }
    return saved
  }

  function discard() {
    draft.drop(record?.id ?? null)
    setDraftOf(null)
  }

  /** Back to the record as it is, without what was typed. */
  const undraft = () => {
    discard()
    const next = newer && newer !== 'deleted' ? fieldsIn(newer) : opened
    setOpened(next)
    setNewer(newer === 'deleted' ? newer : null)
    if (newer && newer !== 'deleted') setRecord(newer)
    form.reset(valuesOf(next))
  }

  useEffect(() => {
    if (kept) latest.current.takeUp(kept)
    useWorkspace.setState({
      form: { save: () => latest.current.save(), discard: () => latest.current.discard() },
    })
    return () => useWorkspace.setState({ form: null, dirty: false })
  }, [kept])
  useEffect(() => useWorkspace.setState({ dirty: isDirty }), [isDirty])

  return {
    form,
    record,
    home,
    opened,
    newer,
    problem,
    isDirty,
    /** What the last press on Save did; holds until the next edit. */
    note: isDirty ? '' : note,
    /** When the draft in the form was typed; null when there is none from before. */
    draftOf: isDirty ? draftOf : null,
    save,
    undraft,
    /** The record is gone, and what was typed with it. */
    forget: discard,
    /** Puts values into the form, as edits that are not saved yet. */
    fill,
    showNewer: () => newer && newer !== 'deleted' && (discard(), show(newer)),
    reportProblem: (error: unknown) => setProblem(problemOf(error)),
  }
}
