import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

test('nothing has to be set', () => {
  expect(readConfig({})).toEqual({
    host: '127.0.0.1',
    port: 3000,
    dataDir: resolve('.data'),
    auditAnchors: resolve('.data/audit-anchors'),
    databaseUrl: null,
    databaseDirectUrl: null,
    databaseReadUrls: [],
    redisUrl: null,
    jwtPrivateKey: null,
    accessTokenTtl: 900,
    sessionTtl: 86_400,
    keptSessionTtl: 2_592_000,
    registration: 'closed',
    rateLimitMax: 100,
    rateLimitAuthMax: 10,
    rateLimitWriteMax: 30,
    rateLimitUploadMax: 300,
    rateLimitAddressMax: 2000,
    rateLimitTenantMax: 20_000,
    trustProxy: [],
    workOnJobs: true,
    migrateAtStart: false,
    drainSeconds: 0,
    metricsToken: null,
    smtpUrl: null,
    mailFrom: 'Fieldbook <fieldbook@localhost>',
    mailFolder: resolve('.data/mail'),
    s3: null,
    photoFolder: resolve('.data/photos'),
    publicUrl: null,
    oidc: null,
    demoData: true,
    demoMeetings: resolve('../shared/data/eu-parliament-meetings'),
    logLevel: 'info',
  })
})

test('what is set counts, spaces around it do not, and empty is as if it were not', () => {
  const config = readConfig({
    HOST: '0.0.0.0',
    PORT: ' 8080 ',
    DATA_DIR: '/data',
    DATABASE_URL: 'postgresql://user:secret@db/fieldbook',
    REDIS_URL: '',
    DEMO_DATA: 'off',
    LOG_LEVEL: 'warn',
    ACCESS_TOKEN_TTL: '5',
    TRUST_PROXY: '10.0.0.0/8, 192.168.1.7 ::1',
  })
  expect(config).toMatchObject({
    host: '0.0.0.0',
    port: 8080,
    dataDir: '/data',
    auditAnchors: '/data/audit-anchors',
    databaseUrl: 'postgresql://user:secret@db/fieldbook',
    redisUrl: null,
    demoData: false,
    logLevel: 'warn',
    accessTokenTtl: 5,
    trustProxy: ['10.0.0.0/8', '192.168.1.7', '::1'],
  })
})

describe('a value that cannot be used is named, with what it should be', () => {
  test.each([
    ['PORT', 'abc', 'PORT must be a whole number from 0 to 65535; it is “abc”'],
    ['PORT', '70000', 'PORT must be a whole number from 0 to 65535; it is “70000”'],
    ['PORT', '-1', 'PORT must be a whole number from 0 to 65535; it is “-1”'],
    ['PORT', '3000.5', 'PORT must be a whole number from 0 to 65535; it is “3000.5”'],
    ['RATE_LIMIT_MAX', '0', 'RATE_LIMIT_MAX must be a whole number from 1 to 1000000; it is “0”'],
    ['SESSION_TTL', '1', 'SESSION_TTL must be a whole number from 60 to 31536000; it is “1”'],
    ['ACCESS_TOKEN_TTL', '7200', 'ACCESS_TOKEN_TTL must be a whole number from 5 to 3600; it is “7200”'],
    ['JOBS', 'some', 'JOBS must be one of on, off; it is “some”'],
    ['MIGRATE_AT_START', 'yes', 'MIGRATE_AT_START must be one of on, off; it is “yes”'],
    ['METRICS_TOKEN', 'short', /^METRICS_TOKEN must be 16 characters or longer, [^“]*$/],
    ['DEMO_DATA', 'yes', 'DEMO_DATA must be one of on, off; it is “yes”'],
    ['LOG_LEVEL', 'loud', /^LOG_LEVEL must be one of fatal, error, /],
    ['REDIS_URL', 'localhost:6379', 'REDIS_URL must be an address that starts with redis:// or rediss://'],
    [
      'DATABASE_URL',
      'localhost',
      'DATABASE_URL must be an address that starts with postgres:// or postgresql://',
    ],
    [
      'DATABASE_URL',
      'mysql://u:secret@h/d',
      'DATABASE_URL must be an address that starts with postgres:// or postgresql://',
    ],
    [
      'DATABASE_READ_URL',
      'postgres://u:secret@h/d, localhost',
      'DATABASE_READ_URL must be addresses, with commas between them, that each start with postgres:// or postgresql://',
    ],
    ['DATABASE_READ_URL', 'postgres://u:secret@h/d', 'DATABASE_URL must be set where DATABASE_READ_URL is'],
    ['TRUST_PROXY', 'on', /^TRUST_PROXY must be a list of addresses or networks/],
    ['TRUST_PROXY', '10.0.0.0/33', /^TRUST_PROXY must be/],
    ['TRUST_PROXY', '0.0.0.0/0', /^TRUST_PROXY must be/],
    ['SMTP_URL', 'mail.example.org', 'SMTP_URL must be an address that starts with smtp:// or smtps://'],
    ['SMTP_URL', 'smtp://mail.example.org', /^MAIL_FROM must be set where SMTP_URL is/],
    ['MAIL_FROM', 'Fieldbook', /^MAIL_FROM must be an address/],
    ['JWT_PRIVATE_KEY', 'secret', 'JWT_PRIVATE_KEY must be an RSA private key in PEM form'],
  ])('%s=%s', (name, value, message) => {
    expect(() => readConfig({ [name]: value })).toThrow(ConfigError)
    expect(() => readConfig({ [name]: value })).toThrow(message)
    expect(() => readConfig({ [name]: value })).not.toThrow(/secret/)
  })
})

describe('what is in a file', () => {
  const inFile = (content: string) => {
    const path = join(mkdtempSync(join(tmpdir(), 'fieldbook-config-')), 'setting')
    onTestFinished(() => rmSync(dirname(path), { recursive: true }))
    writeFileSync(path, content)
    return path
  }

  test('counts where the setting itself is not there', () => {
    const path = inFile('redis://in-a-file\n')
    expect(readConfig({ REDIS_URL_FILE: path })).toMatchObject({ redisUrl: 'redis://in-a-file' })
    expect(readConfig({ REDIS_URL_FILE: path, REDIS_URL: 'redis://here' }).redisUrl).toBe('redis://here')
    expect(readConfig({ REDIS_URL_FILE: inFile('') }).redisUrl).toBeNull()
  })

  test('is not repeated when it is wrong, and one that cannot be read is named', () => {
    expect(() => readConfig({ RATE_LIMIT_MAX_FILE: inFile('hidden') })).toThrow(
      /^RATE_LIMIT_MAX must be a whole number from 1 to 1000000; look into RATE_LIMIT_MAX_FILE$/,
    )
    expect(() => readConfig({ METRICS_TOKEN_FILE: '/no/such/file' })).toThrow(
      'METRICS_TOKEN_FILE must be a file that can be read; it is “/no/such/file”',
    )
  })
})

describe('a pooler', () => {
  const direct = 'postgresql://owner:secret@db/fieldbook'
  const read = (databaseUrl: string) =>
    readConfig({ DATABASE_DIRECT_URL: direct, DATABASE_URL: databaseUrl }).databaseDirectUrl

  test('is signed in to as somebody else than the owner', () => {
    expect(read('postgresql://servers:secret@pooler/fieldbook')).toBe(direct)
    expect(() => read('')).toThrow('DATABASE_URL must be set where DATABASE_DIRECT_URL is')
    for (const url of ['postgresql://owner:other@pooler/fieldbook', 'postgresql://pooler/fieldbook'])
      expect(() => read(url)).toThrow(/^DATABASE_URL must name another user than DATABASE_DIRECT_URL[^@]*$/)
  })
})

describe('a provider to sign in with', () => {
  const set = {
    OIDC_ISSUER: 'https://id.example',
    OIDC_CLIENT_ID: 'fieldbook',
    PUBLIC_URL: 'https://field.example/',
  }

  test('is named by its address, and is public without a secret', () => {
    expect(readConfig(set)).toMatchObject({
      publicUrl: 'https://field.example',
      oidc: {
        issuer: 'https://id.example',
        clientId: 'fieldbook',
        clientSecret: null,
        name: 'your organisation',
      },
    })
    const more = readConfig({ ...set, OIDC_CLIENT_SECRET: 's', OIDC_NAME: 'Harbour ID' })
    expect(more.oidc).toMatchObject({ clientSecret: 's', name: 'Harbour ID' })
    expect(readConfig({ ...set, OIDC_ISSUER: 'http://127.0.0.1:9000' }).oidc?.issuer).toContain('9000')
  })

  test.each([
    [{ ...set, OIDC_CLIENT_ID: '' }, 'OIDC_CLIENT_ID must be set'],
    [{ ...set, PUBLIC_URL: '' }, 'PUBLIC_URL must be set'],
    [{ ...set, OIDC_ISSUER: 'http://id.example' }, 'OIDC_ISSUER must be an https:// address'],
    [{ ...set, OIDC_ISSUER: 'id.example' }, 'OIDC_ISSUER must be an address that starts with'],
    [{ ...set, PUBLIC_URL: 'field.example' }, 'PUBLIC_URL must be an address that starts with'],
  ])('is refused in part: %o', (env, message) => {
    expect(() => readConfig(env)).toThrow(message)
  })
})

describe('a bucket for photos', () => {
  const set = { S3_BUCKET: 'photos' }
  const keys = { S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'a-secret' }

  test('is one of AWS, with the credentials of the platform, unless said otherwise', () => {
    expect(readConfig(set).s3).toEqual({
      bucket: 'photos',
      endpoint: null,
      region: 'us-east-1',
      credentials: null,
      forcePathStyle: false,
    })
    const elsewhere = { ...set, ...keys, S3_ENDPOINT: 'http://minio:9000/', S3_REGION: 'eu-1' }
    expect(readConfig(elsewhere).s3).toEqual({
      bucket: 'photos',
      endpoint: 'http://minio:9000',
      region: 'eu-1',
      credentials: { accessKeyId: 'id', secretAccessKey: 'a-secret' },
      forcePathStyle: true,
    })
    expect(readConfig({ ...elsewhere, S3_FORCE_PATH_STYLE: 'false' }).s3?.forcePathStyle).toBe(false)
  })

  test.each([
    [{ S3_BUCKET: 'My photos' }, 'S3_BUCKET must be the name of a bucket: 3 to 63 of a-z, 0-9, - and .'],
    [{ ...set, S3_REGION: 'eu/1' }, 'S3_REGION must be the name of a region'],
    [
      { ...set, S3_ENDPOINT: 'minio:9000' },
      'S3_ENDPOINT must be an address that starts with https:// or http://',
    ],
    [{ ...set, S3_ACCESS_KEY_ID: 'id' }, 'S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together'],
    [
      { ...set, ...keys, S3_ACCESS_KEY_ID: '' },
      'S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together',
    ],
    [{ ...set, S3_FORCE_PATH_STYLE: 'yes' }, 'S3_FORCE_PATH_STYLE must be one of true, false; it is “yes”'],
    [{ ...keys, S3_BUCKET: ' ' }, 'S3_BUCKET must be set where S3_ACCESS_KEY_ID is'],
    [{ S3_ENDPOINT: 'http://minio:9000' }, 'S3_BUCKET must be set where S3_ENDPOINT is'],
  ])('is refused in part: %o', (env, message) => {
    expect(() => readConfig(env)).toThrow(ConfigError)
    expect(() => readConfig(env)).toThrow(message)
    expect(() => readConfig(env)).not.toThrow(/a-secret/)
  })
})
