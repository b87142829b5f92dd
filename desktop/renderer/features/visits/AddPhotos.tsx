import { Camera, ImagePlus } from 'lucide-react'
import { useRef, useState } from 'react'
import { pictureTypes } from '#common/contract/pictures'
import { Button } from '../../ui/Button.tsx'
import type { Aim } from './photo-adding.ts'
import type { AddPhotos as Adding } from './use-photos.ts'
import { Webcam } from './Webcam.tsx'

/** The two ways a photo comes into a visit, beside dropping it: from files, and from a webcam. */
export function AddPhotos({
  aim,
  label,
  adding,
  room,
}: {
  aim: Aim
  /** What is added, for who does not see where it belongs. */
  label: string
  adding: Adding
  /** How many more there may be. */
  room?: number
}) {
  const input = useRef<HTMLInputElement>(null)
  const [shooting, setShooting] = useState(false)
  const disabled = room === 0
  return (
    <>
      <input
        ref={input}
        type="file"
        aria-label={`Choose ${label}`}
        multiple
        accept={pictureTypes.join(',')}
        tabIndex={-1}
        className="hidden"
        onChange={({ target }) => {
          const files = [...(target.files ?? [])]
          // The same file can be chosen again.
          target.value = ''
          void adding.addFiles(aim, files, room)
        }}
      />
      <Button disabled={disabled} aria-label={`Add files: ${label}`} onClick={() => input.current?.click()}>
        <ImagePlus aria-hidden size={15} /> Add files…
      </Button>
      <Button disabled={disabled} aria-label={`Use the webcam: ${label}`} onClick={() => setShooting(true)}>
        <Camera aria-hidden size={15} /> Webcam…
      </Button>
      {shooting && (
        <Webcam
          label={label}
          onTaken={(photo) => adding.add(aim, photo)}
          onClose={() => setShooting(false)}
        />
      )}
    </>
  )
}
