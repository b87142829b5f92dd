import { ImagePlus } from 'lucide-react'
import { type DragEvent, useId, useState } from 'react'
import type { OpenVisit } from '#desktop/bridge/field'
import { State } from '../../ui/State.tsx'
import { AddPhotos } from './AddPhotos.tsx'
import { PhotoGrid, RefusedFiles } from './PhotoGrid.tsx'
import { chosenPurposes } from './photo-words.ts'
import type { AddPhotos as Adding } from './use-photos.ts'
import { purposeWords } from '../../ui/visit-labels.ts'

type Purpose = (typeof chosenPurposes)[number]

/** All photos of a visit, and ways to add more: files, a webcam, or dropping files anywhere here. */
export function PhotosStep({
  open,
  parts,
  adding,
  onChanged,
  onFail,
}: {
  open: OpenVisit
  parts: ReadonlyMap<string, number>
  /** Null where none can be added. */
  adding: Adding | null
  onChanged?: () => void
  onFail?: (error: unknown) => void
}) {
  const [purpose, setPurpose] = useState<Purpose>('shelf')
  const [over, setOver] = useState(false)
  const { photos, visit } = open
  const pending = adding?.pendingOf(() => true) ?? 0
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const files = [...event.dataTransfer.files]
    if (files.length > 0) void adding?.addFiles({ purpose }, files)
  }
  const dragged = adding && {
    onDragOver: (event: DragEvent) => {
      event.preventDefault()
      setOver(true)
    },
    onDragLeave: (event: DragEvent) =>
      !event.currentTarget.contains(event.relatedTarget as Node | null) && setOver(false),
    onDrop: drop,
  }
  return (
    <div
      className={`flex min-h-0 flex-1 flex-col overflow-y-auto px-5 py-4 ${over ? 'bg-accent-soft outline-2 -outline-offset-4 outline-accent outline-dashed' : ''}`}
      {...dragged}
    >
      {adding && (
        <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
          <PurposeChoice purpose={purpose} onChange={setPurpose} />
          <div className="flex gap-2">
            <AddPhotos
              aim={{ purpose }}
              label={`${purposeWords[purpose].toLowerCase()} photos`}
              adding={adding}
            />
          </div>
          <p className="text-muted">or drop them here</p>
        </div>
      )}
      {adding && (
        <RefusedFiles
          refused={adding.refused.filter(({ questionId }) => questionId === null)}
          onDismiss={adding.dismiss}
        />
      )}
      {photos.length === 0 && pending === 0 && (
        <State icon={ImagePlus} title="There are no photos yet">
          {adding && <p>Choose what they are of, then add files, use the webcam or drop them here.</p>}
        </State>
      )}
      <PhotoGrid
        label="Photos"
        photos={photos}
        zone={visit.timezone}
        parts={parts}
        pending={pending}
        mayRemove={adding !== null && visit.status === 'in_progress'}
        {...(onChanged && { onChanged })}
        {...(onFail && { onFail })}
      />
    </div>
  )
}

function PurposeChoice({ purpose, onChange }: { purpose: Purpose; onChange: (purpose: Purpose) => void }) {
  const name = useId()
  return (
    <div role="radiogroup" aria-label="What the photos are of" className="flex rounded-md bg-surface-2 p-0.5">
      {chosenPurposes.map((each) => (
        <label
          key={each}
          className="relative grid h-[27px] place-items-center rounded-[5px] px-3 font-[550] text-muted hover:text-text has-checked:bg-surface has-checked:text-text has-checked:shadow-[0_0_0_1px_var(--line)] has-focus-visible:outline-2 has-focus-visible:outline-focus"
        >
          <input
            type="radio"
            name={name}
            className="sr-only"
            checked={purpose === each}
            onChange={() => onChange(each)}
          />
          {purposeWords[each]}
        </label>
      ))}
    </div>
  )
}
