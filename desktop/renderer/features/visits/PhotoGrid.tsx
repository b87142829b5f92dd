import { X } from 'lucide-react'
import { useState } from 'react'
import type { LocalPhoto } from '#desktop/bridge/field'
import { Button } from '../../ui/Button.tsx'
import { Notice } from '../../ui/Notice.tsx'
import { Lightbox } from './Lightbox.tsx'
import { PhotoTile } from './PhotoTile.tsx'
import type { Refused } from './photo-adding.ts'

/** Photos in small, one of which can be looked at large. */
export function PhotoGrid({
  label,
  photos,
  zone,
  parts,
  pending = 0,
  showsPurpose = true,
  mayRemove = false,
  onChanged = () => undefined,
  onFail = () => undefined,
}: {
  label: string
  photos: readonly LocalPhoto[]
  /** In which times are read. */
  zone: string
  parts: ReadonlyMap<string, number>
  /** Photos that are being drawn and kept, and come behind the others. */
  pending?: number
  showsPurpose?: boolean
  mayRemove?: boolean
  onChanged?: () => void
  onFail?: (error: unknown) => void
}) {
  const [opened, setOpened] = useState<string | null>(null)
  if (photos.length === 0 && pending === 0) return null
  return (
    <>
      <ul aria-label={label} className="grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-3">
        {photos.map((photo, index) => (
          <PhotoTile
            key={photo.id}
            photo={photo}
            index={index}
            part={parts.get(photo.id) ?? null}
            showsPurpose={showsPurpose}
            mayRemove={mayRemove}
            onOpen={() => setOpened(photo.id)}
            onChanged={onChanged}
            onFail={onFail}
          />
        ))}
        {Array.from({ length: pending }, (_, index) => (
          <li key={`pending-${index}`} className="overflow-hidden rounded-md border border-line">
            <div className="skeleton aspect-[4/3] w-full rounded-none" />
            <p className="px-2 py-1.5 text-sm text-muted">Being added</p>
          </li>
        ))}
      </ul>
      <p role="status" className="sr-only">
        {pending > 0 ? `${pending} being added` : `${photos.length} photos`}
      </p>
      {opened && (
        <Lightbox
          photos={photos}
          id={opened}
          zone={zone}
          onShow={setOpened}
          onClose={() => setOpened(null)}
        />
      )}
    </>
  )
}

/** Files that were not added, each with the reason, until it is read. */
export const RefusedFiles = ({
  refused,
  onDismiss,
}: {
  refused: readonly Refused[]
  onDismiss: (key: number) => void
}) =>
  refused.map(({ key, name, count, message }) => (
    <Notice key={key} tone="bad" className="mb-2">
      <span className="min-w-0 flex-1 break-words">
        <strong className="font-semibold">{name}</strong> {count === 1 ? 'was' : 'were'} not added.{' '}
        {message.replace(/\.?$/, '.')}
      </span>
      <Button look="icon" aria-label={`Dismiss the note about ${name}`} onClick={() => onDismiss(key)}>
        <X aria-hidden size={14} />
      </Button>
    </Notice>
  ))
