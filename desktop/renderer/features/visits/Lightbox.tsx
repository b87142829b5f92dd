import { ChevronLeft, ChevronRight, ImageOff, X, ZoomIn, ZoomOut } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useRef, useState } from 'react'
import type { LocalPhoto } from '#desktop/bridge/field'
import { Button } from '../../ui/Button.tsx'
import { useFocusBack } from '../../ui/focus-back.ts'
import { photoAddress, photoFacts, photoName } from './photo-words.ts'
import { purposeWords } from '../../ui/visit-labels.ts'

/** How much larger than it fits, from one step to the next. */
const steps = [1, 1.5, 2, 3, 4, 6] as const

/** Photos at full size, one after the other. Arrows go to the next, + and − come nearer, Esc closes. */
export function Lightbox({
  photos,
  id,
  zone,
  onShow,
  onClose,
}: {
  photos: readonly LocalPhoto[]
  id: string
  zone: string
  onShow: (id: string) => void
  onClose: () => void
}) {
  const giveBack = useFocusBack()
  const at = photos.findIndex((photo) => photo.id === id)
  const photo = photos[at]
  const go = (by: number) => {
    const next = photos[at + by]
    if (next) onShow(next.id)
  }
  if (!photo) return null
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="floating fixed inset-6 z-50 flex flex-col overflow-hidden"
          onCloseAutoFocus={giveBack}
        >
          <Dialog.Title className="sr-only">
            {photoName(photo, at)}, {at + 1} of {photos.length}
          </Dialog.Title>
          <Enlarged photo={photo} alt={photoName(photo, at)} onGo={go}>
            {photos.length > 1 && (
              <>
                <Button look="icon" aria-label="Previous photo" disabled={at === 0} onClick={() => go(-1)}>
                  <ChevronLeft aria-hidden size={17} />
                </Button>
                <span className="text-muted tabular-nums">
                  {at + 1} of {photos.length}
                </span>
                <Button
                  look="icon"
                  aria-label="Next photo"
                  disabled={at === photos.length - 1}
                  onClick={() => go(1)}
                >
                  <ChevronRight aria-hidden size={17} />
                </Button>
              </>
            )}
            <p className="min-w-0 flex-1 truncate">
              <strong className="font-semibold">{purposeWords[photo.purpose]}</strong>
              <span className="text-muted select-text"> · {photoFacts(photo, zone).join(' · ')}</span>
            </p>
          </Enlarged>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Enlarged({
  photo,
  alt,
  onGo,
  children,
}: {
  photo: LocalPhoto
  alt: string
  onGo: (by: number) => void
  children: React.ReactNode
}) {
  const box = useRef<HTMLDivElement>(null)
  const grip = useRef<{ x: number; y: number } | null>(null)
  const [step, setStep] = useState(0)
  const [seen, setSeen] = useState<'loading' | 'there' | 'failed'>('loading')
  // The keyboard stays where it is from one photo to the next.
  const [shown, setShown] = useState(photo.id)
  if (photo.id !== shown) {
    setShown(photo.id)
    setStep(0)
    setSeen('loading')
  }
  const zoom = steps[step]!
  // What is in the middle stays there.
  const middle = useRef({ x: 0.5, y: 0.5 })
  const change = (by: number) => {
    const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = box.current!
    middle.current = {
      x: (scrollLeft + clientWidth / 2) / scrollWidth,
      y: (scrollTop + clientHeight / 2) / scrollHeight,
    }
    setStep((before) => Math.min(Math.max(before + by, 0), steps.length - 1))
  }
  useLayoutEffect(() => {
    const { scrollWidth, scrollHeight, clientWidth, clientHeight } = box.current!
    box.current!.scrollTo(
      middle.current.x * scrollWidth - clientWidth / 2,
      middle.current.y * scrollHeight - clientHeight / 2,
    )
  }, [step])
  const onKeyDown = (event: KeyboardEvent) => {
    const keys: Partial<Record<string, () => void>> = {
      '+': () => change(1),
      '=': () => change(1),
      '-': () => change(-1),
      '0': () => change(-step),
      // What is larger than the window is moved by the arrows instead.
      ...(step === 0 && { ArrowLeft: () => onGo(-1), ArrowRight: () => onGo(1) }),
      PageUp: () => onGo(-1),
      PageDown: () => onGo(1),
    }
    const work = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
    if (!work) return
    event.preventDefault()
    work()
  }
  const drag = (event: PointerEvent) => {
    if (!grip.current || !box.current) return
    box.current.scrollBy(grip.current.x - event.clientX, grip.current.y - event.clientY)
    grip.current = { x: event.clientX, y: event.clientY }
  }
  const letGo = () => {
    grip.current = null
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col" onKeyDown={onKeyDown}>
      <div
        ref={box}
        role="group"
        aria-label="Photo"
        tabIndex={0}
        className={`relative min-h-0 flex-1 overflow-auto bg-bg -outline-offset-2 ${step > 0 ? 'cursor-grab active:cursor-grabbing' : ''}`}
        onDoubleClick={() => change(step === 0 ? 2 : -step)}
        onWheel={(event) => event.ctrlKey && change(event.deltaY < 0 ? 1 : -1)}
        onPointerDown={(event) => {
          if (step === 0) return
          grip.current = { x: event.clientX, y: event.clientY }
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={drag}
        onPointerUp={letGo}
        onPointerCancel={letGo}
        onLostPointerCapture={letGo}
      >
        {seen === 'loading' && (
          <p role="status" className="absolute inset-0 grid place-items-center text-muted">
            Loading the photo…
          </p>
        )}
        {seen === 'failed' ? (
          <div
            role="alert"
            className="mx-auto flex h-full max-w-80 flex-col items-center justify-center gap-2 text-center text-muted"
          >
            <ImageOff aria-hidden size={26} />
            <p>{photo.problem ?? 'This photo is not on this device. It can be seen once you are online.'}</p>
          </div>
        ) : (
          <img
            key={photo.id}
            src={photoAddress(photo.id)}
            alt={alt}
            draggable={false}
            className="absolute top-0 left-0 max-w-none object-contain"
            style={{ width: `${zoom * 100}%`, height: `${zoom * 100}%` }}
            onLoad={() => setSeen('there')}
            onError={() => setSeen('failed')}
          />
        )}
      </div>
      <footer className="flex shrink-0 items-center gap-2 border-t border-line px-3 py-2">
        {children}
        <Button
          look="icon"
          aria-label="Smaller"
          title="Smaller (−)"
          disabled={step === 0}
          onClick={() => change(-1)}
        >
          <ZoomOut aria-hidden size={16} />
        </Button>
        <span className="w-11 text-center text-muted tabular-nums">{Math.round(zoom * 100)} %</span>
        <Button
          look="icon"
          aria-label="Larger"
          title="Larger (+)"
          disabled={step === steps.length - 1}
          onClick={() => change(1)}
        >
          <ZoomIn aria-hidden size={16} />
        </Button>
        <Dialog.Close asChild>
          <Button look="icon" aria-label="Close" title="Close (Esc)">
            <X aria-hidden size={16} />
          </Button>
        </Dialog.Close>
      </footer>
    </div>
  )
}
