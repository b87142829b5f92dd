import { describe, expect, it } from 'vitest'
import type { Brand } from '#common/contract/brands'
import type { FieldItem } from '#desktop/bridge/channels'
import type { OpenVisit } from '#desktop/bridge/field'
import {
  fieldChangeWords,
  type FieldEdit,
  fieldRows,
  flatFields,
  type Known,
  patchOf,
  rowLabel,
  rowText,
  settled,
} from './field-edits.ts'

const known: Known = {
  open: {
    shop: { id: 'shop', name: 'REWE Alexanderplatz' },
    survey: {
      name: 'Dairy',
      questions: [{ id: 'q1', type: 'yes_no', text: 'Is the promotion up?', options: [] }],
    },
  } as unknown as OpenVisit,
  brands: [{ id: 'valio', name: 'Valio' }] as Brand[],
}

describe('an edit in a line', () => {
  const cases: [FieldEdit, string][] = [
    [{ entity: 'visit', op: 'create', patch: { status: 'in_progress' } }, 'New visit'],
    [{ entity: 'visit', op: 'update', patch: { answers: { q1: true } } }, '1 answer'],
    [
      { entity: 'visit', op: 'update', patch: { answers: { q1: true, q2: 3 }, notes: 'x' } },
      '2 answers, notes',
    ],
    [{ entity: 'visit', op: 'update', patch: { notes: 'x' } }, 'Notes'],
    [{ entity: 'visit', op: 'update', patch: { status: 'completed', completedAt: 'x' } }, 'Completed'],
    [{ entity: 'photo', op: 'create', patch: { purpose: 'shelf' } }, 'Photo (shelf)'],
    [{ entity: 'photo', op: 'create', patch: { size: 5 } }, 'Photo'],
    [{ entity: 'photo', op: 'update', patch: { quadrants: [] } }, 'Shelf marked'],
    [{ entity: 'photo', op: 'delete', patch: {} }, 'Photo removed'],
  ]
  it.each(cases)('%o is “%s”', (edit, words) => expect(fieldChangeWords(edit)).toBe(words))
})

describe('the rows of an edit', () => {
  it('are one a field, with what belongs together as one, and what nobody reads left out', () => {
    expect(fieldRows(['status', 'completedAt', 'answers.q1', 'sha256'])).toEqual([
      { key: 'status', fields: ['status', 'completedAt'] },
      { key: 'answers.q1', fields: ['answers.q1'] },
    ])
  })

  it.each([
    ['answers.q1', true, 'Is the promotion up?', 'Yes'],
    ['answers.gone', 'Fresh', 'An answer', 'Fresh'],
    ['shopId', 'shop', 'Shop', 'REWE Alexanderplatz'],
    ['shopId', 'other', 'Shop', 'Another shop'],
    ['shopId', null, 'Shop', ''],
    ['surveyNumber', 2, 'Survey', 'Dairy, version 2'],
    ['status', 'completed', 'Status', 'Completed'],
    [
      'quadrants',
      [{ brandId: 'valio' }, { brandId: 'valio' }, { brandId: 'x' }],
      'Marks',
      'Valio 2, Unknown brand 1',
    ],
    ['quadrants', [], 'Marks', 'Nothing marked'],
  ])('%s of %o is called “%s” and says “%s”', (key, value, label, words) => {
    const row = { key, fields: [key] }
    expect([rowLabel(row, known), rowText(row, { [key]: value }, known)]).toEqual([label, words])
  })

  it('go back into a patch', () => {
    const patch = { notes: 'x', answers: { q1: true, q2: null } }
    expect(patchOf(flatFields(patch))).toEqual(patch)
    expect(patchOf({ notes: 'x' })).toEqual({ notes: 'x' })
  })
})

describe('a conflict', () => {
  const conflict = {
    fields: ['answers.q1', 'status', 'completedAt'],
    base: { answers: { q1: null }, status: 'in_progress', completedAt: null },
    mine: { answers: { q1: true }, status: 'completed', completedAt: '2026-11-30T10:00:00.000Z' },
    theirs: { answers: {}, status: 'cancelled', completedAt: null },
  }
  const item = { entity: 'visit', conflict } as unknown as FieldItem

  it('is settled once every row has a side', () => {
    expect(settled(item, { status: 'mine' })).toBeNull()
    expect(settled(item, { status: 'mine', 'answers.q1': 'theirs' })).toEqual({
      status: 'completed',
      completedAt: '2026-11-30T10:00:00.000Z',
      answers: { q1: null },
    })
  })

  it('takes marks of the server as they are written, without the shares it keeps beside them', () => {
    const block = { id: 'b1', brandId: 'valio', polygon: [{ x: 0, y: 0 }] }
    const theirs = { quadrants: [{ ...block, areaPercentage: 100 }] }
    const conflict = { fields: ['quadrants'], base: { quadrants: [] }, mine: { quadrants: [] }, theirs }
    const marks = { ...item, entity: 'photo', conflict } as unknown as FieldItem
    expect(settled(marks, { quadrants: 'theirs' })).toEqual({ quadrants: [block] })
    expect(settled(marks, { quadrants: 'mine' })).toEqual({ quadrants: [] })
  })
})
