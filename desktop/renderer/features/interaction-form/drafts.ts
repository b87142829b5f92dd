import { useEffect, useEffectEvent } from 'react'
import type { UseFormReturn } from 'react-hook-form'
import type { InteractionFields } from '#common/contract/interactions'
import { emptyFields } from '#common/rules/interaction-rules'
import { ask } from '../../app/bridge.ts'
import { usePause } from '../../ui/pause.ts'
import { type FormValues, valuesOf } from './form-values.ts'

/** What was typed into a form and neither saved nor discarded before the app ended. */
export interface KeptDraft {
  opened: InteractionFields | null
  values: Partial<FormValues>
  savedAt: string
}

/** The longest text a draft can hold, beyond what any field may have. */
const longest = 25_000

/** The draft of this form; null where there is none or it cannot be read. */
export async function readDraft(siteId: string, id: string | null): Promise<KeptDraft | null> {
  const { draft } = await ask('draft.read', { siteId, id }).catch(() => ({ draft: null }))
  if (!draft || (id === null) !== (draft.opened === null)) return null
  return { opened: draft.opened, values: knownValues(draft.values), savedAt: draft.savedAt }
}

/** A draft, if it says anything that the record as it is now does not. */
export function newsIn(draft: KeptDraft, now: InteractionFields): KeptDraft | null {
  const before = valuesOf(now)
  const isNews = Object.entries(draft.values).some(
    ([field, text]) => before[field as keyof FormValues] !== text,
  )
  return isNews ? draft : null
}

/** An older or newer version of the app may have kept other fields. */
function knownValues(values: Record<string, string>): Partial<FormValues> {
  const known = Object.keys(valuesOf(emptyFields))
  return Object.fromEntries(Object.entries(values).filter(([field]) => known.includes(field)))
}

/** Keeps what is typed into the form on the disk, a moment after the last key; `drop` forgets it. */
export function useDraftKeeper({
  siteId,
  id,
  opened,
  form,
}: {
  siteId: string
  id: string | null
  /** The record as the form opened it; null for a new one. */
  opened: InteractionFields | null
  form: UseFormReturn<FormValues>
}) {
  const { after, cancel } = usePause(400)
  // A draft is a second net: work goes on without it.
  const quietly = (work: Promise<unknown>) => void work.catch(() => undefined)

  const keep = useEffectEvent(() => {
    after(() => {
      if (!form.formState.isDirty) return quietly(ask('draft.drop', { siteId, id }))
      const kept = (text: string) => text.toWellFormed().replaceAll('\0', '').slice(0, longest)
      const texts = Object.entries<string>({ ...form.getValues() })
      const values = Object.fromEntries(texts.map(([field, text]) => [field, kept(text)]))
      quietly(ask('draft.keep', { siteId, id, draft: { opened, values } }))
    })
  })
  const { watch } = form
  useEffect(() => {
    // Only what happens to one field has its name; a reset shows what is saved.
    const typed = watch((_, { name }) => name && keep())
    return () => typed.unsubscribe()
  }, [watch])

  return {
    /** What has just been put into the form is kept already. */
    cancel,
    drop: (of: string | null) => {
      cancel()
      quietly(ask('draft.drop', { siteId, id: of }))
    },
  }
}
