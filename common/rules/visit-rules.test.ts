import { describe, expect, test } from 'vitest'
import type { PhotoFields } from '../contract/photos.ts'
import type { Question } from '../contract/surveys.ts'
import type { VisitFields, VisitPatch } from '../contract/visits.ts'
import { interactionProblems } from './interaction-rules.ts'
import { noPhotos } from './survey-flow.ts'
import {
  distanceFrom,
  interactionOf,
  metresBetween,
  normalisePhoto,
  normaliseVisit,
  photoConflicts,
  photoProblems,
  questionOfField,
  visitConflicts,
  visitDifference,
  visitProblems,
  withPatch,
} from './visit-rules.ts'

const first = '00000000-0000-4000-8000-000000000001'
const second = '00000000-0000-4000-8000-000000000002'

const visit: VisitFields = {
  shopId: '00000000-0000-4000-8000-0000000000a1',
  surveyId: '00000000-0000-4000-8000-0000000000b1',
  surveyNumber: 1,
  visitType: 'routine',
  status: 'in_progress',
  startedAt: '2026-11-30T09:00:00.000Z',
  completedAt: null,
  timezone: 'Europe/Berlin',
  position: null,
  notes: '',
  answers: {},
}
const asked = { help: '', options: [], min: null, max: null, showIf: null }
const questions: Question[] = [
  { id: first, type: 'text', text: 'Who was there?', required: true, ...asked },
  { id: second, type: 'yes_no', text: 'Is it fresh?', required: false, ...asked },
]
const completed = { status: 'completed', completedAt: '2026-11-30T09:30:00.000Z' } as const

describe('where a visit begins', () => {
  const berlin = { latitude: 52.5219, longitude: 13.4132 }
  test('is measured along the ground', () => {
    expect(metresBetween(berlin, berlin)).toBe(0)
    expect(metresBetween(berlin, { latitude: 48.8566, longitude: 2.3522 })).toBeCloseTo(878_000, -3)
    expect(
      metresBetween({ latitude: 0, longitude: 179.999 }, { latitude: 0, longitude: -179.999 }),
    ).toBeCloseTo(222, 0)
  })

  test('is far where even an inexact position cannot be at the shop', () => {
    const at = (metres: number, accuracy: number | null, source: 'device' | 'entered' = 'device') =>
      distanceFrom(berlin, {
        latitude: berlin.latitude + metres / 111_195,
        longitude: berlin.longitude,
        accuracy,
        source,
      })
    expect(at(250, null)).toEqual({ metres: 250, isFar: false })
    expect(at(400, null)).toEqual({ metres: 400, isFar: true })
    expect(at(400, 150)).toEqual({ metres: 400, isFar: false })
    expect(at(600, 100_000)).toEqual({ metres: 600, isFar: true })
    expect(at(400, 150, 'entered')).toEqual({ metres: 400, isFar: true })
  })

  test('is not known without a shop, its place or a position', () => {
    const position = { ...berlin, accuracy: null, source: 'device' } as const
    expect(distanceFrom(null, position)).toBeNull()
    expect(distanceFrom({ latitude: null, longitude: null }, position)).toBeNull()
    expect(distanceFrom(berlin, null)).toBeNull()
  })
})

describe('merging', () => {
  const theirs = { ...visit, notes: 'theirs', answers: { [first]: 'Ana' } }
  test.each<[string, VisitPatch, VisitPatch, string[] | null]>([
    ['other answers', { answers: { [second]: null } }, { answers: { [second]: true } }, null],
    ['the same answer', { answers: { [first]: null } }, { answers: { [first]: 'Ana' } }, null],
    [
      'another answer to the same question',
      { answers: { [first]: null } },
      { answers: { [first]: 'Bo' } },
      [`answers.${first}`],
    ],
    ['an answer taken back', { answers: { [first]: 'Ana' } }, { answers: { [first]: null } }, null],
    ['notes of both', { notes: '' }, { notes: 'mine' }, ['notes']],
    ['completing', { status: 'in_progress', completedAt: null }, completed, null],
  ])('%s', (_, base, patch, fields) => {
    expect(visitConflicts(base, patch, theirs)).toEqual(fields)
  })

  test('status and time of completion conflict as one', () => {
    const done = { ...visit, status: 'completed', completedAt: '2026-11-30T09:20:00.000Z' } as const
    const fields = visitConflicts({ status: 'in_progress', completedAt: null }, completed, done)
    expect(fields).toEqual(['status', 'completedAt'])
    expect(questionOfField('status')).toBeNull()
    expect(questionOfField(`answers.${first}`)).toBe(first)
  })

  test('what is marked on a photo conflicts as a whole', () => {
    const block = {
      id: first,
      brandId: second,
      polygon: [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 1, y: 1 },
      ],
    }
    expect(photoConflicts({ quadrants: [] }, { quadrants: [block] }, { quadrants: [] })).toBeNull()
    expect(
      photoConflicts({ quadrants: [] }, { quadrants: [block] }, { quadrants: [{ ...block, id: second }] }),
    ).toEqual(['quadrants'])
  })

  test('a difference put onto what it was taken from gives what it was taken to', () => {
    const after = { ...visit, notes: 'x', answers: { [second]: false } }
    const before = { ...visit, answers: { [first]: 'Ana' } }
    const edit = visitDifference(before, after)!
    expect(withPatch(before, edit.patch)).toEqual(after)
    expect(withPatch(after, edit.base)).toEqual(before)
    expect(visitDifference(visit, { ...visit })).toBeNull()
  })
})

const problems = (after: VisitFields, before: VisitFields | null = visit) =>
  visitProblems(after, before, questions, noPhotos).map(({ field }) => field)

describe('a visit', () => {
  test('starts in progress', () => {
    expect(problems(visit, null)).toEqual([])
    expect(problems({ ...visit, ...completed }, null)).toContain('status')
  })

  test('is completed with what is required, and not before it began', () => {
    expect(problems({ ...visit, ...completed })).toEqual([`answers.${first}`])
    const answered = { ...visit, answers: { [first]: 'Ana' } }
    expect(problems({ ...answered, ...completed })).toEqual([])
    expect(problems({ ...answered, status: 'completed', completedAt: '2026-11-30T08:59:59.000Z' })).toEqual([
      'completedAt',
    ])
    expect(problems({ ...answered, status: 'completed' })).toEqual(['completedAt'])
  })

  test('takes answers to questions of its survey alone', () => {
    expect(problems({ ...visit, answers: { [visit.shopId!]: 'x' } })).toEqual([`answers.${visit.shopId}`])
    expect(problems({ ...visit, answers: { [second]: 'yes' } })).toEqual([`answers.${second}`])
  })

  test('keeps when it began, what for and with which survey', () => {
    expect(
      problems({ ...visit, startedAt: '2026-11-30T08:00:00.000Z', visitType: 'audit', surveyId: second }),
    ).toEqual(['surveyId', 'visitType', 'startedAt'])
  })

  const done = { ...visit, ...completed, notes: 'All fresh.', answers: { [first]: 'Ana' } }
  test('that is completed only grows', () => {
    expect(
      problems(
        {
          ...done,
          notes: 'All fresh. Came back for the poster.',
          answers: { ...done.answers, [second]: true },
        },
        done,
      ),
    ).toEqual([])
    expect(problems({ ...done, notes: 'Fresh.' }, done)).toEqual(['notes'])
    expect(problems({ ...done, answers: { [first]: 'Bo' } }, done)).toEqual([`answers.${first}`])
    expect(problems({ ...done, answers: {} }, done)).toContain(`answers.${first}`)
    expect(problems({ ...done, status: 'in_progress', completedAt: null }, done)).toContain('status')
    expect(problems({ ...done, status: 'cancelled', completedAt: null }, done)).toContain('status')
  })

  test('that was cancelled does not change', () => {
    const cancelled = { ...visit, status: 'cancelled' } as const
    expect(problems(cancelled)).toEqual([])
    expect(problems({ ...cancelled, notes: 'x' }, cancelled)).toEqual(['status'])
  })
})

describe('a photo', () => {
  const photo: PhotoFields = {
    visitId: first,
    questionId: null,
    purpose: 'shelf',
    sha256: 'a'.repeat(64),
    size: 10,
    type: 'image/jpeg',
    width: 4,
    height: 3,
    takenAt: null,
    latitude: null,
    longitude: null,
    shelf: null,
    quadrants: [],
  }
  const block = {
    id: first,
    brandId: second,
    polygon: [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 1 },
    ],
  }
  const fields = (
    after: PhotoFields,
    before: PhotoFields | null = null,
    status: VisitFields['status'] = 'in_progress',
  ) => photoProblems(after, before, status).map(({ field }) => field)

  test('of a question names it, and no other does', () => {
    expect(fields(photo)).toEqual([])
    expect(fields({ ...photo, purpose: 'question' })).toEqual(['questionId'])
    expect(fields({ ...photo, questionId: first })).toEqual(['questionId'])
  })

  test('is marked where it is of a shelf, with blocks that are blocks', () => {
    expect(fields({ ...photo, quadrants: [block] })).toEqual([])
    expect(fields({ ...photo, purpose: 'other', quadrants: [block] })).toEqual(['quadrants'])
    const line = {
      ...block,
      polygon: [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 0.5, y: 0 },
      ],
    }
    expect(fields({ ...photo, quadrants: [line] })).toEqual(['quadrants.0.polygon'])
    expect(fields({ ...photo, shelf: line.polygon })).toEqual(['shelf'])
    expect(fields({ ...photo, quadrants: [block, block] })).toEqual(['quadrants'])
  })

  test('has no more corners than can be measured at once', () => {
    const round = Array.from({ length: 200 }, (_, n) => ({ x: n / 400, y: (n * n) / 80_000 }))
    const blocks = Array.from({ length: 6 }, (_, n) => ({
      ...block,
      id: first.slice(0, -1) + n,
      polygon: round,
    }))
    expect(fields({ ...photo, quadrants: blocks.slice(0, 5) })).toEqual([])
    expect(fields({ ...photo, quadrants: blocks })).toEqual(['quadrants'])
  })

  test('has no outlines that run to and fro across each other', () => {
    const across = Array.from({ length: 200 }, (_, n) => ({ x: n / 200, y: n % 2 }))
    const down = across.map(({ x, y }) => ({ x: y, y: x }))
    const blocks = [across, down, across, down].map((polygon, n) => ({
      ...block,
      id: first.slice(0, -1) + n,
      polygon,
    }))
    expect(fields({ ...photo, quadrants: blocks })).toEqual(['quadrants'])
    expect(fields({ ...photo, shelf: across, quadrants: blocks.slice(0, 1) })).toEqual([])
  })

  test('stays what it is, and on a completed visit what is marked too', () => {
    expect(fields({ ...photo, sha256: 'b'.repeat(64) }, photo)).toEqual(['sha256'])
    const marked = { ...photo, quadrants: [block] }
    expect(fields(marked, photo, 'completed')).toEqual([])
    expect(fields({ ...photo, quadrants: [] }, marked, 'completed')).toEqual(['quadrants'])
    expect(fields(photo, null, 'cancelled')).toEqual(['visitId'])
    expect(fields({ ...photo, latitude: 1 })).toEqual(['longitude'])
  })
})

describe('its interaction', () => {
  const shop = { name: 'REWE Alexanderplatz', address: 'Alexanderplatz 1, Berlin' }
  test('is one that may be kept, from beginning to end', () => {
    const begun = interactionOf(visit, { shop, agentName: 'Jo Agent' })
    expect(begun).toMatchObject({
      title: 'Visit: REWE Alexanderplatz',
      status: 'incomplete',
      endDateTime: null,
    })
    expect(interactionProblems(begun, null)).toEqual([])
    const over = interactionOf({ ...visit, ...completed }, { shop, agentName: 'Jo Agent' })
    expect(over).toMatchObject({ status: 'complete', endDateTime: completed.completedAt })
    expect(interactionProblems(over, begun.status)).toEqual([])
  })

  test('has room for the longest of names, and an end after its start', () => {
    const long = { name: 'x'.repeat(300), address: 'y'.repeat(300) }
    const over = interactionOf(
      { ...visit, status: 'completed', completedAt: visit.startedAt },
      { shop: long, agentName: 'z'.repeat(300) },
    )
    expect(interactionProblems(over, 'incomplete')).toEqual([])
  })
})

describe('values', () => {
  const position = { latitude: 52.5, longitude: 13.4, accuracy: null, source: 'device' } as const
  const other = { source: 'device', accuracy: null, longitude: 13.4, latitude: 52.5 } as const

  test('are the same in whatever order their parts come', () => {
    expect(visitDifference({ ...visit, position }, { ...visit, position: other })).toBeNull()
    expect(visitConflicts({ position: null }, { position: other }, { ...visit, position })).toBeNull()
    expect(
      visitDifference({ ...visit, position }, { ...visit, position: { ...other, latitude: 52.6 } }),
    ).not.toBeNull()
  })

  test('that are moments are compared in UTC', () => {
    const given = { startedAt: '2026-11-30T10:00:00+01:00', completedAt: null }
    expect(normaliseVisit(given)).toEqual({ startedAt: '2026-11-30T09:00:00.000Z', completedAt: null })
    expect(normaliseVisit({ notes: 'x' })).toEqual({ notes: 'x' })
    expect(normalisePhoto({ takenAt: '2026-11-30T10:00:00Z' })).toEqual({
      takenAt: '2026-11-30T10:00:00.000Z',
    })
  })
})
