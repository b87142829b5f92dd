import { expect, it } from 'vitest'
import { Crash, Crashes } from '../test/crashes.ts'
import { alice } from '../test/device.ts'
import { asked, FieldDevice, fieldModel } from '../test/field.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'

/** A device with a whole visit to send, one that goes on, and an answer somebody else gave too. */
async function busyDay() {
  const model = fieldModel()
  const device = new FieldDevice(model, alice, { place: { folder: temporaryFolder(), key: testKey } })
  await device.sync()
  const disputed = device.start()
  await device.sync()
  device.answer(disputed, { [asked.remark]: 'Mine' })
  const theirs = model.field.find('visit', disputed)!
  model.putField({
    entity: 'visit',
    record: { ...theirs, answers: { [asked.remark]: 'Theirs' }, version: theirs.version + 1 },
  })
  return { model, device, disputed, whole: device.wholeVisit() }
}

it('at any boundary loses nothing of a visit and doubles nothing', { timeout: 120_000 }, async () => {
  using crashes = new Crashes()
  let crashed = true
  let boundaries = 0
  for (let at = 1; crashed; at += 3) {
    const { model, device, disputed, whole } = await busyDay()
    crashes.arm(at)
    crashed = await device.sync().then(
      () => false,
      (error: unknown) => {
        if (!(error instanceof Crash)) throw error
        return true
      },
    )
    crashes.disarm()
    boundaries = at
    device.restart()
    // What was saved is there the moment the app is back, and its interaction once.
    expect(device.open(whole), `boundary ${at}`).toMatchObject({
      visit: { status: 'completed', answers: { [asked.fridge]: false } },
      photos: [{ questionId: asked.shelf, state: 'waiting', isHere: true }],
    })
    expect([...device.seen().keys()].sort(), `boundary ${at}`).toEqual([disputed, whole].sort())
    await device.sync()

    expect(model.field.find('visit', whole), `boundary ${at}`).toMatchObject({
      status: 'completed',
      version: 2,
    })
    expect([...model.effects.values()].every((count) => count === 1)).toBe(true)
    expect(device.queued).toEqual(['visit update conflict'])
    expect(device.open(disputed).visit).toMatchObject({
      answers: { [asked.remark]: 'Mine' },
      needsAttention: true,
    })
    expect(device.seen().get(whole)).toEqual({
      ...model.find(whole)!.record,
      unsent: false,
      needsAttention: false,
    })
    expect(device.local.photos.nextUpload()).not.toBeNull()
    device.close()
  }
  expect(boundaries).toBeGreaterThan(15)
})
