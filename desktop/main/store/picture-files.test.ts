import type * as NodeFs from 'node:fs'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { jpegOfSize } from '#common/rules/test/pictures'
import { Crash, Crashes } from '../test/crashes.ts'
import { alice, siteB } from '../test/device.ts'
import { fieldDevice, fieldModel } from '../test/field.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'

/** What another program holds open, as Windows has it. */
const held = vi.hoisted(() => ({ some: false }))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof NodeFs>()
  const rmSync: typeof fs.rmSync = (path, options) => {
    if (held.some && /photos.[0-9a-f]{64}$/.test(String(path)))
      throw Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' })
    fs.rmSync(path, options)
  }
  return { ...fs, rmSync }
})

beforeEach(() => {
  held.some = false
})

async function setUp() {
  const model = fieldModel()
  const folder = temporaryFolder()
  const device = await fieldDevice(model, { place: { folder, key: testKey } })
  const visitId = device.start({ surveyId: null })
  return { model, device, visitId, files: () => readdirSync(join(folder, 'photos')) }
}

it('a file that is held open goes later, and keeps nobody out', async () => {
  const { device, visitId, files } = await setUp()
  const id = device.photo(visitId)
  held.some = true
  device.local.field.removePhoto(id)
  device.local.photos.tidyPhotos()
  expect(files()).toHaveLength(1)
  device.restart()
  expect(files()).toHaveLength(1)
  held.some = false
  device.local.photos.tidyPhotos()
  expect(files()).toEqual([])
  device.close()
})

it('a page is taken in whole, whatever files are held open', async () => {
  const { model, device, visitId } = await setUp()
  const id = device.photo(visitId)
  await device.sync()
  device.local.photos.noteStored(id)
  held.some = true
  model.setSites(alice, { [siteB]: 'editor' })
  await device.sync()
  expect(device.local.meta().profile!.sites.map(({ id }) => id)).toEqual([siteB])
  expect(device.seen(siteB).size).toBe(0)
  device.close()
})

it('what keeps a photo from being added is told, and not what is wrong with its file', async () => {
  using crashes = new Crashes()
  const { device, visitId } = await setUp()
  held.some = true
  crashes.arm(1)
  expect(() => device.photo(visitId, { picture: jpegOfSize(900, 3) })).toThrow(Crash)
  crashes.disarm()
  device.close()
})
