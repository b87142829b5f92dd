import { useEffect, useRef, useState } from 'react'
import { useForm } from 'react-hook-form'
import type { InteractionFields } from '#common/contract/interactions'
import { interactionFields } from '#common/rules/interaction-rules'
import type { LocalInteraction, Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { useDataChanges } from '../../app/data-changes.ts'
import { panelSaved, useWorkspace } from '../../app/workspace.ts'
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
 */
export function useInteractionForm(
  siteId: string,
  initial: LocalInteraction | null,
  fresh: InteractionFields,
) {
  const [record, setRecord] = useState(initial)
  // Where it belongs, even if the person is moved to another site while they write.
  const [home] = useState(initial?.siteId ?? siteId)
  const [opened, setOpened] = useState(initial ? fieldsIn(initial) : fresh)
  const [newer, setNewer] = useState<LocalInteraction | 'deleted' | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [note, setNote] = useState('')
  const saving = useRef(false)
  const reads = useRef(0)
  const status = record ? opened.status : null

  const form = useForm<FormValues>({
    defaultValues: valuesOf(opened),
    mode: 'onTouched',
    resolver: (values) => {
      const problems = formProblems(values, opened, status)
      if (problems.length === 0) return { values, errors: {} }
      return {
        values: {},
        errors: Object.fromEntries(problems.map(({ field, message }) => [field, { type: 'rule', message }])),
      }
    },
  })
  const { isDirty } = form.formState

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
  const latest = useRef({ arrive, save })
  useEffect(() => {
    latest.current = { arrive, save }
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
    try {
      const { interaction } = await ask('interaction.save', {
        ...(record && { id: record.id }),
        siteId: home,
        opened: record ? opened : null,
        fields: fieldsOf(values, opened),
      })
      reads.current += 1
      const typed = form.getValues()
      const typedMeanwhile = (Object.keys(typed) as FormField[]).filter(
        (field) => typed[field] !== values[field],
      )
      const stored = fieldsIn(interaction)
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

  /** False when something is wrong, which the form then shows. */
  async function save(): Promise<boolean> {
    if (saving.current) return false
    if (record && !isDirty) {
      setNote('No changes to save')
      return true
    }
    saving.current = true
    let saved = false
    await form.handleSubmit(async (values) => {
      saved = await send(values)
    })()
    saving.current = false
    return saved
  }

  useEffect(() => {
    useWorkspace.setState({ form: { save: () => latest.current.save() } })
    return () => useWorkspace.setState({ form: null, dirty: false })
  }, [])
  useEffect(() => useWorkspace.setState({ dirty: isDirty }), [isDirty])

  return {
    form,
    record,
    opened,
    newer,
    problem,
    isDirty,
    /** What the last press on Save did; holds until the next edit. */
    note: isDirty ? '' : note,
    save,
    showNewer: () => newer && newer !== 'deleted' && show(newer),
    reportProblem: (error: unknown) => setProblem(problemOf(error)),
  }
}
