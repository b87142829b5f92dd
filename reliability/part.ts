/** One row of what a part proved, and what it found wrong. */
export type Part = {
  name: string
  figures: Record<string, number | string>
  /** What is to be printed and written down beside the figures: a table in Markdown. */
  table?: string
  /** Each with the one command that shows it again. */
  failures: Failure[]
}

export type Failure = { what: string; replay: string }

/** How much of a part is run, from the command line (`--count=100 --seed=1`): each part reads the ones it knows. */
export type Options = Record<string, string>

export const numberOf = (options: Options, name: string, otherwise: number) =>
  options[name] === undefined ? otherwise : Number(options[name])
