import { ScanLine } from 'lucide-react'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { Brand } from '#common/contract/brands'
import type { LocalPhoto, OpenVisit } from '#desktop/bridge/field'
import { Failed } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { Button, TextButton } from '../../../ui/Button.tsx'
import { Notice, ProblemNotice } from '../../../ui/Notice.tsx'
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
  chosen,
  onChoose,
  marking,
  brandsFrom = 'device',
  onPhotos,
}: {
  open: OpenVisit
  /** The photo that is shown; the first one where it is none of them. */
  chosen: string | null
  onChoose: (photoId: string) => void
  /** Null where nothing can be marked. */
  marking: MarkSaving | null
  /** Where the brands are known that are marked: this device has those of the organisation one belongs to. */
  brandsFrom?: 'device' | 'server'
  /** Shows where photos are added. */
  onPhotos?: () => void
}) {
  const photos = shelfPhotosOf(open)
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
                onClick={() => onChoose(each.id)}
              >
                <PhotoPicture photo={each} alt="" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {marking ? (
        <OwnPhoto
          key={photo.id}
          photo={photo}
          brands={brands}
          marking={marking}
          isOver={open.visit.status === 'completed'}
        />
      ) : (
        <MarkedPhoto key={photo.id} photo={photo} kept={marksOf(photo)} brands={brands} onDraw={null} />
      )}
    </div>
  )
}

/** A photo that can be marked. On a visit that is over it can be marked once, which is therefore asked for. */
function OwnPhoto({
  photo,
  brands,
  marking,
  isOver,
}: {
  photo: LocalPhoto
  brands: ReadonlyMap<string, Brand>
  marking: MarkSaving
  isOver: boolean
}) {
  const { edit, problem } = useStore(marking.saving.store)
  const unkept = useStore(marking.unkept)[photo.id]
  const kept = edit?.[photo.id]?.marks ?? marksOf(photo)
  // What is marked on a visit that is over stays as it is.
  const isFinal = isOver && photo.quadrants.length > 0
  const isLookedAt = isFinal && !unkept
  return (
    <>
      {problem && <ProblemNotice problem={problem} className="mx-5 mt-2" />}
      {isFinal && unkept && (
        <Notice tone="warn" className="mx-5 mt-2">
          <span>This photo was marked on another device meanwhile. What you drew can no longer be kept.</span>
          <TextButton look="inherit" onClick={() => marking.forget(photo.id)}>
            Show what is marked instead
          </TextButton>
        </Notice>
      )}
      <MarkedPhoto
        key={isLookedAt ? 'final' : 'open'}
        photo={photo}
        kept={kept}
        unkept={unkept}
        brands={brands}
        onDraw={
          isLookedAt
            ? null
            : (marks) => (marks ? marking.draw(photo.id, marks, isOver) : marking.forget(photo.id))
        }
        {...(isOver && { onKeep: isFinal ? null : () => marking.keepUnkept([photo.id]) })}
      />
    </>
  )
}
