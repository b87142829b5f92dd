import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { bugs } from './planted/bugs.ts'
import * as planted from './planted/planted.ts'
import * as simulation from './simulation/simulation.ts'

/** The share of `npm run test:sync` that every `npm test` runs. */

/** Enough for every planted bug the simulation has to catch. */
const bound = 250

/** Some that everybody runs, and some that nobody has run before. */
const seeds = { known: 1, fresh: 1_000_000 + Math.floor(Math.random() * 1_000_000_000) }

it.each(Object.entries(seeds))(
  'keeps the promises of sync through a hundred %s histories',
  { timeout: 180_000 },
  async (_, seed) => {
    const { failures, figures } = await simulation.run({ histories: '100', seed: String(seed) })
    expect(failures).toEqual([])
    expect(figures.faults).toBeGreaterThan(100 * 20)
  },
)

it('catches the bugs that are planted', { timeout: 900_000 }, async () => {
  const part = await planted.run({ part: 'simulation', bound: String(bound) })
  expect(part.failures).toEqual([])
  expect(part.figures.caught).toBe(part.figures.planted)
})

it('finds the place of every planted bug', () => {
  expect(bugs.length).toBeGreaterThanOrEqual(25)
  const isPlaced = ({ file, search }: (typeof bugs)[number]) =>
    readFileSync(resolve(import.meta.dirname, '..', file), 'utf8').split(search).length === 2
  expect(bugs.filter((bug) => !isPlaced(bug)).map(({ name }) => name)).toEqual([])
})
