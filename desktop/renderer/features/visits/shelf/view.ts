import type { Point } from '#common/rules/shelf-share'

/** Which part of a photo is seen on a stage, and how large. */

interface Size {
  width: number
  height: number
}

export interface View {
  /** Pixels of the stage to one of the photo. */
  scale: number
  /** Where on the stage the photo's left upper corner is. */
  x: number
  y: number
}

/** How near one can look: this many times as large as the whole photo fits, or its pixels doubled. */
const nearest = 12

/** All of the photo, in the middle. */
export const wholeView = (stage: Size, photo: Size): View =>
  settled({ scale: wholeScale(stage, photo), x: 0, y: 0 }, stage, photo)

/** Nearer or further off by `factor`, with what is `at` a place on the stage staying there. */
export function zoomed(view: View, factor: number, at: Point, stage: Size, photo: Size): View {
  const least = wholeScale(stage, photo)
  const scale = Math.min(Math.max(view.scale * factor, least), Math.max(least * nearest, 2))
  const ratio = scale / view.scale
  return settled(
    { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio },
    stage,
    photo,
  )
}

export const panned = (view: View, by: Point, stage: Size, photo: Size): View =>
  settled({ ...view, x: view.x + by.x, y: view.y + by.y }, stage, photo)

/** The same view on a stage that has become larger or smaller: what was whole stays whole. */
export function resized(view: View, before: Size, stage: Size, photo: Size): View {
  const times = view.scale / wholeScale(before, photo)
  if (times <= 1.001) return wholeView(stage, photo)
  const scale = wholeScale(stage, photo) * times
  const at = (length: 'width' | 'height', start: number) =>
    stage[length] / 2 - ((before[length] / 2 - start) / view.scale) * scale
  return settled({ scale, x: at('width', view.x), y: at('height', view.y) }, stage, photo)
}

/** At which all of the photo is seen. */
function wholeScale(stage: Size, photo: Size): number {
  return Math.min(stage.width / photo.width, stage.height / photo.height)
}

/** Nothing beside the photo is shown where the photo could be; what is smaller than the stage is in its middle. */
function settled({ scale, x, y }: View, stage: Size, photo: Size): View {
  const along = (start: number, room: number, length: number) =>
    length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, start))
  return {
    scale,
    x: along(x, stage.width, photo.width * scale),
    y: along(y, stage.height, photo.height * scale),
  }
}

/** From the photo, where corners are relative to it, to the stage. */
export const toStage = ({ scale, x, y }: View, photo: Size, point: Point): Point => ({
  x: x + point.x * photo.width * scale,
  y: y + point.y * photo.height * scale,
})

/** From the stage to the photo; beside it are places below 0 or above 1. */
export const toPhoto = ({ scale, x, y }: View, photo: Size, at: Point): Point => ({
  x: (at.x - x) / scale / photo.width,
  y: (at.y - y) / scale / photo.height,
})
