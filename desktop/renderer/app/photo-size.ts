/** How large pictures are drawn before they are kept. */

interface Size {
  width: number
  height: number
}

/** Pixels along the longer side. */
export const longestSide = 4096
export const thumbnailSide = 320

/** As large as it is, or smaller so that no side is longer than `most`; never less than a pixel. */
export function fitted({ width, height }: Size, most: number): Size {
  const scale = Math.min(1, most / Math.max(width, height))
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  return { width: side(width), height: side(height) }
}

/** From the best on; the first with which a picture is small enough is taken. */
export const qualities = [0.9, 0.8, 0.65, 0.5, 0.3] as const

/** The first of several tries, from the best on, that takes no more than `most` bytes; null where all take more. */
export async function firstWithin<T extends { size: number }>(
  most: number,
  draw: (quality: number) => Promise<T>,
): Promise<T | null> {
  for (const quality of qualities) {
    const drawn = await draw(quality)
    if (drawn.size <= most) return drawn
  }
  return null
}
