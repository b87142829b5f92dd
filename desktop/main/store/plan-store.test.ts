import { describe, expect, it } from 'vitest'
import type { CallCycle } from '#common/contract/call-cycles'
import type { Plan } from '#common/contract/plan'
import { noSums } from '#common/rules/goal-progress'
import { jpegOfSize } from '#common/rules/test/pictures'
import type { Request } from '#desktop/bridge/channels'
import { alice, siteA, siteB } from '../test/device.ts'
import { brandId, type FieldDevice, fieldDevice, fieldModel, otherShopId, shopId } from '../test/field.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'

/** A Sunday on the device's clock, in the week from 26 January to 1 February. */
const cycleId = '0192f000-0000-7000-8000-000000000801'
const atMarket = '0192f000-0000-7000-8000-000000000811'
const atAldi = '0192f000-0000-7000-8000-000000000812'
const goalId = '0192f000-0000-7000-8000-000000000821'

const location = { day: null, visitsPerCycle: 1, since: null, until: null }

const cycle = (changes: Partial<CallCycle> = {}): CallCycle => ({
  id: cycleId,
  siteId: siteA,
  name: 'Berlin round',
  userId: alice,
  teamId: null,
  recurrence: { every: 1, unit: 'week' },
  startsOn: '2026-01-19',
  endsOn: null,
  timezone: 'Europe/Berlin',
  locations: [
    { id: atMarket, shopId, position: 2, ...location },
    { id: atAldi, shopId: otherShopId, position: 1, ...location, day: 3 },
  ],
  version: 1,
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...changes,
})

const goal = (changes: Partial<Plan['goals'][number]> = {}): Plan['goals'][number] => ({
  id: goalId,
  name: 'Visits of the winter',
  metric: 'visits_completed',
  target: 10,
  brandId: null,
  startsOn: '2026-01-01',
  endsOn: '2026-02-28',
  timezone: 'Europe/Berlin',
  assignee: { userId: alice, teamId: null },
  assigneeName: 'Someone',
  others: noSums,
  ...changes,
})

const plan = (changes: Partial<Plan> = {}): Plan => ({
  asOf: '2026-02-01T00:00:00.000Z',
  clock: 0,
  cycles: [{ cycle: cycle(), misses: [], others: [] }],
  goals: [goal()],
  ...changes,
})

const today = (device: FieldDevice) => device.local.plans.readToday({ siteId: siteA })
const stops = (device: FieldDevice) =>
  today(device).stops.map(
    ({ group, shop, dueOn, reason }) =>
      `${group} ${shop?.name} ${dueOn}${reason === null ? '' : `: ${reason}`}`,
  )

const of = (device: FieldDevice, group: string): Request<'today.explain'> => {
  const { locationId, period, slot } = today(device).stops.find((stop) => stop.group === group)!
  return { cycleId, locationId, period, slot, reason: 'It was closed' }
}

describe('what there is to do', () => {
  it('is nothing before the server has said it, and of the site that is asked for', async () => {
    const device = await fieldDevice(fieldModel())
    expect(today(device)).toEqual({ asOf: null, stops: [], next: [], cycles: [], goals: [] })
    device.local.plans.keepPlan(
      plan({ cycles: [{ cycle: cycle({ siteId: siteB }), misses: [], others: [] }] }),
    )
    expect(today(device)).toMatchObject({ stops: [], next: [], cycles: [], goals: [{ id: goalId }] })
    expect(() => device.local.plans.readToday({ siteId: siteB })).toThrow('You do not belong to this site')
  })

  it('is another as soon as a visit is completed on the device, and stays so when it is opened again', async () => {
    const device = await fieldDevice(fieldModel(), { place: { folder: temporaryFolder(), key: testKey } })
    device.local.plans.keepPlan(plan())
    expect(stops(device)).toEqual([
      'due Aldi 2026-01-28',
      'due Müller am Markt 2026-02-01',
      'missed Müller am Markt 2026-01-25',
      'missed Aldi 2026-01-21',
    ])
    expect(today(device).cycles[0]).toMatchObject({
      period: { start: '2026-01-26', end: '2026-02-01' },
      kept: { covered: 0, due: 2, adherence: null },
    })
    expect(today(device).goals[0]!.progress.value).toBe(0)

    const visitId = device.start()
    expect(today(device).stops.map(({ goingVisitId }) => goingVisitId)).toEqual([
      null,
      visitId,
      visitId,
      null,
    ])
    device.answer(visitId, { ['0192f000-0000-7000-8000-000000000711']: false })
    device.shelfPhoto(visitId)
    device.complete(visitId)
    const after = {
      stops: [
        'due Aldi 2026-01-28',
        'done Müller am Markt 2026-02-01',
        'missed Müller am Markt 2026-01-25',
        'missed Aldi 2026-01-21',
      ],
      kept: { covered: 1, due: 1, missed: 0, adherence: 1 },
    }
    const check = () => {
      expect(stops(device)).toEqual(after.stops)
      expect(today(device).stops[1]).toMatchObject({ isMine: true, visit: { id: visitId } })
      expect(today(device).cycles[0]).toMatchObject({ kept: after.kept })
      expect(today(device).goals[0]!.progress.value).toBe(1)
    }
    check()
    device.restart()
    check()
    await device.sync()
    check()
    device.close()
  })

  it('counts what others did for a team, and whose it was', async () => {
    const device = await fieldDevice(fieldModel())
    device.local.plans.keepPlan(
      plan({
        cycles: [
          {
            cycle: cycle({ userId: null, teamId: siteB }),
            misses: [],
            others: [{ id: goalId, shopId: otherShopId, date: '2026-02-01' }],
          },
        ],
        goals: [goal({ assignee: { userId: null, teamId: siteB }, others: { ...noSums, visits: 4 } })],
      }),
    )
    device.wholeVisit()
    const {
      stops: [due, ...done],
    } = today(device)
    expect([due!.group, ...done.slice(0, 2).map(({ group, isMine }) => `${group} ${isMine}`)]).toEqual([
      'done',
      'done true',
      'missed false',
    ])
    expect(due!.isMine).toBe(false)
    expect(today(device).goals[0]).toMatchObject({ isTeam: true, progress: { value: 5 } })
  })

  it('measures a shelf as it is marked here', async () => {
    const device = await fieldDevice(fieldModel())
    device.local.plans.keepPlan(plan({ goals: [goal({ metric: 'shelf_share', target: 50, brandId })] }))
    expect(today(device).goals[0]).toMatchObject({
      brandName: 'Arla',
      progress: { value: null, state: 'behind' },
    })
    const visitId = device.start()
    device.answer(visitId, { ['0192f000-0000-7000-8000-000000000711']: false })
    device.shelfPhoto(visitId)
    const photoId = device.photo(visitId, { picture: jpegOfSize(2000, 7) })
    const half = (x: number) => [
      { x, y: 0 },
      { x: x + 0.5, y: 0 },
      { x: x + 0.5, y: 1 },
      { x, y: 1 },
    ]
    device.local.field.markPhoto({
      id: photoId,
      shelf: [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 1, y: 1 },
        { x: 0, y: 1 },
      ],
      quadrants: [{ id: goalId, brandId, polygon: half(0) }],
    })
    expect(today(device).goals[0]!.progress.value).toBeNull()
    device.complete(visitId)
    expect(today(device).goals[0]!.progress).toMatchObject({ value: 50, state: 'on pace' })
  })
})

describe('why a visit was not made', () => {
  it('is kept and shown at once, is sent, and stays shown when the server has it', async () => {
    const device = await fieldDevice(fieldModel(), { place: { folder: temporaryFolder(), key: testKey } })
    device.local.plans.keepPlan(plan())
    expect(device.local.plans.explainMiss({ ...of(device, 'missed'), reason: ' It was closed ' })).toBe(siteA)
    device.restart()
    expect(stops(device)[2]).toBe('missed Müller am Markt 2026-01-25: It was closed')
    expect(today(device).stops[2]).toMatchObject({ unsent: true, problem: null })
    expect(device.local.counts()).toEqual({ waiting: 1, needsAttention: 0, reasons: 1 })
    expect(device.local.waitingSince()).toBe(device.local.plans.missNotes()[0]!.savedAt)
    const [note] = device.local.plans.missNotes()
    expect(device.local.plans.settleMiss(note!, null)).toEqual([siteA])
    expect(device.local.plans.missNotes()).toEqual([])
    expect(device.local.counts()).toEqual({ waiting: 0, needsAttention: 0, reasons: 0 })
    expect(stops(device)[2]).toBe('missed Müller am Markt 2026-01-25: It was closed')
    expect(today(device).stops[2]).toMatchObject({ unsent: false })
    device.close()
  })

  it('is of a call cycle in the plan', async () => {
    const device = await fieldDevice(fieldModel())
    device.local.plans.keepPlan(plan())
    const other = { ...of(device, 'due'), cycleId: siteA }
    expect(() => device.local.plans.explainMiss(other)).toThrow('no such call cycle in your plan')
    expect(device.local.plans.missNotes()).toEqual([])
  })

  it('is not lost when the server refuses it, and the last word counts', async () => {
    const device = await fieldDevice(fieldModel())
    device.local.plans.keepPlan(plan())
    device.local.plans.explainMiss(of(device, 'due'))
    const [first] = device.local.plans.missNotes()
    device.local.plans.settleMiss(first!, 'There is no such visit')
    expect(today(device).stops[0]).toMatchObject({
      reason: 'It was closed',
      problem: 'There is no such visit',
    })
    device.local.plans.explainMiss({ ...of(device, 'due'), reason: null })
    expect(today(device).stops[0]).toMatchObject({ reason: null, problem: null, unsent: true })
    // An answer to what was said before takes nothing away.
    device.local.plans.settleMiss(first!, null)
    expect(device.local.plans.missNotes()).toMatchObject([{ reason: null }])
  })
})

it('asks for the plan once, and again where another is told of, but only for whoever makes visits', async () => {
  const model = fieldModel()
  const device = await fieldDevice(model)
  expect(device.local.plans.isPlanOld(false)).toBe(true)
  device.local.plans.keepPlan(plan({ clock: 1 }))
  expect(device.local.plans.isPlanOld(false)).toBe(true)
  device.local.plans.keepPlan(plan())
  expect(device.local.plans.isPlanOld(false)).toBe(false)
  expect(device.local.plans.isPlanOld(true)).toBe(true)
  device.local.dropCopies()
  expect(device.local.plans.isPlanOld(false)).toBe(true)
  device.local.writeMeta({ profile: { ...device.local.meta().profile!, roles: [] } })
  expect(device.local.plans.isPlanOld(true)).toBe(false)
})
