import type { FastifyReply } from 'fastify'
import type { Readable } from 'node:stream'
import { AppError } from '#common/contract/errors'
import { attachment } from './attachment.ts'

export interface PictureFile {
  content: Readable | Buffer
  type: string
  size: number
}

const extensions: Record<string, string> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' }

/** A picture as an answer; `whyNot` says what is the matter where there is none. */
export function sendPicture(reply: FastifyReply, id: string, file: PictureFile | null, whyNot: string) {
  if (!file) throw new AppError('RESOURCE_NOT_FOUND', whyNot)
  return reply
    .type(file.type)
    .headers({
      'content-length': file.size,
      'content-disposition': attachment(`${id}.${extensions[file.type]}`),
      'x-content-type-options': 'nosniff',
    })
    .send(file.content)
}
