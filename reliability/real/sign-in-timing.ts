import { buildApp } from '#server/app'
import { keyringOf } from '#server/modules/auth/keyring'
import { generousLimits } from '#server/test/config'
import { fixture, password } from '#server/test/fixture'
import { addressOf } from '#server/test/listener'
import { numberOf, type Options, type Part } from '../part.ts'
import { table } from '../report.ts'
import { createWorld } from './world.ts'

/**
 * How long each kind of sign-in that is refused takes, asked in turn of a server that listens. Who measures them must
 * not learn whether an account exists: the figures are to be read, nothing here passes or fails by the clock.
 */

const kinds = {
  wrong: { username: 'editor', password: 'wrong' },
  empty: { username: 'editor', password: '' },
  unknown: { username: 'nobody', password: 'wrong' },
  locked: { username: 'colleague', password: 'wrong' },
  disabled: { username: 'viewer', password },
} as const
type Kind = keyof typeof kinds

export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 300)
  const world = await createWorld(options, fixture)
  const app = await buildApp({
    databaseUrl: world.url,
    config: generousLimits,
    keys: keyringOf(world.key),
    jobs: { work: false },
  })
  const url = `http://${await addressOf(app)}/api/v1/auth/login`
  const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, [] as number[]])) as Record<
    Kind,
    number[]
  >
  const answers = new Map<Kind, Set<number>>()
  const ask = async (kind: Kind) => {
    const started = performance.now()
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(kinds[kind]),
    })
    await answer.text()
    answers.set(kind, (answers.get(kind) ?? new Set()).add(answer.status))
    return performance.now() - started
  }
  try {
    await world.owner.query(`UPDATE users SET active = false WHERE username = 'viewer'`)
    for (let n = 0; n < 5; n++) await ask('locked')
    answers.clear()
    const locks = await world.rows<{ account: Buffer }>('SELECT account FROM sign_in_failures')
    for (let n = 0; n < count; n++) {
      // None but the locked one is to come near its own lock, nor this address near its share of an account.
      await world.owner.query('TRUNCATE sign_in_attempts')
      await world.owner.query('DELETE FROM sign_in_failures WHERE account <> ALL ($1)', [
        locks.map(({ account }) => account),
      ])
      const order = Object.keys(kinds) as Kind[]
      for (let step = 0; step < order.length; step++) {
        const kind = order[(n + step) % order.length]!
        times[kind].push(await ask(kind))
      }
    }
  } finally {
    await app.close()
    await world.close()
  }

  const rows = Object.entries(times).map(([kind, taken]) => [
    kind,
    [...answers.get(kind as Kind)!].join(),
    ...[0.25, 0.5, 0.75, 0.95].map((share) => quantile(taken, share).toFixed(1)),
    distance(taken, times.wrong).toFixed(3),
  ])
  return {
    name: 'sign-in-timing',
    figures: {
      'of each kind': count,
      // What two samples of one distribution exceed once in a hundred.
      'distance that chance alone exceeds once in 100': (1.63 * Math.sqrt(2 / count)).toFixed(3),
    },
    table: table(
      ['kind', 'answer', 'first quartile (ms)', 'median', 'third quartile', '95%', 'distance from wrong'],
      rows,
    ),
    failures: [],
  }
}

const quantile = (values: number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]!

/** Kolmogorov and Smirnov's: the most that the shares below any duration differ; 0 for the same, 1 for no overlap. */
function distance(some: number[], others: number[]): number {
  const below = (values: number[], limit: number) =>
    values.filter((value) => value <= limit).length / values.length
  return Math.max(...[...some, ...others].map((limit) => Math.abs(below(some, limit) - below(others, limit))))
}
