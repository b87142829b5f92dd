import { expect, it } from 'vitest'
import { readOnlyField } from '#common/contract/errors'
import { ServerError } from '../api/failures.ts'
import { alice, bob, Device, type Network, online, siteA } from '../test/device.ts'
import { ServerModel } from '../test/server-model.ts'
import { judge } from './verdict.ts'

const readOnly = new ServerError(
  503,
  {
    status: 'error',
    error: {
      code: 'SERVICE_UNAVAILABLE',
      message: 'It only reads',
      requestId: 'r',
      details: [{ field: readOnlyField, message: 'It only reads' }],
    },
  },
  undefined,
)
/** The server answers what only reads. */
const reading: Network = {
  send: (kind, request) => {
    if (kind === 'push') throw readOnly
    return request()
  },
}

it('what is saved waits, what others did is fetched, and all is sent when the server takes it again', async () => {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'editor' })
  model.addUser(bob, { [siteA]: 'editor' })
  const device = new Device(model, alice)
  const colleague = new Device(model, bob)
  await device.sync()
  const { id } = colleague.add({ title: 'Seen meanwhile' })
  await colleague.sync()

  device.network = reading
  const mine = device.add({ title: 'Kept here' })
  for (let times = 0; times < 2; times++) {
    await expect(device.sync()).rejects.toBe(readOnly)
    expect(device.seen().get(id)).toMatchObject({ title: 'Seen meanwhile' })
    expect(device.local.counts()).toMatchObject({ waiting: 1, needsAttention: 0 })
  }

  device.network = online
  await device.sync()
  expect(device.local.counts().waiting).toBe(0)
  expect(model.live(siteA).map((record) => record.id)).toEqual(expect.arrayContaining([id, mine.id]))
  expect([...model.effects.values()].every((times) => times === 1)).toBe(true)
})

it('is no sign that the server is away, and other refusals of that kind are', () => {
  expect(judge(readOnly)).toMatchObject({ kind: 'later', offline: false, readOnly: true, smaller: false })
  const busy = new ServerError(
    503,
    { status: 'error', error: { code: 'SERVICE_UNAVAILABLE', message: 'Busy', requestId: 'r' } },
    undefined,
  )
  expect(judge(busy)).toMatchObject({ kind: 'later', offline: true, readOnly: false })
})
