import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AppOptions } from '../app.ts'

/** As in production, but for limits that no test meets by accident and tokens that outlast it. */
export const generousLimits: AppOptions['config'] = {
  databaseReadUrls: [],
  redisUrl: null,
  auditAnchors: join(tmpdir(), 'fieldbook-test-anchors'),
  accessTokenTtl: 3600,
  sessionTtl: 24 * 3600,
  keptSessionTtl: 30 * 24 * 3600,
  registration: 'closed',
  smtpUrl: null,
  mailFrom: 'Fieldbook <fieldbook@localhost>',
  mailFolder: join(tmpdir(), 'fieldbook-test-mail'),
  s3: null,
  photoFolder: join(tmpdir(), 'fieldbook-test-photos'),
  publicUrl: null,
  oidc: null,
  rateLimitMax: 1_000_000,
  rateLimitAuthMax: 1_000_000,
  rateLimitWriteMax: 1_000_000,
  rateLimitUploadMax: 1_000_000,
  rateLimitAddressMax: 1_000_000,
  rateLimitTenantMax: 1_000_000,
  trustProxy: [],
  metricsToken: null,
}
