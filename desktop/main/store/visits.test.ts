import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import type { AppError } from '#common/contract/errors'
import type { VisitMutation } from '#common/contract/sync'
import { jpegOfSize } from '#common/rules/test/pictures'
import { alice, siteA, siteB } from '../test/device.ts'
import {
  asked,
  brand,
  fieldDevice,
  fieldModel,
  head,
  otherShopId,
  questions,
  shop,
  surveyId,
  version,
} from '../test/field.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { page } from '../test/records.ts'

const detailsOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return (error as AppError).details?.map(({ field, message }) => `${field}: ${message}`)
  }
  throw new Error('It was allowed')
}

describe('a visit without the network', () => {
  it('is started, answered and completed, and is the same after each step in an app that was killed', async () => {
    const device = await fieldDevice(fieldModel(), { place: { folder: temporaryFolder(), key: testKey } })
    const again = <T>(step: () => T): T => {
      const result = step()
      const before = id === '' ? null : device.open(id)
      device.restart()
      if (before) expect(device.open(id)).toEqual(before)
      return result
    }
    let id = ''
    id = again(() => device.start())
    again(() => device.answer(id, { [asked.fridge]: true }))
    again(() => device.answer(id, { [asked.doors]: 3 }))
    again(() => device.local.field.editVisit({ id, notes: 'Friendly' }))
    const photoId = again(() => device.shelfPhoto(id))
    again(() => device.local.field.markPhoto(marks(photoIdOfShelf())))
    again(() => device.complete(id))
    expect(device.open(id)).toMatchObject({
      visit: {
        status: 'completed',
        surveyId,
        surveyNumber: 1,
        answers: { [asked.fridge]: true, [asked.doors]: 3 },
        notes: 'Friendly',
        unsent: true,
        needsAttention: false,
        version: null,
        agentId: alice,
      },
      agentName: 'Someone',
      siteName: 'Site A',
      shop: { name: 'Müller am Markt' },
      survey: { number: 1 },
      laterSurvey: null,
    })
    expect(device.open(id).photos.map((photo) => photo.id)).toContain(photoId)
    device.close()

    function photoIdOfShelf() {
      return again(() => device.photo(id, { picture: jpegOfSize(2000, 7) }))
    }
  })

  it('is a few edits, however often an answer was typed', async () => {
    const device = await fieldDevice(fieldModel())
    const id = device.start()
    for (const text of ['F', 'Fr', 'Fre', 'Fresh']) device.answer(id, { [asked.remark]: text })
    device.answer(id, { [asked.fridge]: true, [asked.doors]: 2 })
    device.local.field.editVisit({ id, notes: 'n' })
    expect(device.queued).toEqual(['visit create waiting', 'visit update waiting'])
    const [create, update] = device.local.takeBatch(500, 1e9).mutations as VisitMutation[]
    expect(update).toMatchObject({
      base: { notes: '', answers: { [asked.remark]: null, [asked.fridge]: null, [asked.doors]: null } },
      patch: { notes: 'n', answers: { [asked.remark]: 'Fresh', [asked.fridge]: true, [asked.doors]: 2 } },
      dependsOn: [create!.mutationId],
    })
    // What was handed out may have arrived, and is not changed any more.
    device.answer(id, { [asked.remark]: 'Fresher' })
    expect(device.queued).toHaveLength(3)
    device.answer(id, { [asked.remark]: 'Fresh' })
    expect(device.queued).toEqual(['visit create waiting', 'visit update waiting'])
    device.close()
  })

  it('remembers what its author had before them, whatever came in while they typed', async () => {
    const model = fieldModel()
    const device = await fieldDevice(model)
    const id = device.start()
    await device.sync()
    device.local.field.editVisit({ id, notes: 'Mine' })
    const theirs = { ...model.field.find('visit', id)!, notes: 'Theirs', version: 2 }
    device.local.storePage(
      page({
        epoch: device.local.meta().epoch!,
        roles: ['agent'],
        sites: model.users.get(alice)!.sites,
        changes: [{ entity: 'visit', record: theirs }],
      }),
      device.local.progress().cursor,
    )
    device.local.field.editVisit({ id, notes: 'Mine, longer' })
    expect(device.local.takeBatch(500, 1e9).mutations).toMatchObject([
      { base: { notes: '' }, patch: { notes: 'Mine, longer' } },
    ])
    device.close()
  })

  it('is written on top of what its author saw, whatever came in while they wrote', async () => {
    const model = fieldModel()
    const device = await fieldDevice(model)
    const id = device.start()
    await device.sync()
    const visit = model.field.find('visit', id)!
    const answers = { [asked.fridge]: true, [asked.remark]: 'Theirs' }
    model.putField({ entity: 'visit', record: { ...visit, notes: 'Theirs', answers, version: 2 } })
    await device.sync()
    device.local.field.editVisit({
      id,
      notes: 'Mine',
      answers: { [asked.remark]: null, [asked.fridge]: false },
      opened: { notes: '', answers: { [asked.remark]: null, [asked.fridge]: null } },
    })
    // What was taken back to how it was is no edit.
    expect(device.open(id).visit).toMatchObject({
      notes: 'Mine',
      answers: { [asked.remark]: 'Theirs', [asked.fridge]: false },
    })
    await device.sync()
    const [item] = device.local.queueItems()
    expect(item).toMatchObject({ state: 'conflict' })
    expect(item!.conflict!.fields.toSorted()).toEqual([`answers.${asked.fridge}`, 'notes'].toSorted())
    device.close()
  })

  it('is not completed while something is missing, and each thing is named', async () => {
    const device = await fieldDevice(fieldModel())
    const id = device.start()
    expect(detailsOf(() => device.complete(id))).toEqual([
      `answers.${asked.fridge}: Needs an answer`,
      `answers.${asked.shelf}: Needs a photo`,
    ])
    device.answer(id, { [asked.fridge]: true })
    device.shelfPhoto(id)
    expect(detailsOf(() => device.complete(id))).toEqual([`answers.${asked.doors}: Needs an answer`])
    expect(detailsOf(() => device.answer(id, { [asked.doors]: 0 }))).toEqual([
      `answers.${asked.doors}: Must be 1 or more`,
    ])
    expect(detailsOf(() => device.answer(id, { [uuidv7()]: 1 }))![0]).toMatch(/Is no question/)
    expect(device.open(id).visit).toMatchObject({ status: 'in_progress', answers: { [asked.fridge]: true } })
    device.close()
  })

  it('that is completed may be corrected while nobody else has heard of it', async () => {
    const device = await fieldDevice(fieldModel())
    const id = device.wholeVisit()
    device.answer(id, { [asked.remark]: 'Later' })
    device.answer(id, { [asked.remark]: 'Otherwise' })
    expect(detailsOf(() => device.answer(id, { [asked.fridge]: true }))).toEqual([
      `answers.${asked.doors}: Needs an answer`,
    ])
    // It is one edit that ends it, with what came after.
    expect(device.queued).toEqual(['visit create waiting', 'photo create waiting', 'visit update waiting'])
    device.close()
  })

  it('grows once it is completed and on its way, and does not change', async () => {
    const device = await fieldDevice(fieldModel())
    const id = device.wholeVisit()
    device.local.takeBatch(500, 1e9)
    device.answer(id, { [asked.remark]: 'Later' })
    device.local.takeBatch(500, 1e9)
    expect(detailsOf(() => device.answer(id, { [asked.remark]: 'Otherwise' }))![0]).toMatch(/can be added to/)
    expect(() => device.local.field.cancelVisit(id)).toThrow('The visit is over')
    expect(() => device.local.field.removePhoto(device.open(id).photos[0]!.id)).toThrow(/its photos stay/)
    device.close()
  })

  it('is refused where the server would refuse it', async () => {
    const model = fieldModel()
    const device = await fieldDevice(model)
    expect(detailsOf(() => device.start({ shopId: uuidv7() }))).toEqual([
      'shopId: There is no such shop at this site',
    ])
    expect(detailsOf(() => device.start({ surveyId: uuidv7() }))![0]).toMatch(/no such survey/)
    expect(() => device.start({ siteId: siteB })).toThrow(/do not belong to this site/)
    const id = device.start({ shopId: null, surveyId: null })
    expect(detailsOf(() => device.local.field.editVisit({ id, shopId: uuidv7() }))![0]).toMatch(
      /no such shop/,
    )
    device.local.writeMeta({ profile: { ...device.local.meta().profile!, roles: [] } })
    expect(() => device.start()).toThrow(/Only field agents/)
    expect(() => device.local.field.editVisit({ id, notes: 'n' })).toThrow(/Only field agents/)
    expect(() => device.local.field.editVisit({ id: uuidv7(), notes: 'n' })).toThrow(/no such visit/)
    device.close()
  })

  it('goes on to a later version of its survey without the answers that this cannot keep', async () => {
    const model = fieldModel()
    const device = await fieldDevice(model)
    const id = device.start()
    device.answer(id, { [asked.fridge]: true, [asked.doors]: 3, [asked.remark]: 'Old' })
    const later = questions.filter((one) => one.id !== asked.remark)
    model.putField({ entity: 'surveyVersion', record: version(2, later) })
    model.putField({ entity: 'survey', record: head(2) })
    expect(() => device.local.field.upgradeVisit({ id, surveyNumber: 2 })).toThrow(/no such later version/)
    await device.sync()
    expect(device.open(id)).toMatchObject({ survey: { number: 1 }, laterSurvey: { number: 2 } })
    device.local.field.upgradeVisit({ id, surveyNumber: 2 })
    expect(device.open(id)).toMatchObject({ survey: { number: 2 }, laterSurvey: null })
    expect(device.open(id).visit.answers).toEqual({ [asked.fridge]: true, [asked.doors]: 3 })
    await device.sync()
    expect(model.field.find('visit', id)).toMatchObject({ surveyNumber: 2 })
    device.close()
  })
})

describe('the Finder', () => {
  it('shows a visit that has not been sent, and finds it', async () => {
    const device = await fieldDevice(fieldModel(), { place: { folder: temporaryFolder(), key: testKey } })
    const id = device.start()
    expect(device.seen().get(id)).toMatchObject({
      title: 'Visit: Müller am Markt',
      type: 'Visit',
      lead: 'Someone',
      status: 'incomplete',
      version: null,
      unsent: true,
    })
    const found = device.local.page({
      siteId: siteA,
      filter: { search: 'muller markt' },
      sort: [],
      offset: 0,
      limit: 10,
    })
    expect(found.rows.map((row) => row.id)).toEqual([id])
    device.restart()
    expect(device.local.read(id)).toMatchObject({ title: 'Visit: Müller am Markt', unsent: true })
    device.local.field.cancelVisit(id)
    expect(device.seen().size).toBe(0)
    device.close()
  })

  it('lets it be changed only on the visit until the server has it', async () => {
    const model = fieldModel()
    model.setSites(alice, { [siteA]: 'administrator' })
    const device = await fieldDevice(model)
    const id = device.start()
    expect(() => device.edit(id, { title: 'Mine' })).toThrow(/not been sent yet; change it on the visit/)
    expect(() => device.local.delete(id)).toThrow(/not been sent yet; change it on the visit/)
    const change = { siteId: siteA, ids: [id], change: { kind: 'update' as const, patch: { lead: 'Ada' } } }
    expect(device.local.planBulk(change as never).refused[0]!.reason).toMatch(/change it on the visit/)
    await device.sync()
    expect(device.seen().get(id)).toMatchObject({ unsent: false, version: 1 })
    device.edit(id, { title: 'Mine' })
    await device.sync()
    expect(device.seen().get(id)).toMatchObject({ title: 'Mine', unsent: false, version: 2 })
    device.close()
  })

  it('shows what an edit of the visit will make of it, beside what others wrote', async () => {
    const model = fieldModel()
    const device = await fieldDevice(model)
    const id = device.start({ surveyId: null })
    await device.sync()
    model.write(siteA, id, { title: 'Called otherwise' }, alice)
    await device.sync()
    device.complete(id)
    expect(device.seen().get(id)).toMatchObject({
      title: 'Called otherwise',
      status: 'complete',
      unsent: true,
    })
    await device.sync()
    expect(device.seen().get(id)).toEqual({
      ...model.find(id)!.record,
      unsent: false,
      needsAttention: false,
    })
    device.close()
  })

  it('does not bring back an interaction that was deleted', async () => {
    const model = fieldModel()
    const device = await fieldDevice(model)
    const id = device.start({ surveyId: null })
    await device.sync()
    model.write(siteA, id, 'delete', alice)
    await device.sync()
    device.local.field.editVisit({ id, notes: 'n' })
    expect(device.seen().has(id)).toBe(false)
    expect(device.open(id).visit.notes).toBe('n')
    device.close()
  })
})

describe('lists', () => {
  it('have visits of the site, the latest first, with what is not sent', async () => {
    const device = await fieldDevice(fieldModel())
    const first = device.wholeVisit()
    await device.sync()
    const second = device.start({ shopId: otherShopId, surveyId: null, visitType: 'audit' })
    const ask = (changes: object = {}) => {
      const all = { siteId: siteA, search: '', status: null, from: null, to: null, offset: 0, limit: 50 }
      const { visits, total } = device.local.field.myVisits({ ...all, ...changes })
      return [total, ...visits.map(({ id }) => id)]
    }
    expect(ask()).toEqual([2, second, first])
    expect(ask({ offset: 1, limit: 1 })).toEqual([2, first])
    expect(ask({ status: 'completed' })).toEqual([1, first])
    expect(ask({ search: 'ALDI' })).toEqual([1, second])
    expect(ask({ search: 'markt müller' })).toEqual([1, first])
    const { startedAt } = device.open(second).visit
    expect(ask({ from: startedAt })).toEqual([1, second])
    expect(ask({ to: startedAt })).toEqual([1, first])
    const { visits } = device.local.field.myVisits({
      siteId: siteA,
      search: '',
      status: null,
      from: null,
      to: null,
      offset: 0,
      limit: 2,
    })
    expect(visits).toMatchObject([
      { shopName: 'Aldi', surveyName: null, unsent: true, distance: null, photos: 0, photosWaiting: 0 },
      {
        shopName: 'Müller am Markt',
        surveyName: 'Dairy shelf',
        unsent: false,
        distance: 0,
        isFar: false,
        answers: 1,
        photos: 1,
        photosWaiting: 1,
      },
    ])
    device.close()
  })

  it('have shops by name, or the nearest first, with when they were visited', async () => {
    const model = fieldModel()
    model.putField({
      entity: 'shop',
      record: shop({ id: uuidv7(), name: 'Zoo', reference: null, latitude: 52.53, longitude: 13.41 }),
    })
    model.putField({
      entity: 'shop',
      record: shop({ id: uuidv7(), name: 'Closed', reference: null, active: false }),
    })
    const device = await fieldDevice(model)
    const ask = (search: string, near: { latitude: number; longitude: number } | null = null) =>
      device.local.field.findShops({ siteId: siteA, search, near, limit: 10 }).shops
    expect(ask('').map(({ name }) => name)).toEqual(['Aldi', 'Müller am Markt', 'Zoo'])
    expect(ask('m-1').map(({ name }) => name)).toEqual(['Müller am Markt'])
    const near = ask('', { latitude: 52.53, longitude: 13.41 })
    expect(near.map(({ name, metres }) => [name, metres])).toEqual([
      ['Zoo', 0],
      ['Müller am Markt', 1302],
      ['Aldi', null],
    ])
    expect(near[1]!.lastVisitAt).toBeNull()
    const visitId = device.start()
    expect(ask('müller')[0]!.lastVisitAt).toBe(device.open(visitId).visit.startedAt)
    await device.sync()
    expect(ask('müller')[0]!.lastVisitAt).toBe(device.open(visitId).visit.startedAt)
    device.local.field.cancelVisit(visitId)
    expect(ask('müller')[0]!.lastVisitAt).toBeNull()
    expect(device.local.field.fieldLookups()).toEqual({ brands: [brand], surveys: [head()] })
    device.close()
  })
})

function marks(photoId: string) {
  const corner = (x: number, y: number) => ({ x, y })
  return {
    id: photoId,
    shelf: null,
    quadrants: [
      { id: uuidv7(), brandId: brand.id, polygon: [corner(0, 0), corner(0.5, 0), corner(0.5, 0.5)] },
    ],
  }
}
