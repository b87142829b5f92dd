import { Check, RotateCw, Trash2, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { LocalPhoto } from '#desktop/bridge/field'
import { ask } from '../../app/bridge.ts'
import { Ask } from '../../ui/Ask.tsx'
import { Button, TextButton } from '../../ui/Button.tsx'
import { photoName, stateWords } from './photo-words.ts'
import { PhotoPicture } from './PhotoPicture.tsx'
import { purposeWords } from '../../ui/visit-labels.ts'

/** A photo of a visit in small, with where it is on its way. */
export function PhotoTile({
  photo,
  index,
  part,
  showsPurpose = true,
  mayRemove,
  onOpen,
  onChanged,
  onFail,
}: {
  photo: LocalPhoto
  index: number
  /** How much of it has arrived, while it is being sent. */
  part: number | null
  showsPurpose?: boolean
  mayRemove: boolean
  onOpen: () => void
  onChanged: () => void
  onFail: (error: unknown) => void
}) {
  const [asking, setAsking] = useState(false)
  const name = photoName(photo, index)
  const state = part === null ? photo.state : 'sending'
  const remove = async () => {
    setAsking(false)
    try {
      await ask('photos.remove', { id: photo.id })
      onChanged()
    } catch (error) {
      onFail(error)
    }
  }
  const retry = () => ask('photos.retry', { id: photo.id }).then(onChanged, onFail)
  return (
    <li className="group relative min-w-0 overflow-hidden rounded-md border border-line bg-surface">
      <button
        type="button"
        aria-label={`${name}: show`}
        className="block aspect-[4/3] w-full -outline-offset-2"
        onClick={onOpen}
      >
        <PhotoPicture photo={photo} alt="" />
      </button>
      {mayRemove && (
        <Button
          look="icon-plain"
          aria-label={`Remove ${name}`}
          title="Remove"
          className="absolute top-1.5 right-1.5 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100"
          onClick={() => setAsking(true)}
        >
          <Trash2 aria-hidden size={14} />
        </Button>
      )}
      <div className="px-2 py-1.5">
        {showsPurpose && <p className="truncate font-[550]">{purposeWords[photo.purpose]}</p>}
        <p
          className={`flex items-start gap-1 text-sm ${
            state === 'stopped' || state === 'missing'
              ? 'text-bad'
              : state === 'sent'
                ? 'text-good'
                : 'text-muted'
          }`}
        >
          {state === 'sent' && <Check aria-hidden size={13} className="mt-px shrink-0" />}
          {(state === 'stopped' || state === 'missing') && (
            <TriangleAlert aria-hidden size={13} className="mt-px shrink-0" />
          )}
          <span className="min-w-0 break-words tabular-nums">{stateWords({ ...photo, state }, part)}</span>
        </p>
        {state === 'sending' && (
          <progress
            className="progress mt-1 block h-1 w-full"
            aria-label={`${name}: how much is sent`}
            value={part ?? 0}
          />
        )}
        {state === 'stopped' && (
          <TextButton className="mt-0.5 flex items-center gap-1 text-sm" onClick={() => void retry()}>
            <RotateCw aria-hidden size={12} /> Retry
          </TextButton>
        )}
      </div>
      <Ask
        open={asking}
        title="Remove this photo?"
        no="Keep it"
        onNo={() => setAsking(false)}
        actions={
          <Button look="danger-solid" onClick={() => void remove()}>
            Remove
          </Button>
        }
      >
        <p>
          It is taken out of the visit{photo.quadrants.length > 0 && ', with what is marked on it'}, and
          cannot be brought back.
        </p>
      </Ask>
    </li>
  )
}
