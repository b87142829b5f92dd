import { resolve } from 'node:path'
import { parts, realParts } from './parts.ts'
import { runParts } from './run-parts.ts'

/**
 * `npm run test:sync`: every part in full. `-- simulation planted` runs these, `-- real` those with real servers, and
 * `--histories=…`, `--seed=…`, `--count=…` say how much. With `--write` the figures go into docs/reliability.md.
 */
await runParts(parts, resolve(import.meta.dirname, '../docs/reliability.md'), {
  real: Object.keys(realParts),
})
