import type { Event } from '#desktop/bridge/channels'
import { NetworkError, PasswordChangeNeeded, ServerError, SignInNeeded } from '../api/failures.ts'
import type { SignedInClient } from '../api/signed-in-client.ts'
import { StorageError } from '../store/failures.ts'
import type { Picture, PictureState, Upload } from '../store/pictures.ts'
import type { Store } from '../store/store.ts'
import { backOff, type Clock } from './pacer.ts'
import { judge } from './verdict.ts'

export type PhotoProgress = Event<'photo.changed'>

export interface PhotoUploadsOptions {
  store: Store
  client: Pick<SignedInClient, 'call'>
  clock: Clock
  /** From 0 up to 1. */
  random(): number
  /** Bytes in one request. */
  pieceBytes?: number
  events: {
    progress(progress: PhotoProgress): void
    /** A photo of that site is another now than it was. */
    changed(siteId: string): void
    /** It failed for a reason that lies on this device. */
    fault(error: unknown): void
  }
}

/**
 * A request is a promise to the person that so much has arrived when it is answered: what a
 * network stack has taken from us says nothing, and a piece this size passes a slow line before anybody gives it up.
 */
const usualPiece = 512 * 1024
/** Milliseconds between two words about one photo. */
const tellEvery = 250
/** Answers in a row that bring no byte further: something between here and there is not as it should be. */
const mostDetours = 5

const gone = 'The photo is not on this computer any more: its file was deleted or damaged.'

/**
 * Sends the bytes of photos which the server knows of, one photo at a time and each from where the server has got to,
 * whatever has happened in between. A photo is sent when the server says that all of it is there and is what was
 * announced; what it does not take is stopped, for the person to see. Waits, ever longer, while the network or the
 * server is in trouble; goes on with the next contact after that. What fails for one photo alone puts off that one.
 */
export class PhotoUploads {
  readonly #options: PhotoUploadsOptions
  #running: Promise<void> | null = null
  #wanted = false
  #stopped = false
  #failures = 0
  #cancelTimer: (() => void) | null = null
  /** Ids of those that are tried again only after a while. */
  readonly #putOff = new Set<string>()
  /** How often in a row some had to be. */
  #timesPutOff = 0
  #cancelPutOff: (() => void) | null = null
  #toldAt = -Infinity

  constructor(options: PhotoUploadsOptions) {
    this.#options = options
  }

  /**
   * The server answers, and knows what this device knew. While a failure of all is waited out, that goes on. Resolves
   * when nothing runs any more.
   */
  async contact(): Promise<void> {
    if (!this.#cancelTimer) this.#run()
    await this.#running
  }

  /** There is reason to try at once. */
  wake(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#failures = 0
    this.#cancelPutOff?.()
    this.#cancelPutOff = null
    this.#timesPutOff = 0
    this.#putOff.clear()
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer?.()
    this.#cancelPutOff?.()
    await this.#running
  }

  #run() {
    this.#wanted = true
    this.#running ??= this.#sendAll().finally(() => {
      this.#running = null
      if (this.#wanted && !this.#stopped && !this.#cancelTimer) this.#run()
    })
  }

  async #sendAll() {
    const { store, events } = this.#options
    try {
      while (this.#wanted && !this.#stopped) {
        this.#wanted = false
        for (let upload; !this.#stopped && (upload = await store.nextUpload([...this.#putOff]));)
          await this.#sendOne(upload)
        await store.tidyPhotos()
      }
    } catch (error) {
      const verdict = judge(error)
      if (verdict?.kind === 'later') this.#later(verdict.retryAfter)
      // Signing in, or another password, is waited for: the contact after that goes on.
      else if (verdict === null) {
        this.#later(undefined)
        events.fault(error)
      }
    }
    this.#retryPutOff()
  }

  async #sendOne(upload: Upload) {
    try {
      if (upload.thumbnailOnly) await this.#sendThumbnail(upload)
      else await this.#send(upload)
      this.#failures = 0
    } catch (error) {
      if (concernsAll(error)) throw error
      this.#putOffOne(upload, error)
    }
  }

  #putOffOne({ id }: Upload, error: unknown) {
    this.#putOff.add(id)
    if (judge(error) === null) this.#options.events.fault(error)
  }

  #retryPutOff() {
    if (this.#putOff.size === 0) this.#timesPutOff = 0
    else if (!this.#cancelPutOff && !this.#stopped) {
      const { clock, random } = this.#options
      this.#cancelPutOff = clock.after(backOff(++this.#timesPutOff, random()), () => {
        this.#cancelPutOff = null
        this.#putOff.clear()
        if (!this.#cancelTimer) this.#run()
      })
    }
  }

  #later(retryAfter = 0) {
    if (this.#stopped) return
    const { clock, random } = this.#options
    this.#cancelTimer = clock.after(Math.max(backOff(++this.#failures, random()), retryAfter), () => {
      this.#cancelTimer = null
      this.#run()
    })
  }

  async #send(upload: Upload) {
    const { store } = this.#options
    let bytes: Uint8Array | null
    try {
      bytes = await store.photoBytes(upload.id)
    } catch (error) {
      // The disk refuses this file, and perhaps no other.
      if (error instanceof StorageError && error.reason !== 'unwritable') throw error
      return this.#putOffOne(upload, error)
    }
    if (!bytes) return this.#settle(upload, 'missing', gone)
    try {
      await this.#sendBytes(upload, bytes)
    } catch (error) {
      const verdict = judge(error)
      const isGone = error instanceof ServerError && error.status === 404
      if (!isGone && verdict?.kind !== 'refused') {
        await this.#wait(upload)
        throw error
      }
      const { message, details = [] } = error as ServerError
      // It may have been hurt on its way; what is wrong with it here is wrong the second time too.
      if (!isGone && (error as ServerError).status === 400 && upload.restarts === 0)
        return this.#wait(upload, { received: 0, restarts: 1 })
      const reasons = details.map((detail) => detail.message).join('. ')
      await this.#settle(
        upload,
        'stopped',
        isGone ? 'The server does not know of this photo (any more).' : reasons || message,
      )
    }
  }

  async #sendBytes(upload: Upload, bytes: Uint8Array) {
    const { store, client, pieceBytes = usualPiece } = this.#options
    const params = { id: upload.id }
    const { photo } = await client.call('readPhoto', { params })
    let { received, storedAt } = photo
    await this.#note(upload, received, true)
    for (let detours = 0; storedAt === null;) {
      if (this.#stopped) throw new NetworkError('unreachable', 'the server')
      const before: number = received
      const piece = new Uint8Array(bytes.slice(received, received + pieceBytes))
      const answer = await this.#put(upload.id, received, piece)
      ;({ received, storedAt } = answer)
      detours = received > before ? 0 : detours + 1
      if (storedAt === null && detours >= mostDetours) throw new NetworkError('unusable', 'the server')
      await this.#note(upload, received, false)
    }
    await store.noteStored(upload.id)
    this.#tell(upload, 'sent', upload.size)
    this.#options.events.changed(upload.siteId)
  }

  /** How far it is, now and then: the server knows better. */
  async #note(upload: Upload, received: number, always: boolean) {
    upload.received = received
    if (!always && Math.abs(this.#options.clock.now() - this.#toldAt) < tellEvery) return
    await this.#options.store.noteUpload(upload.id, { state: 'sending', received })
    this.#tell(upload, 'sending', received)
  }

  /** Where the server expects another byte than we did, that is where to go on. */
  async #put(id: string, offset: number, bytes: Uint8Array<ArrayBuffer>) {
    const { client } = this.#options
    try {
      return await client.call('sendPhoto', { params: { id }, query: { offset }, bytes })
    } catch (error) {
      if (!(error instanceof ServerError) || error.status !== 409) throw error
      const { photo } = await client.call('readPhoto', { params: { id } })
      return { received: photo.received, storedAt: photo.storedAt }
    }
  }

  /** Nothing depends on it: what the server does not want is not sent again. */
  async #sendThumbnail({ id }: Upload) {
    const { store, client } = this.#options
    const bytes = await store.thumbnailBytes(id)
    try {
      if (bytes) await client.call('sendThumbnail', { params: { id }, bytes: new Uint8Array(bytes) })
    } catch (error) {
      if (!(error instanceof ServerError) || ![400, 403, 404, 409].includes(error.status)) throw error
    }
    await store.noteThumbnailSent(id)
  }

  /** It does not travel for now. */
  async #wait(upload: Upload, changes: Partial<Pick<Picture, 'received' | 'restarts'>> = {}) {
    await this.#options.store.noteUpload(upload.id, { state: 'waiting', ...changes })
    this.#tell(upload, 'waiting', changes.received ?? upload.received)
  }

  async #settle(upload: Upload, state: 'stopped' | 'missing', problem: string) {
    await this.#options.store.noteUpload(upload.id, { state, problem, received: 0 })
    this.#tell(upload, state, 0)
    this.#options.events.changed(upload.siteId)
  }

  #tell({ id, visitId, size }: Upload, state: PictureState, received: number) {
    this.#toldAt = this.#options.clock.now()
    this.#options.events.progress({ id, visitId, state, received, size })
  }
}

/** No other photo would fare better: the network, the whole server or this device is in trouble, or the session over. */
function concernsAll(error: unknown): boolean {
  if (error instanceof NetworkError && error.trouble !== 'unusable') return true
  if (error instanceof NetworkError || error instanceof ServerError)
    return [401, 408, 429, 502, 503, 504].includes(error.status ?? 0)
  return [SignInNeeded, PasswordChangeNeeded, StorageError].some((kind) => error instanceof kind)
}
