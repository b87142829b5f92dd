import { type KeyboardEvent, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { type ListRow, stepFrom } from './list-steps.ts'

const heights = { row: 57, heading: 29 }
/** Pixels drawn beyond what is in view, so that scrolling never shows a gap. */
const margin = 400

/**
 * A list of any length of which only what is in view is drawn. One row is chosen; arrows, Page Up, Page Down, Home
 * and End choose another, Enter calls `onOpen`. `onNearEnd` is called when the end comes into view.
 */
export function LongList<R extends ListRow>({
  label,
  rows,
  chosen,
  onChoose,
  onOpen,
  onNearEnd,
  children,
}: {
  label: string
  rows: readonly R[]
  chosen: string | undefined
  onChoose: (key: string) => void
  onOpen: () => void
  onNearEnd?: () => void
  children: (row: R) => ReactNode
}) {
  const box = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 800 })
  const moved = useRef(false)
  const { tops, length } = useMemo(() => placesOf(rows), [rows])
  const chosenIndex = rows.findIndex(({ key }) => key === chosen)

  const look = () => {
    const { scrollTop, clientHeight } = box.current!
    setView({ top: scrollTop, height: clientHeight })
    if (scrollTop + 2 * clientHeight > length) onNearEnd?.()
  }
  const onResize = useRef(look)
  useLayoutEffect(() => {
    onResize.current = look
  })
  useLayoutEffect(() => {
    const watcher = new ResizeObserver(() => onResize.current())
    watcher.observe(box.current!)
    return () => watcher.disconnect()
  }, [])
  useLayoutEffect(() => {
    const button = box.current?.querySelector<HTMLElement>('[aria-current]')
    button?.scrollIntoView({ block: 'nearest' })
    if (moved.current) button?.focus({ preventScroll: true })
    moved.current = false
  }, [chosen])

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(view.height / heights.row) - 1)
    const steps: Partial<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -rows.length,
      End: rows.length,
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = stepFrom(rows, chosenIndex, step)
    if (next === chosenIndex) return
    moved.current = true
    onChoose(rows[next]!.key)
  }

  const inView = (index: number) =>
    tops[index]! < view.top + view.height + margin && tops[index]! > view.top - margin
  return (
    <div ref={box} className="min-h-0 flex-1 overflow-y-auto" onScroll={look}>
      <ul aria-label={label} className="relative" style={{ height: length }} onKeyDown={onKeyDown}>
        {rows.map((row, index) =>
          inView(index) || index === chosenIndex ? (
            <li
              key={row.key}
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 border-b border-line"
              style={{ top: tops[index], height: row.isHeading ? heights.heading : heights.row }}
            >
              {row.isHeading ? (
                children(row)
              ) : (
                <button
                  type="button"
                  tabIndex={index === Math.max(chosenIndex, 0) ? 0 : -1}
                  aria-current={index === chosenIndex ? 'true' : undefined}
                  className="block size-full px-3.5 text-left -outline-offset-2 hover:bg-surface-2 aria-[current]:bg-accent-soft"
                  onClick={(event) => {
                    onChoose(row.key)
                    // By keyboard: a pointer stays where it is.
                    if (event.detail === 0) onOpen()
                  }}
                >
                  {children(row)}
                </button>
              )}
            </li>
          ) : null,
        )}
      </ul>
    </div>
  )
}

function placesOf(rows: readonly ListRow[]) {
  let length = 0
  const tops = rows.map(({ isHeading }) => {
    const top = length
    length += isHeading ? heights.heading : heights.row
    return top
  })
  return { tops, length }
}
