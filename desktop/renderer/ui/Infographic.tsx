import { ImageOff, X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useState } from 'react'
import type { Infographic } from '#common/contract/brands'
import { Button } from './Button.tsx'
import { useFocusBack } from './focus-back.ts'

const address = (id: string) => `app://fieldbook/infographic/${id}`

/** The picture, or what says that it cannot be shown at the moment: it comes from the server. */
export function InfographicPicture({
  infographic: { id, width, height },
  alt,
  className,
}: {
  infographic: Infographic
  /** Empty where its title stands beside it. */
  alt: string
  className: string
}) {
  const [isBroken, setIsBroken] = useState(false)
  return isBroken ? (
    <span className={`grid place-items-center bg-surface-2 text-muted ${className}`}>
      <span className="flex flex-col items-center gap-1 text-sm">
        <ImageOff aria-hidden size={18} /> Cannot be shown now
      </span>
    </span>
  ) : (
    <img
      src={address(id)}
      alt={alt}
      width={width}
      height={height}
      className={`bg-surface-2 ${className}`}
      onError={() => setIsBroken(true)}
    />
  )
}

/** As large as the window lets it be. */
export function ShownInfographic({
  infographic,
  onClose,
}: {
  infographic: Infographic
  onClose: () => void
}) {
  const giveBack = useFocusBack()
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="floating fixed top-1/2 left-1/2 z-50 flex max-h-[92%] max-w-[92%] -translate-x-1/2 -translate-y-1/2 flex-col"
          onCloseAutoFocus={giveBack}
        >
          <header className="flex items-center gap-4 py-1.5 pr-1.5 pl-4">
            <Dialog.Title className="min-w-0 flex-1 truncate font-semibold">{infographic.title}</Dialog.Title>
            <Dialog.Close asChild>
              <Button look="icon" aria-label="Close" title="Close (Esc)">
                <X aria-hidden size={16} />
              </Button>
            </Dialog.Close>
          </header>
          <InfographicPicture
            infographic={infographic}
            alt={infographic.title}
            className="min-h-0 max-w-full rounded-b-lg object-contain"
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
