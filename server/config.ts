import { join, resolve } from 'node:path'

/**
 * The settings of the server, read from the environment once, at start. A value that cannot be used stops the server
 * with one line that names the setting and what it takes.
 */
export interface Config {
  host: string
  port: number
  dataDir: string
  /** null: an embedded PostgreSQL under `dataDir`. */
  databaseUrl: string | null
  redisUrl: string | null
  /** Where the audit is anchored outside the database. */
  auditAnchors: string
  /** PEM of the RSA key that signs access tokens; null: one is made and kept under `dataDir`. */
  jwtPrivateKey: string | null
  /** Seconds. */
  accessTokenTtl: number
  /** Seconds of inactivity after which a session ends. */
  sessionTtl: number
  /** Requests a minute, per user or, where nobody is signed in, per address. */
  rateLimitMax: number
  rateLimitAuthMax: number
  rateLimitWriteMax: number
  demoData: boolean
  /** Where the demo finds the real meetings; where the folder is absent they are generated. */
  demoMeetings: string
  logLevel: string
}

export class ConfigError extends Error {}

type Environment = Record<string, string | undefined>

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

export function readConfig(env: Environment): Config {
  const text = (name: string) => env[name]?.trim() || null
  const refuse = (name: string, what: string): never => {
    throw new ConfigError(`${name} must be ${what}; it is “${env[name]}”`)
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
  const url = (name: string, protocols: string[]) => {
    const value = text(name)
    if (value === null) return null
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      // The value may hold a password, so it is not repeated.
      throw new ConfigError(
        `${name} must be an address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
      )
    }
    return value
  }
  const key = text('JWT_PRIVATE_KEY')
  if (key !== null && !key.includes('PRIVATE KEY')) {
    throw new ConfigError('JWT_PRIVATE_KEY must be an RSA private key in PEM form')
  }

  const dataDir = resolve(text('DATA_DIR') ?? '.data')
  return {
    host: text('HOST') ?? '127.0.0.1',
    port: whole('PORT', 3000, 0, 65_535),
    dataDir,
    auditAnchors: resolve(text('AUDIT_ANCHORS') ?? join(dataDir, 'audit-anchors')),
    databaseUrl: url('DATABASE_URL', ['postgres:', 'postgresql:']),
    redisUrl: url('REDIS_URL', ['redis:', 'rediss:']),
    jwtPrivateKey: key,
    accessTokenTtl: whole('ACCESS_TOKEN_TTL', 15 * 60, 5, 3600),
    sessionTtl: whole('SESSION_TTL', 24 * 3600, 60, 365 * 24 * 3600),
    rateLimitMax: whole('RATE_LIMIT_MAX', 100, 1, 1_000_000),
    rateLimitAuthMax: whole('RATE_LIMIT_AUTH_MAX', 10, 1, 1_000_000),
    rateLimitWriteMax: whole('RATE_LIMIT_WRITE_MAX', 30, 1, 1_000_000),
    demoData: oneOf('DEMO_DATA', 'on', ['on', 'off']) === 'on',
    demoMeetings: resolve(text('DEMO_MEETINGS') ?? '../shared/data/eu-parliament-meetings'),
    logLevel: oneOf('LOG_LEVEL', 'info', logLevels),
  }
}
