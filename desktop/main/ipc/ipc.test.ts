import type { IpcMain, IpcMainInvokeEvent, WebFrameMain } from 'electron'
import { describe, expect, it } from 'vitest'
import { AppError } from '#common/contract/errors'
import { requests } from '#desktop/bridge/channels'
import { NetworkError } from '../api/failures.ts'
import { StorageError } from '../store/failures.ts'
import { siteA } from '../test/device.ts'
import { refusal } from '../test/server-model.ts'
import { type AnswerOptions, answerRequest } from './answer.ts'
import type { Handlers } from './handlers.ts'
import { registerChannels } from './register.ts'

/** Handlers that all do the same, and a note of what was thrown and logged. */
function setUp(work: () => unknown) {
  const trouble: unknown[] = []
  const handlers = Object.fromEntries(
    Object.keys(requests).map((name) => [name, () => Promise.resolve().then(work)]),
  ) as unknown as Handlers
  const options: AnswerOptions = {
    handlers,
    storageFailed: (error) => trouble.push(error),
    log: (message) => trouble.push(message),
  }
  return { options, trouble }
}

const fail = (error: Error) => () => {
  throw error
}

describe('a request', () => {
  it('is answered with its outcome', async () => {
    const { options } = setUp(() => ({ interaction: null }))
    expect(await answerRequest('interaction.read', { id: siteA }, options)).toEqual({
      ok: true,
      value: { interaction: null },
    })
  })

  it.each([
    ['interaction.read', { id: 'not an id' }, 'id'],
    ['interaction.read', { id: siteA, path: '/etc/passwd' }, 'path'],
    ['interaction.read', undefined, ''],
    [
      'finder.query',
      {
        siteId: siteA,
        filter: {},
        sort: [{ field: '1; DROP TABLE', descending: true }],
        offset: 0,
        limit: 9,
      },
      'sort.0.field',
    ],
    ['sync.resolve', { mutationId: siteA, fields: { title: 'x'.repeat(300) } }, 'title'],
  ] as const)('%s that does not fit its schema reaches nobody', async (name, request, field) => {
    const { options } = setUp(fail(new Error('must not run')))
    const outcome = await answerRequest(name, request, options)
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'VALIDATION_ERROR', details: [{ field }] } })
  })

  it('tells what people should know, with the fields and the reference', async () => {
    const details = [{ field: 'title', message: 'Is required' }]
    const invalid = setUp(fail(new AppError('VALIDATION_ERROR', 'Look again', { details })))
    expect(await answerRequest('sync.now', {}, invalid.options)).toEqual({
      ok: false,
      problem: { code: 'VALIDATION_ERROR', message: 'Look again', reference: null, details },
    })
    const refused = setUp(fail(refusal(423, 'ACCOUNT_LOCKED', 'Wait')))
    expect(await answerRequest('sync.now', {}, refused.options)).toMatchObject({
      problem: { reference: 'r1' },
    })
    const offline = setUp(fail(new NetworkError('unreachable', 'https://x')))
    expect(await answerRequest('sync.now', {}, offline.options)).toMatchObject({
      problem: { code: 'SERVICE_UNAVAILABLE', message: expect.stringContaining('https://x') as string },
    })
  })

  it('passes storage trouble on and says what to do', async () => {
    const { options, trouble } = setUp(fail(new StorageError('unwritable')))
    expect(await answerRequest('sync.now', {}, options)).toMatchObject({
      problem: { message: expect.stringContaining('disk is full') as string },
    })
    expect(trouble).toEqual([expect.any(StorageError)])
  })

  it('keeps the words of a bug to itself', async () => {
    const { options, trouble } = setUp(fail(new TypeError('secret of a record')))
    const outcome = await answerRequest('sync.now', {}, options)
    expect(JSON.stringify(outcome)).not.toContain('secret')
    expect(trouble).toEqual(['sync.now failed'])
  })
})

describe('the channels', () => {
  function register() {
    const listeners = new Map<string, Parameters<IpcMain['handle']>[1]>()
    const ipcMain = {
      handle: (name: string, listener: Parameters<IpcMain['handle']>[1]) =>
        void listeners.set(name, listener),
    }
    registerChannels(ipcMain, (url) => url.startsWith('app://fieldbook/'), setUp(() => ({})).options)
    const ask = async (frame: Partial<WebFrameMain> | null) =>
      (await listeners.get('sync.now')!({ senderFrame: frame } as IpcMainInvokeEvent, {})) as unknown
    return { listeners, ask }
  }

  it('are those of the map and no others', () => {
    expect([...register().listeners.keys()].sort()).toEqual(Object.keys(requests).sort())
  })

  it('answer the top frame of our own page only', async () => {
    const { ask } = register()
    const url = 'app://fieldbook/index.html'
    expect(await ask({ url, parent: null })).toEqual({ ok: true, value: {} })
    await expect(ask({ url: 'https://example.com/', parent: null })).rejects.toThrow()
    await expect(ask({ url: 'app://fieldbook.example.com/', parent: null })).rejects.toThrow()
    await expect(ask({ url, parent: {} as WebFrameMain })).rejects.toThrow()
    await expect(ask(null)).rejects.toThrow()
  })
})
