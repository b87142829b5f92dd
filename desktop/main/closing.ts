export interface ClosingOptions {
  /** Whether the page may hold something that closing would lose. */
  mayHoldWork(): boolean
  /** Asks the page; it answers through `agree`, perhaps after asking the person. */
  ask(): void
  /** Whether the page runs at all: rejects, or never answers, where it does not. */
  isAlive(): Promise<unknown>
  /** Ends a page that does not run any more, which would hold its window open for ever. */
  endPage(): Promise<void>
  /** Closes for good, this window or the app with it. */
  close(quits: boolean): void
  after(milliseconds: number, work: () => void): () => void
}

/** How long a page that hangs may hold its window open. */
const patience = 3_000

/**
 * Holds back the closing of a window until its page agrees. A page that does not run cannot answer, and is not waited
 * for.
 */
export class Closing {
  readonly #options: ClosingOptions
  #quits = false
  #asked: { quits: boolean } | null = null
  #agreed = false

  constructor(options: ClosingOptions) {
    this.#options = options
  }

  /** The page has agreed, or nobody could ask it: nothing else is asked any more on its behalf. */
  get agreed(): boolean {
    return this.#agreed
  }

  /** The app is about to quit, so the window closes next. */
  quitting(): void {
    this.#quits = true
  }

  /** The window is about to close; true when it has to stay for now. */
  holdsBack(): boolean {
    const quits = this.#quits
    this.#quits = false
    if (this.#agreed || !this.#options.mayHoldWork()) return false
    this.#asked = { quits }
    this.#options.ask()
    void this.#watch()
    return true
  }

  /** The page may go. Passed over when nobody asked it. */
  agree(): void {
    const asked = this.#asked
    if (!asked) return
    this.#asked = null
    this.#agreed = true
    this.#options.close(asked.quits)
  }

  /** The window stays after all, for another reason. */
  stay(): void {
    this.#agreed = false
  }

  async #watch() {
    const { isAlive, after } = this.#options
    const late = new Promise<boolean>((resolve) => after(patience, () => resolve(false)))
    const lives = isAlive().then(
      () => true,
      () => false,
    )
    if ((await Promise.race([lives, late])) || !this.#asked) return
    await this.#options.endPage()
    this.agree()
  }
}
