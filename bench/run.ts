import { resolve } from 'node:path'
import { runParts } from '../reliability/run-parts.ts'

/**
 * `npm run bench`: what the product costs, beside what it is measured against in the same run. `-- device` runs one
 * part, `--count=…` says how many records; with `--write` the figures go into docs/performance.md.
 */
await runParts(
  {
    device: () => import('./device/device.ts'),
    server: () => import('./server/server.ts'),
    analytics: () => import('./server/analytics.ts'),
    package: () => import('./package/package.ts'),
  },
  resolve(import.meta.dirname, '../docs/performance.md'),
)
