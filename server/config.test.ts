import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

test('nothing has to be set', () => {
  expect(readConfig({})).toEqual({
    host: '127.0.0.1',
    port: 3000,
    dataDir: resolve('.data'),
    auditAnchors: resolve('.data/audit-anchors'),
    databaseUrl: null,
    redisUrl: null,
    jwtPrivateKey: null,
    accessTokenTtl: 900,
    sessionTtl: 86_400,
    rateLimitMax: 100,
    rateLimitAuthMax: 10,
    rateLimitWriteMax: 30,
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
    ['JWT_PRIVATE_KEY', 'secret', 'JWT_PRIVATE_KEY must be an RSA private key in PEM form'],
  ])('%s=%s', (name, value, message) => {
    expect(() => readConfig({ [name]: value })).toThrow(ConfigError)
    expect(() => readConfig({ [name]: value })).toThrow(message)
    expect(() => readConfig({ [name]: value })).not.toThrow(/secret/)
  })
})
