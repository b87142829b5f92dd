import { MousePointer2, Pencil, Redo2, Undo2 } from 'lucide-react'
import { type KeyboardEvent, useEffect, useMemo, useReducer, useRef, useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { Brand } from '#common/contract/brands'
import type { LocalPhoto } from '#desktop/bridge/field'
import { isPressed, type ShortcutName } from '../../../app/keys.ts'
import { prefer, usePreferences } from '../../../app/preferences.ts'
import { Button } from '../../../ui/Button.tsx'
import { Kbd } from '../../../ui/Kbd.tsx'
import { LookFor, PurposeList, ShapeList, shapeNames, sharesSentence } from './MarkPanel.tsx'
import { isSameMarks } from './mark-saving.ts'
import {
  type Marks,
  newMarking,
  problemsOf,
  type Purpose,
  reduceMarking,
  shapesOf,
  shelfShape,
} from './marking.ts'
import { ShareBars } from './ShareBars.tsx'
import { brandOrder, sharesOf } from './shares.ts'
import { ShelfStage, type Tool } from './ShelfStage.tsx'

/** Brands in the order they were drawn with last; kept with the person's preferences. */
const lastUsedPreference = 'shelf.brands'

/** A shelf photo with its marks beside their shares; `onDraw` is told what is drawn. */
export function MarkedPhoto({
  photo,
  kept,
  unkept = kept,
  brands,
  onDraw,
  onKeep,
}: {
  photo: LocalPhoto
  kept: Marks
  /** What was drawn here and is not kept, where the drawing is gone on with. */
  unkept?: Marks | undefined
  brands: ReadonlyMap<string, Brand>
  /** Of each change; null once all is as it is kept. Null itself where the photo is only looked at. */
  onDraw: ((marks: Marks | null) => void) | null
  /** Where nothing is kept before the person says so: keeps it, or null where it cannot be kept any more. */
  onKeep?: (() => void) | null
}) {
  const readOnly = onDraw === null
  const [marking, dispatch] = useReducer(reduceMarking, unkept, newMarking)
  const { marks, chosen, drawing } = marking
  const lastUsed = usePreferences(({ values }) => values[lastUsedPreference])
  const [used] = useState(() => (Array.isArray(lastUsed) ? (lastUsed as string[]) : []))
  const offered = useMemo(() => brandOrder([...brands.values()], used), [brands, used])
  const [picked, setPicked] = useState<Purpose | null>(null)
  const [tool, setTool] = useState<Tool>(() => (readOnly ? 'move' : 'draw'))
  const purpose = picked ?? (offered[0] ? { brandId: offered[0].id } : shelfShape)
  const toDraw = purpose === shelfShape ? undefined : brands.get(purpose.brandId)

  // What another device has marked meanwhile takes the place of what was here, once nothing of it waits to be kept.
  const told = useRef<Marks | null>(null)
  const [seen, setSeen] = useState(kept)
  if (!isSameMarks(kept, seen)) {
    setSeen(kept)
    if (!isSameMarks(kept, marks) && isSameMarks(marks, seen)) dispatch({ do: 'load', marks: kept })
  }
  const isRight = problemsOf(marks).size === 0
  const shares = useMemo(() => sharesOf(marks), [marks])
  useEffect(() => {
    const drawn = isSameMarks(marks, kept) ? null : marks
    if (drawn === told.current) return
    told.current = drawn
    onDraw?.(drawn)
  })

  const choosePurpose = (next: Purpose) => {
    setPicked(next)
    setTool('draw')
    if (next === shelfShape) return
    const order = [next.brandId, ...(Array.isArray(lastUsed) ? (lastUsed as string[]) : [])]
    prefer(lastUsedPreference, [...new Set(order)].slice(0, 50))
  }
  const escape = () => {
    if (drawing) dispatch({ do: 'dropCorner' })
    else if (chosen) dispatch({ do: 'choose', shape: chosen.corner === null ? null : chosen.shape })
    else setTool('move')
  }
  const onKey = (event: KeyboardEvent): boolean => {
    if (isPressed(event, 'nextShape')) return stepShape(event.shiftKey ? -1 : 1)
    if (readOnly) return false
    const works: Partial<Record<ShortcutName, () => void>> = {
      closeShape: () => drawing && dispatch({ do: 'close', id: uuidv7() }),
      dropCorner: escape,
      removeShape: () => dispatch({ do: 'remove' }),
      addCorner: () => dispatch({ do: 'addCorner', after: chosen?.corner ?? 0, at: null }),
      corner: () => dispatch({ do: 'stepCorner', by: event.shiftKey ? -1 : 1 }),
      undo: () => dispatch({ do: 'undo' }),
      redo: () => dispatch({ do: 'redo' }),
      drawTool: () => setTool('draw'),
      moveTool: () => setTool('move'),
      outline: () => choosePurpose(shelfShape),
      brand() {
        const brand = offered[Number(event.key) - 1]
        if (brand) choosePurpose({ brandId: brand.id })
      },
    }
    const pressed = (Object.keys(works) as ShortcutName[]).find((name) => isPressed(event, name))
    if (pressed) works[pressed]!()
    return pressed !== undefined
  }
  /** To the next shape; past the last one the keyboard leaves the photo. */
  const stepShape = (by: 1 | -1): boolean => {
    const shapes = shapesOf(marks)
    const from = chosen ? shapes.indexOf(chosen.shape) : by === 1 ? -1 : shapes.length
    const next = shapes[from + by]
    dispatch({ do: 'choose', shape: next ?? null })
    return next !== undefined
  }
  const place = () => {
    dispatch({ do: 'rectangle', from: { x: 0.35, y: 0.35 }, to: { x: 0.65, y: 0.65 }, purpose, id: uuidv7() })
    setTool('move')
    stage.current?.querySelector<HTMLElement>('[role=application]')?.focus()
  }
  const stage = useRef<HTMLDivElement>(null)
  const chosenName = chosen && shapeNames(marks, brands).get(chosen.shape)
  const cornerWords = chosen && chosen.corner !== null ? `, corner ${chosen.corner + 1}` : ''
  return (
    <div className="flex min-h-0 flex-1 max-[56rem]:flex-col max-[56rem]:overflow-y-auto">
      <div ref={stage} className="flex min-h-80 min-w-0 flex-1 flex-col gap-2 px-5 py-3">
        <ShelfStage
          photo={photo}
          marking={marking}
          shares={shares}
          dispatch={dispatch}
          brands={brands}
          tool={tool}
          purpose={purpose}
          readOnly={readOnly}
          label={readOnly ? 'Shelf photo with its marks' : 'Shelf photo, to be marked'}
          onKey={onKey}
        />
        {!readOnly && (
          <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 text-muted">
            <div role="group" aria-label="Tool" className="flex gap-1">
              <ToolButton on={tool === 'draw'} title="Draw (D)" onClick={() => setTool('draw')}>
                <Pencil aria-hidden size={14} /> Draw
              </ToolButton>
              <ToolButton on={tool === 'move'} title="Move (M)" onClick={() => setTool('move')}>
                <MousePointer2 aria-hidden size={14} /> Move
              </ToolButton>
              <Button
                look="icon"
                aria-label="Undo"
                title="Undo"
                disabled={marking.past.length === 0}
                onClick={() => dispatch({ do: 'undo' })}
              >
                <Undo2 aria-hidden size={15} />
              </Button>
              <Button
                look="icon"
                aria-label="Redo"
                title="Redo"
                disabled={marking.future.length === 0}
                onClick={() => dispatch({ do: 'redo' })}
              >
                <Redo2 aria-hidden size={15} />
              </Button>
            </div>
            <p className="flex flex-wrap items-center gap-1.5">
              {drawing ? (
                <>
                  Click the corners · <Kbd keys="Enter" /> close · <Kbd keys="Esc" /> drop the last one
                </>
              ) : (
                <>
                  {tool === 'draw' ? 'Drag or click to draw' : 'Drag to move'} · <Kbd keys="Tab" /> next shape
                  · <Kbd keys="C" /> its corners · <Kbd keys="+" /> <Kbd keys="−" /> zoom
                </>
              )}
            </p>
          </div>
        )}
        {marking.refusal && (
          <p role="alert" className="text-bad">
            {marking.refusal}
          </p>
        )}
      </div>
      <aside
        aria-label="Shelf share"
        className="w-[300px] shrink-0 space-y-5 overflow-y-auto border-l border-line p-4 max-[56rem]:w-full max-[56rem]:border-t max-[56rem]:border-l-0"
      >
        <section>
          <h2 className="mb-2.5 flex items-baseline justify-between gap-2 font-semibold">
            Shelf share
            <span className="font-normal text-muted">
              {marks.shelf ? 'of the outline' : shares.brands.length > 0 && 'of all that is marked'}
            </span>
          </h2>
          <ShareBars shares={shares} brands={brands} />
        </section>
        {!readOnly && (
          <>
            <div>
              <PurposeList brands={offered} purpose={purpose} onChoose={choosePurpose} />
              <Button className="mt-2 w-full" onClick={place}>
                Put one in the middle
              </Button>
              {toDraw && <LookFor key={toDraw.id} brand={toDraw} />}
              {offered.length === 0 && (
                <p className="mt-2 text-sm text-muted">
                  There are no brands yet. Admins of the organisation add them.
                </p>
              )}
            </div>
            {onKeep !== undefined && (
              <div>
                <Button
                  look="primary"
                  className="w-full"
                  disabled={!onKeep || !isRight || isSameMarks(marks, kept)}
                  onClick={() => onKeep?.()}
                >
                  Keep these marks
                </Button>
                <p className="mt-1.5 text-sm text-muted">
                  The visit is completed: once kept, they stay as they are.
                </p>
              </div>
            )}
          </>
        )}
        <ShapeList
          marking={marking}
          shares={shares}
          brands={brands}
          dispatch={dispatch}
          readOnly={readOnly}
        />
      </aside>
      <p aria-live="polite" className="sr-only">
        {chosenName && `${chosenName}${cornerWords}. `}
        {sharesSentence(shares, brands)}
      </p>
    </div>
  )
}

const ToolButton = ({
  on,
  ...props
}: Omit<React.ComponentProps<typeof Button>, 'look'> & { on: boolean }) => (
  <Button
    look="quiet"
    aria-pressed={on}
    className="aria-pressed:bg-accent-soft aria-pressed:text-accent"
    {...props}
  />
)
