import { describe, expect, it } from 'vitest'
import { firstWithin, fitted, qualities } from './photo-size.ts'

describe('a picture is drawn', () => {
  it.each([
    [
      { width: 8000, height: 6000 },
      { width: 4096, height: 3072 },
    ],
    [
      { width: 3000, height: 9000 },
      { width: 1365, height: 4096 },
    ],
    [
      { width: 640, height: 480 },
      { width: 640, height: 480 },
    ],
    [
      { width: 20_000, height: 1 },
      { width: 4096, height: 1 },
    ],
  ])('of %o as %o', (size, drawn) => expect(fitted(size, 4096)).toEqual(drawn))

  it('as well as it fits', async () => {
    const tried: number[] = []
    const draw = async (quality: number) => {
      tried.push(quality)
      return { size: quality * 100 }
    }
    expect(await firstWithin(82, draw)).toEqual({ size: 80 })
    expect(tried).toEqual([0.9, 0.8])
    expect(await firstWithin(1, draw)).toBeNull()
    expect(tried).toHaveLength(2 + qualities.length)
  })
})
