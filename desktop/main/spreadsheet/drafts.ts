import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '../durable.ts'

/** A place that is not there, such as a stick that was taken out, is looked for so long. */
const patience = 30 * 24 * 3600_000

const isId = (name: string) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(name)

/**
 * Files that are being written, under a hidden name in the folder where they are to be. Each is noted on the disk before
 * there is anything of it, so that what a killed app left of it is removed when it next starts, whoever is signed in
 * then. A note says nothing but the folder, and goes with the file; signing out ends them all.
 */
export class Drafts {
  readonly #notes: string

  /** `notes` is the folder for the notes, and nothing else's. */
  constructor(notes: string) {
    this.#notes = notes
  }

  /** Answers with the path for the draft, once it is noted. */
  begin(id: string, folder: string): string {
    mkdirSync(this.#notes, { recursive: true, mode: 0o700 })
    writeDurably(this.#note(id), folder)
    return draftIn(folder, id)
  }

  /** It has its own name by now, or is not wanted: nothing is left of it. */
  async end(id: string, folder: string): Promise<void> {
    await rm(draftIn(folder, id), { force: true })
    await rm(this.#note(id), { force: true })
  }

  /** Removes what a killed app left behind; what is begun after the call is none of that. Never fails. */
  async sweep(now: number, log: (message: string, error: unknown) => void): Promise<void> {
    const names = existsSync(this.#notes) ? readdirSync(this.#notes) : []
    for (const name of names) {
      const note = this.#note(name)
      try {
        const folder = isId(name) ? readFileSync(note, 'utf8') : null
        const isAway = folder !== null && !existsSync(folder)
        if (isAway && now - statSync(note).mtimeMs < patience) continue
        if (folder !== null) await rm(draftIn(folder, name), { force: true })
        await rm(note, { force: true })
      } catch (error) {
        log('a file that was not written to its end could not be removed', error)
      }
    }
  }

  #note(id: string) {
    return join(this.#notes, id)
  }
}

const draftIn = (folder: string, id: string) => join(folder, `.fieldbook-${id}.part`)
