import type { Page } from '@playwright/test'
import { type ExifWish, withExif } from '#common/rules/test/pictures'

/**
 * A photo of a shelf, three boards of products high, as a camera would give it: with EXIF. Each number is another shelf.
 */
export async function shelfPicture(page: Page, number: number, exif: ExifWish): Promise<Buffer> {
  const base64 = await page.evaluate(async (first) => {
    const canvas = new OffscreenCanvas(1600, 900)
    const context = canvas.getContext('2d')!
    const fill = (colour: string, x: number, y: number, width: number, height: number) => {
      context.fillStyle = colour
      context.fillRect(x, y, width, height)
    }
    fill('#4b5563', 0, 0, 1600, 900)
    const colours = ['#e76f51', '#2a9d8f', '#e9c46a', '#4d79c7', '#c9ced6', '#8e5fb0', '#f4a261']
    for (let board = 0; board < 3; board++) {
      for (let at = 0; at < 24; at++)
        fill(
          colours[(first + at * 5 + board * 3 + ((at / 3) | 0)) % 7]!,
          30 + at * 64,
          60 + board * 280,
          54,
          190,
        )
      fill('#1f2937', 0, 250 + board * 280, 1600, 22)
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })
    let text = ''
    for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte)
    return btoa(text)
  }, number)
  return Buffer.from(withExif(Buffer.from(base64, 'base64'), exif))
}
