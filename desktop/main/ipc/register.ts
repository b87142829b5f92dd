import type { IpcMain, WebContents, WebFrameMain } from 'electron'
import { type Event, type EventName, type RequestName, requests } from '#desktop/bridge/channels'
import { type AnswerOptions, answerRequest } from './answer.ts'

/**
 * Listens on every channel of the map and on no other. Only the top frame of a page of ours is answered; to anybody
 * else a channel behaves as if it did not exist.
 */
export function registerChannels(
  ipcMain: Pick<IpcMain, 'handle'>,
  isOurPage: (url: string) => boolean,
  options: AnswerOptions,
): void {
  for (const name of Object.keys(requests) as RequestName[]) {
    ipcMain.handle(name, (event, request: unknown) => {
      if (!isTrusted(event.senderFrame, isOurPage)) throw new Error(`No handler for ${name}`)
      return answerRequest(name, request, options)
    })
  }
}

function isTrusted(frame: WebFrameMain | null, isOurPage: (url: string) => boolean): boolean {
  return frame !== null && frame.parent === null && isOurPage(frame.url)
}

/** Tells a window something, unless it is gone. */
export function tell<N extends EventName>(contents: WebContents | undefined, name: N, event: Event<N>): void {
  if (contents && !contents.isDestroyed()) contents.send(name, event)
}
