import Type, { type Static } from 'typebox'
import { Closed, Instant, Nullable } from './primitives.ts'

/**
 * Pictures: photos of visits and infographics of brands. What one is comes first, as JSON; its bytes follow from an
 * offset on, as often as the connection breaks, and are kept once their SHA-256 is the one that was announced.
 */

export const pictureTypes = ['image/jpeg', 'image/png', 'image/webp'] as const
export type PictureType = (typeof pictureTypes)[number]

export const maxPictureBytes = 25 * 1024 * 1024
/** Pixels, of the longer side. */
export const maxPictureSide = 20_000
/** Of the small version that lists show. */
export const maxThumbnailBytes = 64 * 1024

export const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hexadecimal' })

export const pictureFields = {
  sha256: Sha256,
  size: Type.Integer({ minimum: 1, maximum: maxPictureBytes, description: 'Bytes' }),
  type: Type.Enum(pictureTypes),
  width: Type.Integer({ minimum: 1, maximum: maxPictureSide, description: 'Pixels' }),
  height: Type.Integer({ minimum: 1, maximum: maxPictureSide, description: 'Pixels' }),
}

export const pictureState = {
  received: Type.Integer({ minimum: 0, description: 'Bytes that are there: where to go on' }),
  storedAt: Type.Union([Instant, Type.Null()], {
    description: 'When all of it had arrived and its digest was the right one; null before',
  }),
}

/** Where the bytes begin that are sent. */
export const FromOffset = Closed({ offset: Type.Integer({ minimum: 0, maximum: maxPictureBytes }) })

/** After some bytes have arrived; `storedAt` says that those were the last, and are the right ones. */
export const Received = Closed({
  success: Type.Literal(true),
  received: Type.Integer({ minimum: 0 }),
  storedAt: Nullable(Instant),
})
export type Received = Static<typeof Received>
