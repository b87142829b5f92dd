import { useRef, useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { Brand } from '#common/contract/brands'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useFormGuard, whenSaved } from '../../../app/form-guard.ts'
import { useSync } from '../../../app/sync.ts'
import { tell } from '../../../app/workspace.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button } from '../../../ui/Button.tsx'
import { Field } from '../../../ui/Field.tsx'
import { useFocusWrong } from '../../../ui/focus-wrong.ts'
import { Notice } from '../../../ui/Notice.tsx'
import { Pill } from '../../../ui/Pill.tsx'
import { SidePanel, PanelHead } from '../../../ui/SidePanel.tsx'
import { asSentence, errorsAt, type FieldErrors, isSaid, withoutErrors } from '../../../ui/field-errors.ts'
import { colourOf } from './brand-colours.ts'
import { ColourField } from './ColourField.tsx'
import { Infographics } from './Infographics.tsx'
import { PanelFooter } from '../../../ui/PanelFooter.tsx'

const fields = ['name', 'description', 'colour'] as const
type BrandField = (typeof fields)[number]
type BrandValues = Record<BrandField, string>

const valuesOf = ({ name, description, colour }: Brand): BrandValues => ({ name, description, colour })

const tidy = ({ name, description, colour }: BrandValues): BrandValues => ({
  name: name.trim(),
  description: description.trim(),
  colour: colourOf(colour) ?? colour,
})

const changesOf = (saved: BrandValues, values: BrandValues): Partial<BrandValues> =>
  Object.fromEntries(
    fields
      .filter((field) => tidy(values)[field] !== saved[field])
      .map((field) => [field, tidy(values)[field]]),
  )

/** A brand beside the list: a new one, or one to be changed, shown by pictures, taken out of use or deleted. */
export function BrandPanel({
  brand,
  colour,
  focus,
  onChanged,
  onDeleted,
  onClose,
}: {
  /** As the list has it; null for a new one. */
  brand: Brand | null
  /** What a new one begins with. */
  colour: string
  focus: boolean
  /** Has the list read again; `added` is the id of one that is new in it. */
  onChanged: (added?: string) => Promise<void>
  onDeleted: () => void
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  // The same when it is sent again, so that it is not added twice.
  const [id] = useState(() => brand?.id ?? uuidv7())
  const [saved, setSaved] = useState<BrandValues>(() =>
    brand ? valuesOf(brand) : { name: '', description: '', colour },
  )
  const [values, setValues] = useState(saved)
  const [errors, setErrors] = useState<FieldErrors<BrandField>>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [news, setNews] = useState('')
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const focusWrong = useFocusWrong(form)
  const changes = changesOf(saved, values)
  const dirty = Object.keys(changes).length > 0

  // What the server has by now lies under what is typed here.
  const now = brand && valuesOf(brand)
  if (now && fields.some((field) => now[field] !== saved[field])) {
    setSaved(now)
    setValues({ ...now, ...changes })
  }
  const begin = () => {
    setProblem(null)
    setNews('')
    setNote('')
  }
  const update = async (what: Partial<BrandValues> & { active?: boolean }): Promise<boolean> => {
    if (!brand) return false
    try {
      await ask('brands.update', { id, version: brand.version, ...what })
      await onChanged()
      return true
    } catch (failure) {
      await tellProblem(problemOf(failure))
      return false
    }
  }
  const tellProblem = async (failure: Problem) => {
    const found = errorsAt(failure, fields)
    setErrors(found)
    if (!isSaid(found)) {
      if (failure.code === 'CONFLICT' && brand)
        setNews(
          'Somebody else has just changed this brand. What you typed is kept: look it over, then save again.',
        )
      else setProblem(asSentence(failure))
    }
    if (failure.code !== 'SERVICE_UNAVAILABLE') await onChanged()
  }
  const save = async (): Promise<boolean> => {
    begin()
    if (brand && !dirty) {
      setNote('No changes to save')
      return true
    }
    const wanted = tidy(values)
    const wrong: FieldErrors<BrandField> = {
      ...(wanted.name === '' && { name: 'Is required' }),
      ...(colourOf(values.colour) === null && { colour: 'Must be a colour such as #0d6e6e' }),
    }
    setErrors(wrong)
    focusWrong()
    if (isSaid(wrong) || busy) return false
    setBusy(true)
    const markSaved = whenSaved()
    try {
      if (brand) {
        if (!(await update(changes))) return false
        setNote('Saved')
      } else {
        await ask('brands.add', { id, ...wanted })
        await onChanged(id)
        tell(`${wanted.name} is added.`)
      }
      markSaved()
      return true
    } catch (failure) {
      await tellProblem(problemOf(failure))
      return false
    } finally {
      setBusy(false)
    }
  }
  const putToUse = async (active: boolean) => {
    begin()
    if (await update({ active }))
      tell(
        active
          ? `${saved.name} is in use again.`
          : `${saved.name} is out of use: it is not offered for new shelf marks.`,
      )
  }
  const remove = async () => {
    setAsking(false)
    begin()
    const markSaved = whenSaved()
    try {
      await ask('brands.remove', { id })
      tell(`${saved.name} is deleted.`)
      markSaved()
      onDeleted()
    } catch (failure) {
      setProblem(asSentence(problemOf(failure)))
    }
  }
  useFormGuard(dirty, save, () => {
    setValues(saved)
    setErrors({})
    setProblem(null)
    setNews('')
  })
  const change = (typed: Partial<BrandValues>) => {
    setValues({ ...values, ...typed })
    setErrors(withoutErrors(errors, typed))
    setNote('')
  }
  return (
    <SidePanel label="Brand">
      <form
        ref={form}
        aria-label="Brand"
        noValidate
        className="flex min-h-0 flex-1 flex-col"
        onSubmit={(event) => {
          event.preventDefault()
          // A dialog of the panel has a form of its own.
          if (event.target === event.currentTarget) void save()
        }}
      >
        <PanelHead
          title={brand ? saved.name : 'New brand'}
          badge={brand && <BrandStatePill active={brand.active} />}
          onClose={onClose}
        />
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">
          {!online && (
            <Notice tone="warn" className="mb-3.5">
              Brands are kept on the server. Changes can be saved once you are online.
            </Notice>
          )}
          <div className="space-y-3.5">
            <Field label="Name" error={errors.name}>
              {(control) => (
                <input
                  type="text"
                  {...control}
                  autoFocus={focus || !brand}
                  autoComplete="off"
                  maxLength={100}
                  value={values.name}
                  onChange={(event) => change({ name: event.target.value })}
                />
              )}
            </Field>
            <Field label="Description" error={errors.description}>
              {(control) => (
                <textarea
                  {...control}
                  rows={3}
                  maxLength={2000}
                  value={values.description}
                  onChange={(event) => change({ description: event.target.value })}
                />
              )}
            </Field>
            <ColourField
              value={values.colour}
              error={errors.colour}
              onChange={(next) => change({ colour: next })}
            />
          </div>
          {brand && <Infographics brand={brand} disabled={!online} onChanged={() => onChanged()} />}
          {brand && (
            <div className="mt-6 flex flex-wrap gap-2 border-t border-line pt-4">
              <Button disabled={!online} onClick={() => void putToUse(!brand.active)}>
                {brand.active ? 'Take out of use' : 'Use again'}
              </Button>
              <Button look="danger" disabled={!online} onClick={() => setAsking(true)}>
                Delete…
              </Button>
            </div>
          )}
          {!brand && <p className="mt-4 text-muted">Once it is added, pictures can be put to it.</p>}
        </div>
        <PanelFooter
          save={brand ? 'Save' : 'Add'}
          busy={busy}
          news={news}
          problem={problem}
          note={note}
          onClose={onClose}
        />
      </form>
      <Ask
        open={asking}
        title={`Delete ${saved.name}?`}
        no="Keep it"
        onNo={() => setAsking(false)}
        actions={
          <Button look="danger-solid" onClick={() => void remove()}>
            Delete
          </Button>
        }
      >
        <p>
          It is gone with its pictures, for everybody. A brand that is marked on a shelf can only be taken out
          of use.
        </p>
      </Ask>
    </SidePanel>
  )
}

export const BrandStatePill = ({ active }: { active: boolean }) => (
  <span className="flex shrink-0">
    <Pill tone={active ? 'green' : 'plain'}>{active ? 'In use' : 'Out of use'}</Pill>
  </span>
)
