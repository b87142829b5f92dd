import { useEffect, useRef, useState } from 'react'
import type { Brand } from '#common/contract/brands'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { Field } from '../../../ui/Field.tsx'
import { FormDialog } from '../../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { asSentence } from '../../../ui/field-errors.ts'

/** A picture as it is to be sent, and what it might be called. */
export interface NewInfographic {
  picture: Uint8Array
  title: string
}

/** Names a picture that was chosen and adds it to a brand. */
export function InfographicAddDialog({
  brand,
  infographic: { picture, title: suggested },
  onClose,
  onAdded,
}: {
  brand: Brand
  infographic: NewInfographic
  onClose: () => void
  onAdded: (title: string) => Promise<void>
}) {
  const [title, setTitle] = useState(suggested)
  const [error, setError] = useState<string>()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async () => {
    const name = title.trim()
    setProblem(null)
    setError(name === '' ? 'Is required' : undefined)
    if (name === '') return
    setBusy(true)
    try {
      await ask('brands.addInfographic', { brandId: brand.id, title: name, picture })
      await onAdded(name)
    } catch (failure) {
      setProblem(asSentence(problemOf(failure)))
      setBusy(false)
    }
  }
  return (
    <FormDialog
      title="Add a picture"
      intro={<p>Whoever works in the organisation sees it with {brand.name}.</p>}
      send={busy ? 'Sending…' : 'Add'}
      busy={busy}
      unsaved="The picture is not added yet."
      onSend={() => void send()}
      onClose={onClose}
    >
      <div className="mt-4 space-y-3.5">
        <Chosen picture={picture} />
        <Field label="Title" error={error}>
          {(control) => (
            <input
              type="text"
              {...control}
              autoFocus
              autoComplete="off"
              maxLength={200}
              value={title}
              onChange={(event) => {
                setTitle(event.target.value)
                setError(undefined)
              }}
            />
          )}
        </Field>
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </FormDialog>
  )
}

/** The picture that was chosen. It is drawn: the window loads no picture but the app's own. */
function Chosen({ picture }: { picture: Uint8Array }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [isBroken, setIsBroken] = useState(false)
  useEffect(() => {
    let isThere = true
    createImageBitmap(new Blob([new Uint8Array(picture)])).then(
      (bitmap) => {
        const place = canvas.current
        if (isThere && place) {
          place.width = bitmap.width
          place.height = bitmap.height
          place.getContext('2d')!.drawImage(bitmap, 0, 0)
        }
        bitmap.close()
      },
      () => isThere && setIsBroken(true),
    )
    return () => {
      isThere = false
    }
  }, [picture])
  if (isBroken)
    return (
      <p role="alert" className="grid h-52 place-items-center rounded-md bg-surface-2 text-muted">
        The picture cannot be shown here. It can still be added.
      </p>
    )
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label="The picture that was chosen"
      width={4}
      height={3}
      className="mx-auto block h-52 max-w-full rounded-md bg-surface-2 object-contain"
    />
  )
}
