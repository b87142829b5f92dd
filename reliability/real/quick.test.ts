import { expect, inject, test } from 'vitest'
import type { Part } from '../part.ts'
import * as cursor from './cursor.ts'
import * as diskFull from './disk-full.ts'
import * as drain from './drain.ts'
import * as isolation from './isolation.ts'
import * as kill from './kill.ts'
import * as manyRecords from './many-records.ts'
import * as photos from './photos.ts'
import * as powerLoss from './power-loss.ts'
import * as proxy from './proxy.ts'
import * as restore from './restore.ts'

/** A quick share of what `npm run test:sync` does with the real thing; each failure names the command that replays it. */

const database = inject('databaseServer')
/** On the busiest of machines; on its own all of this takes about two minutes. */
const long = 300_000

const held = async (part: Promise<Part>): Promise<Part['figures']> => {
  const { failures, figures } = await part
  expect(failures).toEqual([])
  return figures
}

test('nothing that commits late is missed by a cursor', { timeout: long }, async () => {
  const figures = await held(cursor.run({ database, count: '1500' }))
  expect(figures.commits).toBeGreaterThanOrEqual(1500)
  expect(figures['rolled back']).toBeGreaterThan(10)
  expect(figures['pulls meanwhile']).toBeGreaterThan(20)
})

test('a power cut loses nothing that was acknowledged', { timeout: long }, async () => {
  expect(await held(powerLoss.run({ count: '150' }))).toMatchObject({ images: 150 })
})

test('kill -9 of app, server and database loses nothing and doubles nothing', { timeout: long }, async () => {
  const figures = await held(kill.run({ database, count: '20' }))
  expect(figures).toMatchObject({ kills: 20, 'of the server in a push': 6 })
})

test('a network at its worst loses nothing and doubles nothing', { timeout: long }, async () => {
  const figures = await held(proxy.run({ database, count: '5' }))
  expect(figures.faults).toBeGreaterThan(50)
})

test('500 offline edits go out in one go, under the limit on writes', { timeout: long }, async () => {
  expect(await held(drain.run({ database, rounds: '1' }))).toMatchObject({ 'requests that write': 1 })
})

test(
  'a full disk refuses a save whole, and takes the next one when there is room',
  { timeout: long },
  async () => {
    expect((await held(diskFull.run({ count: '2' })))['saves refused']).toBeGreaterThan(0)
  },
)

test('a large first sync is usable at once and goes on where it was cut off', { timeout: long }, async () => {
  expect(await held(manyRecords.run({ database, count: '5000' }))).toMatchObject({ records: 5000 })
})

test('photos go on after every cut, and hardly a byte is sent twice', { timeout: long }, async () => {
  const figures = await held(photos.run({ database, count: '12', cuts: '6' }))
  expect(figures).toMatchObject({ missing: 0, doubled: 0, 'server killed': 1, 'app killed': 1 })
})

test(
  'a backup that is made under load and restored loses nothing, and what came after it is sent again',
  { timeout: long },
  async () => {
    const figures = await held(restore.run({ database, count: '60' }))
    expect(figures['sent again to the restored server']).toBeGreaterThanOrEqual(60)
  },
)

test('nothing of another organisation or site gets out, over HTTP or in SQL', { timeout: long }, async () => {
  const figures = await held(isolation.run({ database, count: '400' }))
  expect(figures).toMatchObject({ 'HTTP attempts': 400, 'SQL attempts': 400 })
})
