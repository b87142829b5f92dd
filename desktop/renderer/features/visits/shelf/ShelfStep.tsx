import { ScanLine } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { Brand } from '#common/contract/brands'
import type { LocalPhoto, OpenVisit } from '#desktop/bridge/field'
import { Failed } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { Button } from '../../../ui/Button.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { State } from '../../../ui/State.tsx'
import { shelfPhotosOf } from '../evidence.ts'
import { photoName } from '../photo-words.ts'
import { PhotoPicture } from '../PhotoPicture.tsx'
import { marksOf, type MarkSaving } from './mark-saving.ts'
import { MarkedPhoto } from './MarkedPhoto.tsx'

const noBrands: readonly Brand[] = []

/** The shelf photos of a visit, with what is marked on them. */
export function ShelfStep({
  open,
  saving,
  brandsFrom = 'device',
  onPhotos,
}: {
  open: OpenVisit
  /** Null where nothing can be marked. */
  saving: MarkSaving | null
  /** Where the brands are known that are marked: this device has those of the organisation one belongs to. */
  brandsFrom?: 'device' | 'server'
  /** Shows where photos are added. */
  onPhotos?: () => void
}) {
  const photos = shelfPhotosOf(open)
  const [chosen, setChosen] = useState<string | null>(null)
  const lookups = useAnswer(brandsFrom, () =>
    brandsFrom === 'device' ? ask('field.lookups', {}) : ask('brands.list', {}),
  )
  const brands = useMemo(
    () => new Map((lookups.value?.brands ?? noBrands).map((brand) => [brand.id, brand])),
    [lookups.value],
  )
  const photo = photos.find(({ id }) => id === chosen) ?? photos[0]
  if (!photo)
    return (
      <State icon={ScanLine} title="There is no shelf photo yet">
        <p>How a shelf is shared is marked on photos of it.</p>
        {onPhotos && (
          <Button className="mt-2" onClick={onPhotos}>
            Go to Photos
          </Button>
        )}
      </State>
    )
  if (lookups.problem && !lookups.value)
    return (
      <Failed
        problem={lookups.problem}
        title="The brands could not be read"
        onRetry={() => void lookups.reload()}
      />
    )
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {photos.length > 1 && (
        <ul
          aria-label="Shelf photos"
          className="flex shrink-0 gap-2 overflow-x-auto border-b border-line px-5 py-2"
        >
          {photos.map((each, index) => (
            <li key={each.id}>
              <button
                type="button"
                aria-label={`${photoName(each, index)}${each.quadrants.length > 0 ? ', marked' : ''}`}
                aria-pressed={each === photo}
                className="block h-12 w-16 overflow-hidden rounded-sm outline-offset-1 aria-pressed:outline-2 aria-pressed:outline-accent"
                onClick={() => setChosen(each.id)}
              >
                <PhotoPicture id={each.id} alt="" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {saving ? (
        <OwnPhoto
          key={photo.id}
          photo={photo}
          brands={brands}
          saving={saving}
          isOver={open.visit.status === 'completed'}
        />
      ) : (
        <MarkedPhoto key={photo.id} photo={photo} kept={marksOf(photo)} brands={brands} onChange={null} />
      )}
    </div>
  )
}

/** A photo that can be marked. On a visit that is over it can be marked once, which is therefore asked for. */
function OwnPhoto({
  photo,
  brands,
  saving,
  isOver,
}: {
  photo: LocalPhoto
  brands: ReadonlyMap<string, Brand>
  saving: MarkSaving
  isOver: boolean
}) {
  const { edit, problem } = useStore(saving.store)
  const kept = edit?.[photo.id] ?? marksOf(photo)
  const isFinal = isOver && photo.quadrants.length > 0
  return (
    <>
      {problem && <ProblemNotice problem={problem} className="mx-5 mt-2" />}
      <MarkedPhoto
        // What was drawn on a visit that is over is no longer to be changed once it is kept.
        key={isFinal ? 'final' : 'open'}
        photo={photo}
        kept={kept}
        brands={brands}
        onChange={isFinal ? null : (marks) => saving.change({ [photo.id]: marks }, isOver ? 'now' : 'soon')}
        asksFirst={isOver}
      />
    </>
  )
}
