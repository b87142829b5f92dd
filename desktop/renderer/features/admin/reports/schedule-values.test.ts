import { expect, test } from 'vitest'
import type { ReportSchedule } from '#common/contract/reports'
import { emptySchedule, kindsFor, readSchedule, scheduleChanges, valuesOf } from './schedule-values.ts'

const ada = { id: 'a', name: 'Ada' }
const ben = { id: 'b', name: 'Ben' }
const values = { ...emptySchedule('visits', ada), name: ' Weekly ', siteId: 's', teamId: 't' }

test('a report is sent without what its kind cannot be of', () => {
  expect(readSchedule(values).schedule).toMatchObject({
    name: 'Weekly',
    siteId: 's',
    teamId: 't',
    recipients: ['a'],
  })
  expect(readSchedule({ ...values, kind: 'goals' }).schedule).toMatchObject({ siteId: null, teamId: 't' })
  expect(readSchedule({ ...values, kind: 'activity' }).schedule).toMatchObject({ siteId: null, teamId: null })
})

test('what lacks is said beside its field', () => {
  expect(readSchedule({ ...values, name: ' ', timezone: 'Mars', recipients: [] }).errors).toEqual({
    name: 'Is required',
    timezone: 'Choose a time zone from the list',
    recipients: 'Choose at least one person',
  })
  expect(readSchedule(values).errors).toEqual({})
})

test('only what is different is sent', () => {
  expect(scheduleChanges(values, { ...values, name: 'Weekly' })).toEqual({})
  expect(scheduleChanges(values, { ...values, recipients: [ada, ben], active: false })).toEqual({
    recipients: ['a', 'b'],
    active: false,
  })
  const kept = { ...readSchedule(values).schedule, recipientNames: ['Ada'] } as ReportSchedule
  expect(scheduleChanges(valuesOf(kept), values)).toEqual({})
})

test('a leader is offered what they may see, an admin all', () => {
  const person = { id: 'x', sites: [] }
  expect(kindsFor({ ...person, roles: ['team_leader'] })).toEqual([
    'visits',
    'shelf_share',
    'coverage',
    'goals',
  ])
  expect(kindsFor({ ...person, roles: ['admin'] })).toHaveLength(6)
})
