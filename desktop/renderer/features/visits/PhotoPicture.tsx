import { ImageOff } from 'lucide-react'
import { useState } from 'react'
import { photoAddress, thumbnailAddress } from './photo-words.ts'

/** A photo in small; where there is no small version the photo itself, and where it cannot be had a sign for it. */
export function PhotoPicture({ id, alt, className = '' }: { id: string; alt: string; className?: string }) {
  const addresses = [thumbnailAddress(id), photoAddress(id)]
  const [tried, setTried] = useState(0)
  const address = addresses[tried]
  return address ? (
    <img
      src={address}
      alt={alt}
      loading="lazy"
      draggable={false}
      className={`size-full bg-surface-2 object-cover ${className}`}
      onError={() => setTried(tried + 1)}
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
