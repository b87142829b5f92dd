import { maxPictureBytes, maxThumbnailBytes } from '#common/contract/pictures'
import { PhotoError, withoutExtras } from '#common/rules/image-bytes'
import type { Request } from '#desktop/bridge/channels'
import { ask } from './bridge.ts'
import { firstWithin, fitted, longestSide, thumbnailSide } from './photo-size.ts'

export type DrawnPhoto = Pick<Request<'photos.add'>, 'original' | 'picture' | 'thumbnail'>

/**
 * A file as a photo to be kept: upright, without anything but the picture, and small beside it. Nothing is decoded that
 * main has not looked at, without what phones put behind their pictures; rejects with the reason, in words for the person.
 */
export async function drawFile(file: Blob): Promise<DrawnPhoto> {
  if (file.size > maxPictureBytes) throw new PhotoError('size')
  const original = withoutExtras(new Uint8Array(await file.arrayBuffer())).slice()
  const { type } = await ask('photos.look', { bytes: original })
  const bitmap = await createImageBitmap(new Blob([original], { type }), {
    imageOrientation: 'from-image',
  }).catch(() => {
    throw new PhotoError('damaged')
  })
  try {
    return { original, ...(await drawn(bitmap)) }
  } finally {
    bitmap.close()
  }
}

/** What a camera shows at this moment. */
export async function drawFrame(video: HTMLVideoElement): Promise<DrawnPhoto> {
  const bitmap = await createImageBitmap(video)
  try {
    return { original: null, ...(await drawn(bitmap)) }
  } finally {
    bitmap.close()
  }
}

async function drawn(bitmap: ImageBitmap) {
  const picture = canvasOf(bitmap, longestSide)
  return {
    picture: await jpegOf(picture, maxPictureBytes),
    thumbnail: await jpegOf(canvasOf(picture, thumbnailSide), maxThumbnailBytes),
  }
}

function canvasOf(source: ImageBitmap | OffscreenCanvas, longest: number): OffscreenCanvas {
  const { width, height } = fitted(source, longest)
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { alpha: false })!
  // What is transparent is seen on white.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(source, 0, 0, width, height)
  return canvas
}

async function jpegOf(canvas: OffscreenCanvas, most: number): Promise<Uint8Array> {
  const blob = await firstWithin(most, (quality) => canvas.convertToBlob({ type: 'image/jpeg', quality }))
  if (!blob) throw new PhotoError('size')
  return new Uint8Array(await blob.arrayBuffer())
}
