import { EventEmitter, once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { v7 as uuidv7 } from 'uuid'
import { expect, it, onTestFinished } from 'vitest'
import { AppError } from '#common/contract/errors'
import type { ChildPort } from '../calls.ts'
import { alice, filled, siteA } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { ServerModel } from '../test/server-model.ts'
import { StorageError } from './failures.ts'
import { LocalStore } from './local-store.ts'
import { openRemoteStore, serveStore, type StorePlace } from './remote-store.ts'

/** Everything a storage process is, but the process: messages are copied across, and it can end by itself. */
function processes() {
  const started: { port: ChildPort; die: () => void }[] = []
  const start = (): ChildPort => {
    const { port1: near, port2: far } = new MessageChannel()
    const life = new EventEmitter()
    let store: LocalStore | null = null
    serveStore(
      {
        postMessage: (message) => far.postMessage(message),
        onMessage: (listener) => void far.on('message', listener),
      },
      (place) => (store = new LocalStore({ place, newId: uuidv7, now: () => '2026-01-01T00:00:00.000Z' })),
    )
    const end = () => {
      near.close()
      life.emit('exit')
    }
    onTestFinished(() => {
      near.close()
      try {
        store?.close()
      } catch {
        // Closed by the test.
      }
    })
    const port: ChildPort = {
      postMessage: (message) => near.postMessage(message),
      onMessage: (listener) => void near.on('message', listener),
      onExit: (listener) => void life.on('exit', listener),
      kill: end,
    }
    started.push({ port, die: end })
    return port
  }
  return { started, start }
}

const profile = new ServerModel().addUser(alice, { [siteA]: 'editor' })

async function open(place: StorePlace = { folder: temporaryFolder(), key: testKey }) {
  const { started, start } = processes()
  const life = new EventEmitter()
  const store = await openRemoteStore(start, place, () => life.emit('stopped'))
  await store.writeMeta({ profile })
  return { store, started, stopped: once(life, 'stopped') }
}

const create = { siteId: siteA, opened: null, fields: filled }

it('does across processes what the store does', async () => {
  const { store } = await open()
  const saved = await store.save(create)
  expect(await store.read(saved.id)).toEqual(saved)
  expect(await store.counts()).toMatchObject({ waiting: 1, needsAttention: 0 })
})

it('brings refusals and storage trouble across as what they are', async () => {
  const { store } = await open()
  const refused = await store
    .save({ ...create, fields: { ...filled, title: null } })
    .catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(AppError)
  expect(refused).toMatchObject({
    code: 'VALIDATION_ERROR',
    details: [{ field: 'title', message: 'Is required' }],
  })
  const folder = temporaryFolder()
  await (await open({ folder, key: testKey })).store.close()
  await expect(open({ folder, key: 'ee'.repeat(32) })).rejects.toThrow(StorageError)
})

it('says where a fault of ours happened, but not what it said', async () => {
  const { store } = await open()
  const fault = await store.read(null as never).catch((error: unknown) => error as Error)
  expect((fault as Error).stack).toContain('local-store')
  expect((fault as Error).message).toBe('A process of the app failed')
})

it('starts again over the same files when the process ends by itself', async () => {
  const { store, started, stopped } = await open()
  const saved = await store.save(create)
  const underWay = store.counts()
  started[0]!.die()
  await stopped
  await expect(underWay).rejects.toMatchObject({ reason: 'stopped' })
  expect(await store.read(saved.id)).toEqual(saved)
  expect(started).toHaveLength(2)
})

it('ends with close, and is not started again by it', async () => {
  const { store, started } = await open()
  await store.close()
  await expect(store.counts()).rejects.toMatchObject({ reason: 'stopped' })
  expect(started).toHaveLength(1)
})
