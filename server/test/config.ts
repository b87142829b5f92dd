import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AppOptions } from '../app.ts'

/** As in production, but for limits that no test meets by accident and tokens that outlast it. */
export const generousLimits: AppOptions['config'] = {
  redisUrl: null,
  auditAnchors: join(tmpdir(), 'fieldbook-test-anchors'),
  accessTokenTtl: 3600,
  sessionTtl: 24 * 3600,
  rateLimitMax: 1_000_000,
  rateLimitAuthMax: 1_000_000,
  rateLimitWriteMax: 1_000_000,
}
