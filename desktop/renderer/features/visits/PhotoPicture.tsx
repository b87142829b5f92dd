import { ImageOff } from 'lucide-react'
import { useState } from 'react'
import type { LocalPhoto } from '#desktop/bridge/field'
import { useSync } from '../../app/sync.ts'
import { smallAddresses } from './photo-words.ts'

/** A photo in small. Where it cannot be had, a sign for it, until something changes by which it may be had. */
export function PhotoPicture({ photo, alt }: { photo: LocalPhoto; alt: string }) {
  const online = useSync((sync) => sync.online)
  const chance = `${online} ${photo.state} ${photo.storedAt} ${photo.hasThumbnail}`
  const [failed, setFailed] = useState<{ chance: string; count: number } | null>(null)
  const count = failed?.chance === chance ? failed.count : 0
  const address = smallAddresses(photo)[count]
  return address ? (
    <img
      src={address}
      alt={alt}
      loading="lazy"
      draggable={false}
      className="size-full bg-surface-2 object-cover"
      onError={() => setFailed({ chance, count: count + 1 })}
    />
  ) : (
    <span
      role="img"
      aria-label={`${alt}, cannot be shown now`}
      className="grid size-full place-items-center bg-surface-2"
    >
      <ImageOff aria-hidden size={22} className="text-faint" />
    </span>
  )
}
