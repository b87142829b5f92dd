import {
  type Dispatch,
  type KeyboardEvent,
  type PointerEvent,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { Brand } from '#common/contract/brands'
import type { Point } from '#common/rules/shelf-share'
import type { LocalPhoto } from '#desktop/bridge/field'
import { isPressed } from '../../../app/keys.ts'
import { photoAddress } from '../photo-words.ts'
import { type Action, type Marking, onPhoto, type Purpose, shelfShape } from './marking.ts'
import { Corners, Draft, Shapes } from './Shapes.tsx'
import { brandOf, type Shares } from './shares.ts'
import { panned, resized, toPhoto, toStage, type View, wholeView, zoomed } from './view.ts'

export type Tool = 'draw' | 'move'

/** What the pointer does from when it goes down until it comes up. `past` is where it was before. */
type Grip =
  | { does: 'pan'; past: Point }
  | { does: 'shape'; from: Point }
  | { does: 'draw'; from: Point; to: Point | null }

/** Pixels the pointer may slip without a click becoming a drag, and around a first corner that closes the shape. */
const slip = 4
const closing = 11

/** The photo with what is marked on it, and all that pointer and keyboard can do there. */
export function ShelfStage({
  photo,
  marking,
  shares,
  dispatch,
  brands,
  tool,
  purpose,
  readOnly,
  label,
  onKey,
}: {
  photo: LocalPhoto
  marking: Marking
  shares: Shares
  dispatch: Dispatch<Action>
  brands: ReadonlyMap<string, Brand>
  tool: Tool
  /** What is drawn next; null while no brand is chosen. */
  purpose: Purpose | null
  readOnly: boolean
  label: string
  /** Keys that are about more than the stage; true where one was used. */
  onKey: (event: KeyboardEvent) => boolean
}) {
  const { box, frame, change } = useFrame(photo)
  const grip = useRef<Grip | null>(null)
  const [band, setBand] = useState<{ from: Point; to: Point } | null>(null)
  const [pointer, setPointer] = useState<Point | null>(null)
  const [isPanning, setPanning] = useState(false)
  const [seen, setSeen] = useState<'loading' | 'there' | 'failed'>('loading')
  const { drawing, chosen } = marking
  const isDrawing = !readOnly && (drawing !== null || (tool === 'draw' && purpose !== null))

  const at = (event: PointerEvent | React.WheelEvent): Point => {
    const { left, top } = box.current!.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }
  const place = (point: Point): Point => toPhoto(frame!.view, photo, point)
  const shown = (point: Point): Point => toStage(frame!.view, photo, point)
  const zoom = (factor: number, middle?: Point) =>
    change(({ view, stage }) =>
      zoomed(view, factor, middle ?? { x: stage.width / 2, y: stage.height / 2 }, stage, photo),
    )
  const pan = (by: Point) => change(({ view, stage }) => panned(view, by, stage, photo))

  const onPointerDown = (event: PointerEvent) => {
    if (!frame || event.button > 1) return
    const from = at(event)
    const target = event.target as Element
    const { corner, edge } = (target as SVGElement).dataset
    const shape = target.closest<SVGElement>('[data-shape]')?.dataset.shape
    event.currentTarget.setPointerCapture(event.pointerId)
    if (event.button === 1 || isPanning || (readOnly && !shape)) grip.current = { does: 'pan', past: from }
    else if (chosen && corner !== undefined && !readOnly && !drawing) {
      dispatch({ do: 'choose', shape: chosen.shape, corner: Number(corner) })
      grip.current = { does: 'shape', from }
    } else if (edge !== undefined && !readOnly && !drawing) {
      dispatch({ do: 'addCorner', after: Number(edge), at: null })
      grip.current = { does: 'shape', from }
    } else if (isDrawing) grip.current = { does: 'draw', from, to: null }
    else if (shape !== undefined) {
      dispatch({ do: 'choose', shape })
      if (!readOnly) grip.current = { does: 'shape', from }
    } else {
      dispatch({ do: 'choose', shape: null })
      grip.current = { does: 'pan', past: from }
    }
  }
  const onPointerMove = (event: PointerEvent) => {
    if (!frame) return
    const here = at(event)
    if (drawing) setPointer(onPhoto(place(here)))
    const { current: held } = grip
    if (held?.does === 'pan') {
      pan({ x: here.x - held.past.x, y: here.y - held.past.y })
      held.past = here
    } else if (held?.does === 'shape') {
      const { scale } = frame.view
      dispatch({
        do: 'drag',
        by: {
          x: (here.x - held.from.x) / scale / photo.width,
          y: (here.y - held.from.y) / scale / photo.height,
        },
      })
    } else if (held?.does === 'draw' && !drawing) {
      if (!held.to && Math.hypot(here.x - held.from.x, here.y - held.from.y) < slip) return
      held.to = here
      setBand({ from: onPhoto(place(held.from)), to: onPhoto(place(here)) })
    }
  }
  /** Ends what the pointer does, also where it was taken away in the middle of it. */
  const letGo = (): Grip | null => {
    const { current: held } = grip
    grip.current = null
    setBand(null)
    if (held?.does === 'shape') dispatch({ do: 'rest' })
    return held
  }
  const onPointerUp = (event: PointerEvent) => {
    const held = letGo()
    if (!frame || held?.does !== 'draw') return
    const here = at(event)
    if (held.to && purpose)
      dispatch({ do: 'rectangle', from: place(held.from), to: place(here), purpose, id: uuidv7() })
    else click(here)
  }
  const click = (here: Point) => {
    const first = drawing?.corners[0] && shown(drawing.corners[0])
    const closes =
      first && drawing.corners.length > 2 && Math.hypot(here.x - first.x, here.y - first.y) < closing
    if (closes) dispatch({ do: 'close', id: uuidv7() })
    else if (drawing ?? purpose)
      dispatch({ do: 'corner', at: onPhoto(place(here)), purpose: drawing?.purpose ?? purpose! })
  }

  const walk = ({ key, shiftKey }: KeyboardEvent, { scale }: View) => {
    const length = shiftKey ? 10 : 1
    const x = { ArrowLeft: -length, ArrowRight: length }[key] ?? 0
    const y = { ArrowUp: -length, ArrowDown: length }[key] ?? 0
    // A pixel is one of the screen: the nearer one looks, the finer it is.
    if (chosen && !readOnly)
      dispatch({ do: 'nudge', by: { x: x / scale / photo.width, y: y / scale / photo.height } })
    else pan({ x: -x * 8, y: -y * 8 })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (onKey(event)) return event.preventDefault()
    if (!frame) return
    if (isPressed(event, 'zoomIn')) zoom(1.25)
    else if (isPressed(event, 'zoomOut')) zoom(0.8)
    else if (isPressed(event, 'zoomWhole')) change(({ stage }) => wholeView(stage, photo))
    else if (isPressed(event, 'pan')) setPanning(true)
    else if (isPressed(event, 'moveShape') || isPressed(event, 'moveFar')) walk(event, frame.view)
    else return
    event.preventDefault()
  }
  const colour = drawing?.purpose ?? purpose
  return (
    <div
      ref={box}
      role="application"
      aria-label={label}
      tabIndex={0}
      className={`relative min-h-0 flex-1 touch-none overflow-hidden rounded-lg bg-[#2a323d] select-none ${
        isPanning ? 'cursor-grab' : isDrawing ? 'cursor-crosshair' : ''
      }`}
      onKeyDown={onKeyDown}
      onKeyUp={(event) => event.key === ' ' && setPanning(false)}
      onBlur={() => setPanning(false)}
      onWheel={(event) => zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, at(event))}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={letGo}
      onLostPointerCapture={letGo}
      onPointerLeave={() => setPointer(null)}
    >
      {frame && (
        <svg aria-hidden className="absolute inset-0 size-full">
          <image
            href={photoAddress(photo.id)}
            x={frame.view.x}
            y={frame.view.y}
            width={photo.width * frame.view.scale}
            height={photo.height * frame.view.scale}
            preserveAspectRatio="none"
            onLoad={() => setSeen('there')}
            onError={() => setSeen('failed')}
          />
          <Shapes marking={marking} shares={shares} brands={brands} toStage={shown} />
          {!readOnly && !drawing && <Corners marking={marking} toStage={shown} />}
          {drawing && (
            <Draft
              corners={drawing.corners}
              pointer={pointer}
              colour={colourOf(colour, brands)}
              toStage={shown}
            />
          )}
          {band && <Band from={shown(band.from)} to={shown(band.to)} colour={colourOf(colour, brands)} />}
        </svg>
      )}
      {seen === 'loading' && (
        <p role="status" className="absolute inset-0 grid place-items-center text-[#c3cad4]">
          Loading the photo…
        </p>
      )}
      {seen === 'failed' && (
        <p role="alert" className="absolute inset-x-0 bottom-0 bg-warn-soft px-3 py-2 text-warn">
          This photo is not on this device. It can be seen once you are online.
        </p>
      )}
    </div>
  )
}

const colourOf = (purpose: Purpose | null, brands: ReadonlyMap<string, Brand>) =>
  purpose === null || purpose === shelfShape ? '#ffffff' : brandOf(brands, purpose.brandId).colour

/** A rectangle while it is being drawn. */
const Band = ({ from, to, colour }: { from: Point; to: Point; colour: string }) => (
  <rect
    x={Math.min(from.x, to.x)}
    y={Math.min(from.y, to.y)}
    width={Math.abs(to.x - from.x)}
    height={Math.abs(to.y - from.y)}
    fill={colour}
    fillOpacity={0.25}
    stroke={colour}
    strokeWidth={2.5}
    strokeDasharray="5 4"
    pointerEvents="none"
  />
)

interface Frame {
  stage: { width: number; height: number }
  view: View
}

/** The stage as large as there is room, and what is seen on it. */
function useFrame(photo: LocalPhoto) {
  const box = useRef<HTMLDivElement>(null)
  const [frame, setFrame] = useState<Frame | null>(null)
  const { width, height } = photo
  useLayoutEffect(() => {
    const watcher = new ResizeObserver(([entry]) => {
      const stage = { width: entry!.contentRect.width, height: entry!.contentRect.height }
      if (stage.width === 0 || stage.height === 0) return
      const size = { width, height }
      setFrame((before) => ({
        stage,
        view: before ? resized(before.view, before.stage, stage, size) : wholeView(stage, size),
      }))
    })
    watcher.observe(box.current!)
    return () => watcher.disconnect()
  }, [width, height])
  const change = (next: (frame: Frame) => View) =>
    setFrame((before) => before && { ...before, view: next(before) })
  return { box, frame, change }
}
