import { Camera, CameraOff } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../ui/Button.tsx'
import { useFocusBack } from '../../ui/focus-back.ts'
import { Notice } from '../../ui/Notice.tsx'
import { type DrawnPhoto, drawFrame } from '../../app/draw-photo.ts'
import { whyNotAdded } from './photo-adding.ts'

type Camera = { state: 'asking' } | { state: 'on'; stream: MediaStream } | { state: 'off'; why: string }

const reasons: Record<string, string> = {
  NotFoundError: 'There is no camera on this computer. Connect one and try again, or add photos from files.',
  NotAllowedError:
    'This computer does not let Fieldbook use its camera. Allow it in the system’s settings, or add photos from files.',
  NotReadableError: 'Another program is using the camera. Close it and try again, or add photos from files.',
}

/** Takes photos with a camera of this computer: what it shows, a frame to keep or take again, and the next one. */
export function Webcam({
  label,
  onTaken,
  onClose,
}: {
  label: string
  onTaken: (photo: DrawnPhoto) => Promise<void>
  onClose: () => void
}) {
  const giveBack = useFocusBack()
  const video = useRef<HTMLVideoElement>(null)
  const still = useRef<HTMLCanvasElement>(null)
  const [attempt, setAttempt] = useState(0)
  const camera = useCamera(attempt)
  const [shot, setShot] = useState<DrawnPhoto | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [kept, setKept] = useState(0)
  const stream = camera.state === 'on' ? camera.stream : null
  useEffect(() => {
    if (video.current) video.current.srcObject = stream
  }, [stream])

  /** The one of which a picture has come. */
  const [seen, setSeen] = useState<MediaStream | null>(null)
  const shoot = async () => {
    const { current: source } = video
    const { current: canvas } = still
    if (!source || !canvas) return
    canvas.width = source.videoWidth
    canvas.height = source.videoHeight
    canvas.getContext('2d')?.drawImage(source, 0, 0)
    setProblem(null)
    try {
      setShot(await drawFrame(source))
    } catch (error) {
      setProblem(whyNotAdded(error))
    }
  }
  const keep = async () => {
    if (!shot) return
    setBusy(true)
    setProblem(null)
    try {
      await onTaken(shot)
      setKept(kept + 1)
      setShot(null)
    } catch (error) {
      setProblem(whyNotAdded(error))
    }
    setBusy(false)
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="floating fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100vh-3rem)] w-[min(44rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 flex-col p-5"
          onCloseAutoFocus={giveBack}
        >
          <Dialog.Title className="text-lg font-semibold">Take photos: {label}</Dialog.Title>
          <div className="relative mt-3 grid aspect-[4/3] min-h-0 place-items-center overflow-hidden rounded-md bg-surface-2 text-muted">
            <video
              ref={video}
              autoPlay
              muted
              playsInline
              aria-label="What the camera shows"
              onLoadedData={() => setSeen(stream)}
              className={`size-full object-contain ${stream && !shot ? '' : 'hidden'}`}
            />
            <canvas
              ref={still}
              role="img"
              aria-label="The photo you took"
              className={`size-full object-contain ${shot ? '' : 'hidden'}`}
            />
            {camera.state === 'asking' && <p role="status">Starting the camera…</p>}
            {camera.state === 'off' && (
              <div
                role="alert"
                className="flex max-w-80 flex-col items-center gap-2 p-6 text-center text-balance"
              >
                <CameraOff aria-hidden size={26} />
                <p>{camera.why}</p>
                <Button onClick={() => setAttempt(attempt + 1)}>Try again</Button>
              </div>
            )}
          </div>
          {problem && (
            <Notice tone="bad" className="mt-3">
              {problem}
            </Notice>
          )}
          <div className="mt-4 flex flex-wrap items-center gap-2">
            <span role="status" className="flex-1 text-muted">
              {kept > 0 && `${kept} added`}
            </span>
            <Button look="quiet" onClick={onClose}>
              {kept > 0 ? 'Done' : 'Cancel'}
            </Button>
            {shot ? (
              <>
                <Button disabled={busy} onClick={() => setShot(null)}>
                  Take it again
                </Button>
                <Button look="primary" disabled={busy} onClick={() => void keep()}>
                  Keep it
                </Button>
              </>
            ) : (
              <Button look="primary" disabled={!stream || seen !== stream} onClick={() => void shoot()}>
                <Camera aria-hidden size={15} /> Take photo
              </Button>
            )}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** The camera of this computer, from when it is asked for until it is put away. */
function useCamera(attempt: number): Camera {
  const [camera, setCamera] = useState<{ attempt: number; found: Camera }>()
  useEffect(() => {
    let current = true
    let stream: MediaStream | undefined
    const show = (found: Camera) => current && setCamera({ attempt, found })
    const end = () => stream?.getTracks().forEach((track) => track.stop())
    navigator.mediaDevices
      .getUserMedia({
        audio: false,
        video: { width: { ideal: 3840 }, height: { ideal: 2160 }, facingMode: 'environment' },
      })
      .then(
        (found) => {
          stream = found
          if (!current) return end()
          const [track] = found.getVideoTracks()
          track?.addEventListener('ended', () => show({ state: 'off', why: 'The camera has gone.' }))
          show({ state: 'on', stream: found })
        },
        (error: unknown) => {
          const name = error instanceof DOMException ? error.name : ''
          show({ state: 'off', why: reasons[name] ?? 'The camera could not be started.' })
        },
      )
    return () => {
      current = false
      end()
    }
  }, [attempt])
  return camera?.attempt === attempt ? camera.found : { state: 'asking' }
}
