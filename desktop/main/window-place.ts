import type { WindowPlace } from './settings.ts'

interface Area {
  x: number
  y: number
  width: number
  height: number
}

/** As much of a window as has to be on a display for a person to find and drag it. */
const graspable = 120

const overlap = (start: number, length: number, otherStart: number, otherLength: number) =>
  Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart)

/** The place, without its position where no display shows enough of it, and no larger than the largest display. */
export function fitToDisplays(
  { x, y, width, height, maximized }: WindowPlace,
  displays: readonly Area[],
): WindowPlace {
  const size = {
    width: Math.min(width, Math.max(...displays.map((display) => display.width))),
    height: Math.min(height, Math.max(...displays.map((display) => display.height))),
    maximized,
  }
  if (x === undefined || y === undefined) return size
  const visible = displays.some(
    (display) =>
      overlap(x, width, display.x, display.width) >= graspable &&
      overlap(y, height, display.y, display.height) >= graspable,
  )
  return visible ? { ...size, x, y } : size
}
