import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import type { ProviderSettings } from './modules/oidc/provider.ts'
import type { S3Settings } from './shared/s3-blob-store.ts'

/**
 * The settings of the server, read from the environment once, at start. A value that cannot be used stops the server
 * with one line that names the setting and what it takes. Each may also be the content of a file, which a setting of the
 * same name with `_FILE` names.
 */
export interface Config {
  host: string
  port: number
  dataDir: string
  /** null: an embedded PostgreSQL under `dataDir`. */
  databaseUrl: string | null
  /** Where `databaseUrl` leads to a pooler: the database itself, as its owner. */
  databaseDirectUrl: string | null
  /** Copies of the database that follow it, and answer what many records are looked through for. */
  databaseReadUrls: string[]
  redisUrl: string | null
  /** Where the audit is anchored outside the database. */
  auditAnchors: string
  /** PEM of the RSA key that signs access tokens, and of others that verify them; null: those kept in `dataDir`. */
  jwtPrivateKey: string | null
  /** Seconds. */
  accessTokenTtl: number
  /** Seconds of inactivity after which a session ends. */
  sessionTtl: number
  /** The same where somebody chose to be kept signed in. */
  keptSessionTtl: number
  /** Who registers an organisation: everybody, or only super admins. */
  registration: 'open' | 'closed'
  /** Requests a minute, per user or, where nobody is signed in, per address. */
  rateLimitMax: number
  rateLimitAuthMax: number
  rateLimitWriteMax: number
  rateLimitUploadMax: number
  /** Requests a minute of any kind, of all who are signed in from one address, and of one organisation. */
  rateLimitAddressMax: number
  rateLimitTenantMax: number
  /** Whose X-Forwarded-For is believed; nobody's where it is empty. */
  trustProxy: string[]
  /** Whether an API server works on jobs too, where no worker does. */
  workOnJobs: boolean
  /** Whether a server brings its database up to date before it starts; one that stands on its own always does. */
  migrateAtStart: boolean
  /** Seconds for which a server that is to end still takes requests, and says so where balancers ask. */
  drainSeconds: number
  /** What whoever asks for the metrics has to bring; null: they are told to this machine only. */
  metricsToken: string | null
  /** The server that takes mails; null: they are written to `mailFolder`. */
  smtpUrl: string | null
  /** Whose they are. */
  mailFrom: string
  mailFolder: string
  /** Where photos are; null: they are in `photoFolder`. */
  s3: S3Settings | null
  photoFolder: string
  /** Where people reach the server, without a slash at the end; null: it is not known. */
  publicUrl: string | null
  /** The provider one can sign in with, beside a password. */
  oidc: ProviderSettings | null
  demoData: boolean
  /** Where the demo finds the real meetings; where the folder is absent they are generated. */
  demoMeetings: string
  logLevel: string
}

export class ConfigError extends Error {}

type Environment = Record<string, string | undefined>

const postgres = ['postgres:', 'postgresql:']
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

function isNetwork(text: string): boolean {
  const [address, bits, ...more] = text.split('/')
  const family = isIP(address!)
  if (family === 0 || more.length > 0) return false
  // All addresses together are nobody's balancer: anybody could then write who they are.
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

export function readConfig(env: Environment): Config {
  const text = (name: string) => env[name]?.trim() || inFile(`${name}_FILE`)
  const inFile = (name: string) => {
    const path = env[name]?.trim()
    if (!path) return null
    try {
      return readFileSync(path, 'utf8').trim() || null
    } catch {
      throw new ConfigError(`${name} must be a file that can be read; it is “${path}”`)
    }
  }
  const refuse = (name: string, what: string): never => {
    // What is in a file may be secret.
    const given = env[name]?.trim() ? `it is “${env[name]}”` : `look into ${name}_FILE`
    throw new ConfigError(`${name} must be ${what}; ${given}`)
  }
  const whole = (name: string, fallback: number, least: number, most: number) => {
    const value = text(name)
    if (value === null) return fallback
    const number = Number(value)
    if (!Number.isInteger(number) || number < least || number > most) {
      refuse(name, `a whole number from ${least} to ${most}`)
    }
    return number
  }
  const oneOf = (name: string, fallback: string, allowed: string[]) => {
    const value = text(name) ?? fallback
    return allowed.includes(value) ? value : refuse(name, `one of ${allowed.join(', ')}`)
  }
  const isAddress = (value: string, protocols: string[]) =>
    URL.canParse(value) && protocols.includes(new URL(value).protocol)
  // The value may hold a password, so it is not repeated.
  const refuseAddress = (name: string, what: string, protocols: string[]): never => {
    const starts = protocols.map((p) => `${p}//`).join(' or ')
    throw new ConfigError(`${name} must be ${what} ${starts}`)
  }
  const url = (name: string, protocols: string[]) => {
    const value = text(name)
    if (value !== null && !isAddress(value, protocols))
      refuseAddress(name, 'an address that starts with', protocols)
    return value
  }
  const networks = (name: string) => {
    const values = text(name)?.split(/[\s,]+/) ?? []
    if (!values.every(isNetwork)) refuse(name, 'a list of addresses or networks, such as 10.0.0.0/8, ::1')
    return values
  }
  const withoutSlash = (address: string | null) => address?.replace(/\/+$/, '') ?? null
  const publicUrl = withoutSlash(url('PUBLIC_URL', ['https:', 'http:']))
  function oidc(): ProviderSettings | null {
    const issuer = url('OIDC_ISSUER', ['https:', 'http:'])
    if (issuer === null) return null
    if (issuer.startsWith('http:') && !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(issuer).hostname))
      refuse('OIDC_ISSUER', 'an https:// address; without TLS only on this machine')
    const clientId = text('OIDC_CLIENT_ID')
    if (clientId === null) throw new ConfigError('OIDC_CLIENT_ID must be set where OIDC_ISSUER is')
    if (publicUrl === null)
      throw new ConfigError(
        'PUBLIC_URL must be set where OIDC_ISSUER is: the provider sends the browser back there',
      )
    const name = text('OIDC_NAME') ?? 'your organisation'
    return { issuer, clientId, clientSecret: text('OIDC_CLIENT_SECRET'), name }
  }
  function s3(): S3Settings | null {
    const bucket = text('S3_BUCKET')
    if (bucket === null) {
      const idle = Object.keys(env).find((name) => name.startsWith('S3_') && text(name) !== null)
      // Else photos would be written to a folder that nobody expects them in.
      if (idle !== undefined) throw new ConfigError(`S3_BUCKET must be set where ${idle} is`)
      return null
    }
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
      refuse('S3_BUCKET', 'the name of a bucket: 3 to 63 of a-z, 0-9, - and .')
    const region = text('S3_REGION') ?? 'us-east-1'
    if (!/^[a-z0-9-]+$/.test(region)) refuse('S3_REGION', 'the name of a region, such as us-east-1')
    const accessKeyId = text('S3_ACCESS_KEY_ID')
    const secretAccessKey = text('S3_SECRET_ACCESS_KEY')
    if ((accessKeyId === null) !== (secretAccessKey === null))
      throw new ConfigError('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together, or neither')
    const endpoint = withoutSlash(url('S3_ENDPOINT', ['https:', 'http:']))
    return {
      bucket,
      endpoint,
      region,
      credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : null,
      forcePathStyle: oneOf('S3_FORCE_PATH_STYLE', String(endpoint !== null), ['true', 'false']) === 'true',
    }
  }
  const databaseUrl = url('DATABASE_URL', postgres)
  const databaseDirectUrl = url('DATABASE_DIRECT_URL', postgres)
  if (databaseDirectUrl !== null) {
    if (databaseUrl === null) throw new ConfigError('DATABASE_URL must be set where DATABASE_DIRECT_URL is')
    const [user, owner] = [databaseUrl, databaseDirectUrl].map((each) => new URL(each).username)
    if (!user || user === owner)
      throw new ConfigError(
        'DATABASE_URL must name another user than DATABASE_DIRECT_URL: one that owns nothing, and that npm run db:migrate makes',
      )
  }
  const databaseReadUrls = text('DATABASE_READ_URL')?.split(/[\s,]+/) ?? []
  if (!databaseReadUrls.every((each) => isAddress(each, postgres)))
    refuseAddress('DATABASE_READ_URL', 'addresses, with commas between them, that each start with', postgres)
  if (databaseReadUrls.length > 0 && databaseUrl === null)
    throw new ConfigError('DATABASE_URL must be set where DATABASE_READ_URL is')
  const metricsToken = text('METRICS_TOKEN')
  if (metricsToken !== null && metricsToken.length < 16)
    throw new ConfigError('METRICS_TOKEN must be 16 characters or longer, such as of openssl rand -hex 24')
  const key = text('JWT_PRIVATE_KEY')
  if (key !== null && !key.includes('PRIVATE KEY')) {
    throw new ConfigError('JWT_PRIVATE_KEY must be an RSA private key in PEM form')
  }

  const smtpUrl = url('SMTP_URL', ['smtp:', 'smtps:'])
  const mailFrom = text('MAIL_FROM') ?? 'Fieldbook <fieldbook@localhost>'
  if (!/^[^\r\n@]*[^\s@]+@[^\s@]+$/.test(mailFrom)) {
    refuse('MAIL_FROM', 'an address, such as Fieldbook <fieldbook@example.org>')
  }
  if (smtpUrl !== null && text('MAIL_FROM') === null) {
    throw new ConfigError('MAIL_FROM must be set where SMTP_URL is: mail servers take none from nobody')
  }

  const dataDir = resolve(text('DATA_DIR') ?? '.data')
  return {
    host: text('HOST') ?? '127.0.0.1',
    port: whole('PORT', 3000, 0, 65_535),
    dataDir,
    auditAnchors: resolve(text('AUDIT_ANCHORS') ?? join(dataDir, 'audit-anchors')),
    databaseUrl,
    databaseDirectUrl,
    databaseReadUrls,
    redisUrl: url('REDIS_URL', ['redis:', 'rediss:']),
    jwtPrivateKey: key,
    accessTokenTtl: whole('ACCESS_TOKEN_TTL', 15 * 60, 5, 3600),
    sessionTtl: whole('SESSION_TTL', 24 * 3600, 60, 365 * 24 * 3600),
    keptSessionTtl: whole('KEPT_SESSION_TTL', 30 * 24 * 3600, 60, 365 * 24 * 3600),
    registration: oneOf('REGISTRATION', 'closed', ['open', 'closed']) === 'open' ? 'open' : 'closed',
    rateLimitMax: whole('RATE_LIMIT_MAX', 100, 1, 1_000_000),
    rateLimitAuthMax: whole('RATE_LIMIT_AUTH_MAX', 10, 1, 1_000_000),
    rateLimitWriteMax: whole('RATE_LIMIT_WRITE_MAX', 30, 1, 1_000_000),
    rateLimitUploadMax: whole('RATE_LIMIT_UPLOAD_MAX', 300, 1, 1_000_000),
    rateLimitAddressMax: whole('RATE_LIMIT_ADDRESS_MAX', 2000, 1, 1_000_000),
    rateLimitTenantMax: whole('RATE_LIMIT_TENANT_MAX', 20_000, 1, 1_000_000),
    trustProxy: networks('TRUST_PROXY'),
    workOnJobs: oneOf('JOBS', 'on', ['on', 'off']) === 'on',
    migrateAtStart: oneOf('MIGRATE_AT_START', 'off', ['on', 'off']) === 'on',
    drainSeconds: whole('DRAIN_SECONDS', 0, 0, 300),
    metricsToken,
    smtpUrl,
    mailFrom,
    mailFolder: join(dataDir, 'mail'),
    s3: s3(),
    photoFolder: join(dataDir, 'photos'),
    publicUrl,
    oidc: oidc(),
    demoData: oneOf('DEMO_DATA', 'on', ['on', 'off']) === 'on',
    demoMeetings: resolve(text('DEMO_MEETINGS') ?? '../shared/data/eu-parliament-meetings'),
    logLevel: oneOf('LOG_LEVEL', 'info', logLevels),
  }
}
