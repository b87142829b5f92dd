import { expect, it } from 'vitest'
import { fitToDisplays } from './window-place.ts'

const laptop = { x: 0, y: 0, width: 1440, height: 900 }
const second = { x: 1440, y: 0, width: 1920, height: 1080 }
const place = { width: 1000, height: 700, maximized: false }

it('comes back where it was, on whichever display', () => {
  expect(fitToDisplays({ ...place, x: 100, y: 50 }, [laptop])).toEqual({ ...place, x: 100, y: 50 })
  expect(fitToDisplays({ ...place, x: 2000, y: 50 }, [laptop, second])).toEqual({ ...place, x: 2000, y: 50 })
})

it('comes into view when its display is gone or hardly shows it', () => {
  expect(fitToDisplays({ ...place, x: 2000, y: 50 }, [laptop])).toEqual(place)
  expect(fitToDisplays({ ...place, x: 1400, y: 50 }, [laptop])).toEqual(place)
  expect(fitToDisplays({ ...place, x: 100, y: -690 }, [laptop])).toEqual(place)
})

it('is no larger than what there is', () => {
  expect(fitToDisplays({ width: 5000, height: 5000, maximized: true }, [laptop])).toEqual({
    width: 1440,
    height: 900,
    maximized: true,
  })
})
