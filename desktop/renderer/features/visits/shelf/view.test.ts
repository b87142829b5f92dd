import { describe, expect, it } from 'vitest'
import { panned, resized, toPhoto, toStage, wholeView, zoomed } from './view.ts'

const stage = { width: 800, height: 400 }
const photo = { width: 4000, height: 1000 }

describe('a photo on its stage', () => {
  it('is whole and in the middle at first', () => {
    expect(wholeView(stage, photo)).toEqual({ scale: 0.2, x: 0, y: 100 })
  })

  it('stays under the pointer while it comes nearer', () => {
    const whole = wholeView(stage, photo)
    const at = { x: 600, y: 200 }
    const near = zoomed(whole, 4, at, stage, photo)
    const under = toPhoto(near, photo, at)
    expect(near.scale).toBeCloseTo(0.8)
    expect(under.x).toBeCloseTo(toPhoto(whole, photo, at).x)
    expect(under.y).toBeCloseTo(toPhoto(whole, photo, at).y)
  })

  it('comes no nearer than can be seen, and goes no further off than whole', () => {
    const whole = wholeView(stage, photo)
    expect(zoomed(whole, 1000, { x: 0, y: 0 }, stage, photo).scale).toBeCloseTo(2.4)
    expect(zoomed(whole, 0.1, { x: 0, y: 0 }, stage, photo)).toEqual(whole)
  })

  it('cannot be pushed off it', () => {
    const near = zoomed(wholeView(stage, photo), 4, { x: 0, y: 0 }, stage, photo)
    expect(panned(near, { x: 999, y: 999 }, stage, photo)).toMatchObject({ x: 0, y: 0 })
    expect(panned(near, { x: -9999, y: -9999 }, stage, photo)).toMatchObject({ x: 800 - 3200, y: 400 - 800 })
  })

  it('stays as it is seen when the window becomes larger', () => {
    const whole = wholeView(stage, photo)
    const larger = { width: 1600, height: 800 }
    expect(resized(whole, stage, larger, photo)).toEqual(wholeView(larger, photo))
    const near = panned(zoomed(whole, 4, { x: 0, y: 0 }, stage, photo), { x: -300, y: -50 }, stage, photo)
    const middleBefore = toPhoto(near, photo, { x: 400, y: 200 })
    const middle = toPhoto(resized(near, stage, larger, photo), photo, { x: 800, y: 400 })
    expect(middle.x).toBeCloseTo(middleBefore.x)
    expect(middle.y).toBeCloseTo(middleBefore.y)
  })

  it('has the same corners on the stage and on the photo', () => {
    const view = { scale: 0.37, x: -12, y: 5 }
    const there = toPhoto(view, photo, toStage(view, photo, { x: 0.25, y: 0.75 }))
    expect(there.x).toBeCloseTo(0.25)
    expect(there.y).toBeCloseTo(0.75)
  })
})
