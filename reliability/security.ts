import { resolve } from 'node:path'
import { runParts } from './run-parts.ts'

/**
 * `npm run test:security`: what is shown about the server's defences; `-- fuzz` runs that part, `--count=…` and
 * `--seed=…` say how much. With `--write` the figures go into docs/security.md.
 */
await runParts(
  {
    isolation: () => import('./real/isolation.ts'),
    fuzz: () => import('./real/fuzz.ts'),
    'sign-in-timing': () => import('./real/sign-in-timing.ts'),
  },
  resolve(import.meta.dirname, '../docs/security.md'),
)
