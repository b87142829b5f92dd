import { cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import { createTestApp } from './test/app.ts'
import { createDatabase } from './test/database.ts'
import { createFolder } from './test/folder.ts'
import { runServer } from './test/process.ts'
import { startRedis } from './test/redis.ts'

/** What `deploy/` says, held against the server it is for. */

const project = resolve(import.meta.dirname, '..')
const deploy = (path: string) => readFile(join(project, 'deploy', path), 'utf8')

describe('alerts and the dashboard', () => {
  const alerts = async () =>
    (
      parse(await deploy('prometheus/alerts.yml')) as {
        groups: { name: string; rules: { alert: string; expr: string; labels: { severity: string } }[] }[]
      }
    ).groups.flatMap(({ rules }) => rules)
  const dashboard = async () =>
    (JSON.parse(await deploy('grafana/fieldbook.json')) as { panels: { targets: { expr: string }[] }[] })
      .panels

  test('ask for nothing but what servers and the machines they run on tell', async () => {
    const redis = await startRedis()
    const database = await createDatabase()
    const config = { redisUrl: redis.url, databaseReadUrls: [database.url] }
    const server = await createTestApp({ database, config })
    await server.app.inject({ url: '/metrics', remoteAddress: '127.0.0.1' })
    const told = new Set(server.app.metrics.getMetricsAsArray().map(({ name }) => name))
    const asked = [
      ...(await alerts()).map(({ expr }) => expr),
      ...(await dashboard()).flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ]
    expect(asked.length).toBeGreaterThan(40)
    for (const expr of asked) {
      const names = expr.match(/\b(fieldbook|node|process)_\w+/g) ?? ['up']
      for (const name of names.filter((each) => each.startsWith('fieldbook_')))
        expect([...told], name).toContain(name.replace(/_(bucket|sum|count)$/, ''))
      for (const [, route] of expr.matchAll(/route="([^"]+)"/g))
        expect(
          ['GET', 'POST'].some((method) => server.app.hasRoute({ method, url: route! })),
          route,
        ).toBe(true)
    }
    await server.close()
    await database.drop()
    await redis.kill()
  })

  test('are each explained to whoever is called', async () => {
    const guide = await readFile(join(project, 'docs/operations.md'), 'utf8')
    for (const { alert } of await alerts()) expect(guide, alert).toContain(`\`${alert}\``)
  })
})

test('the settings of compose.yaml are ones the server has', async () => {
  const { services } = parse(await deploy('compose.yaml'), { merge: true }) as {
    services: Record<string, { environment?: Record<string, string> }>
  }
  const config = await readFile(join(project, 'server/config.ts'), 'utf8')
  const names = ['api', 'worker', 'migrate'].flatMap((name) => Object.keys(services[name]!.environment!))
  expect(names.length).toBeGreaterThan(30)
  for (const name of names) expect(config, name).toContain(`'${name.replace(/_FILE$/, '')}'`)
})

test('what the image has in it is enough to run the server', async () => {
  const image = await createFolder()
  const dockerfile = await deploy('Dockerfile')
  const lock = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: true; optional?: true; devOptional?: true }>
  }
  // As `npm ci --omit=dev --omit=optional` would: packages within packages come with those they are in.
  expect(dockerfile).toContain('npm ci --omit=dev --omit=optional')
  for (const [path, { dev, optional, devOptional }] of Object.entries(lock.packages)) {
    if (!/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || dev || optional || devOptional) continue
    await mkdir(dirname(join(image.path, path)), { recursive: true })
    await symlink(join(project, path), join(image.path, path))
  }
  const parts = [...dockerfile.matchAll(/^COPY (?!--)(\S+) (\S+)$/gm)]
  expect(parts.map(([, from]) => from)).toEqual(['package.json', 'common', 'db', 'server'])
  for (const [, from] of parts)
    await cp(join(project, from!), join(image.path, from!), {
      recursive: true,
      // As Dockerfile.dockerignore says.
      filter: (path) => !/(\.test\.ts|\/test)$/.test(path.slice(project.length)),
    })

  const database = await createDatabase()
  const server = runServer(
    {
      DATABASE_URL: database.url,
      JWT_PRIVATE_KEY: inject('jwtPrivateKey'),
      DATA_DIR: join(image.path, 'data'),
      // A package finds those beside its link, and none that only this project has.
      NODE_OPTIONS: '--preserve-symlinks',
    },
    [],
    image.path,
  )
  const url = await server.url
  for (const part of ['db', 'auth', 'storage'])
    expect(await (await fetch(`${url}/health/${part}`)).json(), part).toMatchObject({ status: 'UP' })
  server.child.kill('SIGTERM')
  expect(await server.ended).toBe(0)
  expect(server.said.err).toBe('')
  await database.drop()
  await image.remove()
})
