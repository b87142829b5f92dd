import { mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jpegOfSize, realJpeg } from '#common/rules/test/pictures'
import { NetworkError, SignInNeeded } from '../api/failures.ts'
import { inProcess } from '../test/device.ts'
import { fieldDevice, fieldModel } from '../test/field.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { ManualClock, settled } from '../test/manual-clock.ts'
import { PhotoServer } from '../test/photo-server.ts'
import { refusal } from '../test/server-model.ts'
import { type PhotoProgress, PhotoUploads } from './photo-uploads.ts'

const pieceBytes = 1000

async function setUp({ size = pieceBytes * 2 + 500, sync = true, onDisk = false } = {}) {
  const model = fieldModel()
  const server = new PhotoServer(model)
  const folder = onDisk ? temporaryFolder() : ''
  const device = await fieldDevice(model, { place: onDisk ? { folder, key: testKey } : 'memory' })
  const clock = new ManualClock()
  const told: PhotoProgress[] = []
  const faults: unknown[] = []
  const visitId = device.start({ surveyId: null })
  const picture = jpegOfSize(size, 3)
  const id = device.photo(visitId, { picture })
  if (sync) await device.sync()
  const world = {
    model,
    server,
    device,
    clock,
    told,
    faults,
    visitId,
    id,
    picture,
    folder,
    uploads: null as unknown as PhotoUploads,
    /** As when the app starts. */
    begin() {
      world.uploads = new PhotoUploads({
        store: inProcess(device.local),
        client: server.client,
        clock,
        random: () => 1,
        pieceBytes,
        events: {
          progress: (progress) => told.push(progress),
          changed: () => {},
          fault: (error) => faults.push(error),
        },
      })
    },
    async contact() {
      await world.uploads.contact()
    },
    get photo() {
      return device.open(visitId).photos[0]!
    },
  }
  world.begin()
  return world
}

it('arrives in pieces, is sent only when the server has all of it, and its small version follows', async () => {
  const world = await setUp()
  const { server, id, picture, told, device } = world
  await world.contact()
  expect(server.parts.get(id)!.equals(picture)).toBe(true)
  expect(server.log).toEqual(['GET', 'PUT 0', `PUT ${pieceBytes}`, `PUT ${pieceBytes * 2}`, 'THUMBNAIL'])
  expect(server.thumbnails.get(id)).toEqual(realJpeg)
  expect(world.photo).toMatchObject({ state: 'sent', isHere: true })
  expect(told.map(({ state }) => state)).toEqual(['sending', 'sent'])
  expect(device.local.counts()).toMatchObject({ waiting: 0, needsAttention: 0 })
  await world.contact()
  expect(server.log).toHaveLength(5)
  device.close()
})

it('waits until the server knows of it', async () => {
  const world = await setUp({ sync: false })
  await world.contact()
  expect(world.server.log).toEqual([])
  expect(world.photo.state).toBe('waiting')
  await world.device.sync()
  await world.contact()
  expect(world.photo.state).toBe('sent')
  world.device.close()
})

it('goes on where it was cut, however often, in an app that was restarted too, and sends no byte twice', async () => {
  const world = await setUp({ size: pieceBytes * 3 + 7, onDisk: true })
  const { server, device, clock, id, picture } = world
  for (let round = 0; round < 40 && world.photo.state !== 'sent'; round++) {
    server.share = [0.3, 0, 0.9][round % 3]!
    server.troubles.push(null, 'cut')
    await world.contact()
    server.troubles.length = 0
    await world.uploads.stop()
    device.restart()
    world.begin()
    if (round % 4 === 3) await clock.pass(60_000)
  }
  await world.contact()
  expect(world.photo.state).toBe('sent')
  expect(server.parts.get(id)!.equals(picture)).toBe(true)
  expect(server.taken.get(id)).toBe(picture.length)
  device.close()
})

it('does not send again what arrived though nobody said so', async () => {
  const world = await setUp()
  const { server, clock, id, picture } = world
  for (let round = 0; round < 3; round++) {
    server.troubles.push(null, 'lost answer')
    await world.contact()
    await clock.pass(120_000)
  }
  expect(world.photo.state).toBe('sent')
  expect(server.taken.get(id)).toBe(picture.length)
  world.device.close()
})

it('takes the word of the server for where to go on', async () => {
  const world = await setUp()
  const { server, id, picture } = world
  // Something else of it arrives between the question and the bytes, as from a request that was given up.
  server.onRequest = (line) => {
    if (line === 'PUT 0') server.parts.set(id, Buffer.from(picture.subarray(0, 100)))
  }
  await world.contact()
  expect(server.log.slice(0, 4)).toEqual(['GET', 'PUT 0', 'GET', 'PUT 100'])
  expect(server.parts.get(id)!.equals(picture)).toBe(true)
  world.device.close()
})

it('waits ever longer while the server is in trouble, and as long as it asks for', async () => {
  const world = await setUp()
  const { server, clock } = world
  const waits: (number | null)[] = []
  const broken = () => refusal(503, 'SERVICE_UNAVAILABLE')
  for (const trouble of [broken(), broken(), broken(), refusal(429, 'RATE_LIMITED', 'Slowly', 40_000)]) {
    server.troubles.push(trouble)
    if (waits.length === 0) await world.contact()
    else await clock.pass(clock.nextIn!)
    for (let turn = 0; turn < 10; turn++) await settled()
    waits.push(clock.nextIn)
    // A contact in between changes nothing.
    await world.contact()
  }
  expect(waits).toEqual([1000, 2000, 4000, 40_000])
  expect(world.photo.state).toBe('waiting')
  world.uploads.wake()
  await world.contact()
  expect(world.photo.state).toBe('sent')
  world.device.close()
})

it('waits for the person to sign in, and goes on with the next contact', async () => {
  const world = await setUp()
  world.server.troubles.push(new SignInNeeded())
  await world.contact()
  expect([world.photo.state, world.clock.nextIn, world.faults]).toEqual(['waiting', null, []])
  await world.contact()
  expect(world.photo.state).toBe('sent')
  world.device.close()
})

it('is sent once more where it arrived wrong, and is stopped where it arrives wrong again', async () => {
  const world = await setUp({ size: pieceBytes })
  const { server, id, model, device } = world
  const photo = model.field.find('photo', id)!
  model.putField({ entity: 'photo', record: { ...photo, sha256: 'ab'.repeat(32) } })
  await world.contact()
  expect(server.log).toEqual(['GET', 'PUT 0', 'GET', 'PUT 0'])
  expect(world.photo).toMatchObject({
    state: 'stopped',
    problem: 'These are not the bytes that were announced',
    isHere: true,
  })
  expect(device.local.counts()).toMatchObject({ waiting: 0, needsAttention: 1 })
  model.putField({ entity: 'photo', record: photo })
  device.local.photos.retryPhoto(id)
  await world.contact()
  expect(world.photo.state).toBe('sent')
  device.close()
})

it.each([
  ['403', refusal(403, 'AUTHORIZATION_ERROR', 'You are no agent any more'), 'You are no agent any more'],
  ['404', refusal(404, 'RESOURCE_NOT_FOUND'), /does not know of this photo/],
])('is stopped by a %s, and others go on', async (_, refused, message) => {
  const world = await setUp()
  const { server, device, visitId } = world
  device.photo(visitId, { picture: jpegOfSize(900, 8) })
  await device.sync()
  server.troubles.push(refused)
  await world.contact()
  expect(device.open(visitId).photos).toMatchObject([
    { state: 'stopped', problem: expect.stringMatching(message) as string },
    { state: 'sent' },
  ])
  device.close()
})

it('is missing where its file is gone, and nothing claims otherwise', async () => {
  const world = await setUp({ onDisk: true })
  const { folder, device, server } = world
  writeFileSync(join(folder, 'photos', world.photo.sha256), 'damaged')
  await world.contact()
  expect(world.photo).toMatchObject({
    state: 'missing',
    problem: expect.stringMatching(/not on this computer/) as string,
  })
  expect(server.taken.size).toBe(0)
  expect(device.local.queueItems()).toMatchObject([{ state: 'rejected' }])
  device.close()
})

it('does not turn in circles with an answer that brings it no further', async () => {
  const world = await setUp()
  const { server } = world
  const { call } = server.client
  let requests = 0
  const stuck = async (name: string, input: object) => {
    if (++requests > 100) throw new Error('It turns in circles')
    if (name !== 'sendPhoto') return (call as (...args: unknown[]) => Promise<unknown>)(name, input)
    return { success: true, received: 0, storedAt: null }
  }
  Object.defineProperty(server, 'client', { value: { call: stuck } })
  world.begin()
  await world.contact()
  expect(requests).toBeLessThan(10)
  expect(world.clock.nextIn).toBe(1000)
  world.device.close()
})

describe('a photo that fails', () => {
  /** Beside two others, which come after it. */
  async function withOthers() {
    const world = await setUp({ onDisk: true })
    const { device, visitId } = world
    const add = (seed: number) => device.photo(visitId, { picture: jpegOfSize(900, seed) })
    for (const seed of [6, 7]) add(seed)
    await device.sync()
    const states = () => device.open(visitId).photos.map(({ state }) => state)
    return Object.assign(world, { add, states })
  }

  it.each([
    ['for a reason of the server', refusal(500, 'INTERNAL_ERROR')],
    ['with an answer that is none', new NetworkError('unusable', 'the server', { status: 200 })],
    ['by coming no further', 'stuck' as const],
  ])('%s holds up no other, and is tried again ever later', async (_, poison) => {
    const world = await withOthers()
    const { server, clock, id, device, states, add } = world
    server.poisoned.set(id, poison)
    await world.contact()
    expect(states()).toEqual(['waiting', 'sent', 'sent'])
    expect(clock.nextIn).toBe(1000)
    // What is added meanwhile does not wait for it, nor does it come to be tried sooner.
    add(8)
    await device.sync()
    server.log.length = 0
    await world.contact()
    expect(states()).toEqual(['waiting', 'sent', 'sent', 'sent'])
    expect(server.log).toEqual(['GET', 'PUT 0', 'THUMBNAIL'])
    expect(clock.nextIn).toBe(1000)
    const waits: (number | null)[] = []
    for (let turn = 0; turn < 3; turn++) {
      await clock.pass(clock.nextIn!)
      await settled()
      waits.push(clock.nextIn)
    }
    expect(waits).toEqual([2000, 4000, 8000])
    server.poisoned.clear()
    await clock.pass(8000)
    await settled()
    expect(states()).toEqual(['sent', 'sent', 'sent', 'sent'])
    expect(clock.nextIn).toBeNull()
    device.close()
  })

  it('because its file cannot be read holds up no other, and its bytes are not given up', async () => {
    const world = await withOthers()
    const { folder, clock, device, faults, states } = world
    const path = join(folder, 'photos', world.photo.sha256)
    renameSync(path, join(folder, 'kept'))
    mkdirSync(path)
    await world.contact()
    expect(states()).toEqual(['waiting', 'sent', 'sent'])
    expect(faults).toHaveLength(1)
    rmdirSync(path)
    renameSync(join(folder, 'kept'), path)
    await clock.pass(1000)
    await settled()
    expect(states()).toEqual(['sent', 'sent', 'sent'])
    device.close()
  })

  it('because of what concerns all is not followed by the others', async () => {
    const world = await withOthers()
    const { server, device, states } = world
    server.troubles.push(new NetworkError('unusable', 'the server', { status: 502 }))
    await world.contact()
    expect([server.log, states()]).toEqual([[], ['waiting', 'waiting', 'waiting']])
    device.close()
  })
})

it('tells that it no longer travels', async () => {
  const { server, told, device, clock, uploads } = await setUp()
  server.troubles.push(null, 'cut')
  await uploads.contact()
  expect(told.map(({ state, received }) => [state, received])).toEqual([
    ['sending', 0],
    ['waiting', 0],
  ])
  await clock.pass(1000)
  device.close()
})

it('tells that it begins anew', async () => {
  const { server, told, device, id, model, uploads } = await setUp({ size: pieceBytes })
  model.putField({
    entity: 'photo',
    record: { ...model.field.find('photo', id)!, sha256: 'ab'.repeat(32) },
  })
  await uploads.contact()
  expect(server.log).toHaveLength(4)
  expect(told.map(({ state }) => state)).toEqual(['sending', 'waiting', 'sending', 'stopped'])
  device.close()
})

it('a small version the server does not want is not sent for ever, and one it could not take is', async () => {
  const world = await setUp({ size: 900 })
  const { server, clock, id } = world
  server.troubles.push(null, null, refusal(503, 'SERVICE_UNAVAILABLE'))
  await world.contact()
  expect([world.photo.state, server.thumbnails.size]).toEqual(['sent', 0])
  await clock.pass(1000)
  await settled()
  expect(server.thumbnails.size).toBe(1)
  expect(world.device.local.photos.nextUpload()).toBeNull()
  const another = world.device.photo(world.visitId, { picture: jpegOfSize(901, 2) })
  await world.device.sync()
  server.troubles.push(null, null, refusal(400, 'VALIDATION_ERROR'))
  await world.contact()
  expect([server.thumbnails.has(another), world.device.local.photos.nextUpload()]).toEqual([false, null])
  expect(id).not.toBe(another)
  world.device.close()
})

it('tells no more often than four times a second', async () => {
  const world = await setUp({ size: pieceBytes * 20 })
  const { server, clock, told } = world
  const { call } = server.client
  const slow = async (name: string, input: object) => {
    clock.jump(100)
    return (call as (...args: unknown[]) => Promise<unknown>)(name, input)
  }
  Object.defineProperty(server, 'client', { value: { call: slow } })
  world.begin()
  await world.contact()
  expect(world.photo.state).toBe('sent')
  const between = told.filter(({ state }) => state === 'sending')
  expect(between.length).toBeGreaterThan(3)
  expect(between.length).toBeLessThanOrEqual(8)
  expect(between.at(-1)!.received).toBeGreaterThan(between[0]!.received)
  world.device.close()
})
