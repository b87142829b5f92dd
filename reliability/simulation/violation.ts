/** A promise of SYNC.md that was broken, by its number there. */
export class Violation extends Error {
  readonly invariant: number

  constructor(invariant: number, what: string) {
    super(`invariant ${invariant}: ${what}`)
    this.name = 'Violation'
    this.invariant = invariant
  }
}
