import fc from 'fast-check'
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { type Interaction, type InteractionFilter, sortFields, statuses } from '#common/contract/interactions'
import { type Condition, conditionsOf, type SortKey, tieBreakDescending } from '#common/rules/finder-query'
import { fold, searchedFields, sortKey } from '#common/rules/folding'
import { maxChosen } from '#common/contract/record-keeping'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { alice, bob, filled, siteA, siteB } from '../test/device.ts'
import { member, page, record } from '../test/records.ts'
import { fieldsOf } from '#common/rules/interaction-rules'
import { LocalStore, type StoreOptions } from './local-store.ts'

/** What a query means, in the most obvious way: one record at a time, nothing shared with the store but the rules. */
function matches(row: LocalInteraction, condition: Condition): boolean {
  switch (condition.kind) {
    case 'contains':
      return searchedFields.some((field) => fold(row[field] ?? '').includes(condition.term))
    case 'field-contains':
      return fold(row[searchedFields[condition.position - 1]!] ?? '').includes(condition.term)
    case 'one-of':
      return condition.values.includes(row[condition.field] as string)
    case 'from':
      return row[condition.field] !== null && row[condition.field]! >= condition.instant
    case 'before':
      return row[condition.field] !== null && row[condition.field]! < condition.instant
  }
}

const folded = new Set(['title', 'type', 'lead', 'location'])
const valueOf = (row: LocalInteraction, { field }: SortKey) =>
  folded.has(field) ? sortKey(row[field]) : row[field]

/** Nothing sorts before everything; text by its bytes. */
function compare(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function reference(rows: LocalInteraction[], filter: InteractionFilter, sort: SortKey[]): LocalInteraction[] {
  const keys: SortKey[] = sort.length > 0 ? sort : [{ field: 'startDateTime', descending: true }]
  return rows
    .filter((row) => conditionsOf(filter).every((condition) => matches(row, condition)))
    .sort((a, b) => {
      for (const key of keys) {
        const order = compare(valueOf(a, key), valueOf(b, key))
        if (order !== 0) return key.descending ? -order : order
      }
      return compare(a.id, b.id) * (tieBreakDescending(keys) ? -1 : 1)
    })
}

/** Texts that meet each other often, with what makes folding and quoting hard. */
const word = fc.constantFrom(
  'Zürich',
  'ZURICH',
  'zur',
  'a',
  'b"c',
  "o'",
  'x%_',
  '💡💡💡',
  '💡',
  'ß',
  'Łódź',
  '\\',
  'AND',
  'ﬁn',
  '-',
)
const text = fc.array(word, { maxLength: 3 }).map((words) => words.join(' '))
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const moment = fc.constantFrom(
  '2026-01-01T00:00:00.000Z',
  '2026-01-01T00:00:00.001Z',
  '2026-02-01T00:00:00.000Z',
)
const type = fc.constantFrom('Meeting', 'Call')
const zone = fc.constantFrom('Europe/Berlin', 'UTC')
const person = fc.constantFrom(alice, bob)

const interaction: fc.Arbitrary<Interaction> = fc
  .record({
    title: fc.option(text.filter((title) => title !== '')),
    type: fc.option(type),
    lead: fc.option(text.filter((lead) => lead !== '')),
    startDateTime: fc.option(moment),
    endDateTime: fc.option(moment),
    timezone: fc.option(zone),
    location: text,
    description: text,
    notes: text,
    status: fc.constantFrom(...statuses),
    createdAt: moment,
    createdBy: person,
    updatedAt: moment,
    updatedBy: person,
    siteId: fc.constantFrom(siteA, siteA, siteA, siteB),
  })
  .map((fields) => record(fields))

const filter: fc.Arbitrary<InteractionFilter> = fc
  .record({
    search: some(text),
    title: some(word),
    lead: some(word),
    location: some(word),
    notes: some(word),
    type: some(fc.array(type, { maxLength: 2 })),
    status: some(fc.subarray([...statuses])),
    timezone: some(zone),
    startFrom: some(moment),
    endBefore: some(moment),
    createdFrom: some(moment),
    createdBefore: some(moment),
    updatedFrom: some(moment),
    updatedBefore: some(moment),
    createdBy: some(fc.uniqueArray(person, { maxLength: 2 })),
    updatedBy: some(fc.uniqueArray(person, { maxLength: 2 })),
  })
  .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))

const sort = fc.uniqueArray(fc.record({ field: fc.constantFrom(...sortFields), descending: fc.boolean() }), {
  maxLength: 3,
  selector: ({ field }) => field,
})

/** Edits to make before asking: of a record by its place, or a new one. */
const edit = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('edit', 'add', 'delete'),
  title: text,
  location: text,
})

it('answers as a plain reading of the rules does, edits on top, indexed or not', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(
      fc.array(interaction, { maxLength: 40 }),
      fc.array(edit, { maxLength: 6 }),
      fc.array(
        fc.record({ filter, sort, offset: fc.nat({ max: 8 }), limit: fc.integer({ min: 1, max: 10 }) }),
        { minLength: 1, maxLength: 4 },
      ),
      fc.boolean(),
      (records, edits, queries, indexed) => {
        const store = openStore()
        store.storePage(page({ records, sites: [member(siteA), member(siteB)] }), null)
        while (indexed && store.buildIndex());
        const shown = new Map<string, LocalInteraction>(
          records
            .filter(({ siteId }) => siteId === siteA)
            .map((each) => [each.id, { ...each, unsent: false, needsAttention: false }]),
        )
        for (const { at, kind, title, location } of edits) {
          const target = [...shown.values()][at % (shown.size || 1)]
          if (kind === 'add' || !target) {
            const added = store.save({
              siteId: siteA,
              opened: null,
              fields: { ...filled, title: title || 'New', location },
            })
            shown.set(added.id, added)
          } else if (kind === 'delete') {
            store.delete(target.id)
            shown.delete(target.id)
          } else {
            const fields = { ...filled, title: title || 'Edited', location, status: target.status }
            shown.set(
              target.id,
              store.save({ id: target.id, siteId: siteA, opened: fieldsOf(target), fields }),
            )
          }
        }
        for (const { filter: wanted, sort: keys, offset, limit } of queries) {
          const expected = reference([...shown.values()], wanted, keys)
          const { found, ...answer } = store.page({
            siteId: siteA,
            filter: wanted,
            sort: keys,
            offset,
            limit,
          })
          expect(answer).toEqual({ rows: expected.slice(offset, offset + limit), total: shown.size })
          expect(found ?? expected.length).toBe(expected.length)
          expect(store.found({ siteId: siteA, filter: wanted })).toBe(expected.length)
          expect(store.ids({ siteId: siteA, filter: wanted, sort: keys })).toEqual(
            expected.map(({ id }) => id),
          )
        }
        store.close()
      },
    ),
    { numRuns: 150 },
  )
})

it('finds, counts and pages the same when there are too many matches to collect first', () => {
  const store = openStore()
  const records = Array.from({ length: 1500 }, (_, index) =>
    record({
      title: `Budget ${String(index % 1200).padStart(4, '0')}`,
      description: 'bulk, bus and bureau',
      notes: index % 90 === 4 ? 'by a quay' : '',
      status: index % 3 ? 'complete' : 'active',
    }),
  )
  store.storePage(page({ records }), null)
  while (store.buildIndex());
  store.delete(records[7]!.id)
  const shown = records
    .filter((each) => each !== records[7])
    .map((each) => ({ ...each, unsent: false, needsAttention: false }))
  for (const wanted of [
    { search: 'budget' },
    { search: 'bu' },
    { search: 'u' },
    { search: 'y' },
    { search: 'ay' },
    { status: ['active' as const] },
    { search: 'bud', status: ['complete' as const] },
  ]) {
    for (const keys of [
      [],
      [{ field: 'title' as const, descending: false }],
      [{ field: 'status' as const, descending: true }],
    ]) {
      const expected = reference([...shown], wanted, keys)
      for (const offset of [0, 400]) {
        const answer = store.page({ siteId: siteA, filter: wanted, sort: keys, offset, limit: 15 })
        expect(answer.rows).toEqual(expected.slice(offset, offset + 15))
        expect(answer.total).toBe(1499)
        expect(answer.found ?? expected.length).toBe(expected.length)
      }
      expect(store.found({ siteId: siteA, filter: wanted })).toBe(expected.length)
    }
  }
  store.close()
})

it('knows how many records a site has through all that happens to them', () => {
  const store = openStore()
  const [first, second, third] = [record(), record(), record({ siteId: siteB })] as const
  const gone = { entity: 'interaction', id: second.id, siteId: siteA } as const
  let last: string | null = null
  const totals = (changes: Parameters<typeof page>[0], sites = [siteA, siteB]) => {
    const cursor: string = `${last}+`
    const next = page({ sites: sites.map((id) => member(id)), ...changes, cursor })
    expect(store.storePage(next, last).kept).toBe(true)
    last = cursor
    return sites.map((siteId) => store.page({ siteId, filter: {}, sort: [], offset: 0, limit: 10 }).total)
  }
  expect(totals({ records: [first, second, third], hasMore: true })).toEqual([2, 1])
  expect(store.progress().firstSync!.stored).toBe(3)
  expect(totals({ records: [{ ...first, version: 2, title: 'Other' }] })).toEqual([2, 1])
  expect(totals({ removals: [gone] })).toEqual([1, 1])
  expect(totals({ removals: [gone] })).toEqual([1, 1])
  expect(totals({ records: [second] }, [siteB])).toEqual([1])
  expect(totals({ records: [second] })).toEqual([1, 1])
  expect(totals({ reset: true, records: [first] })).toEqual([1, 0])
  store.close()
})

it('gives the ids of no more than can be chosen', () => {
  const store = openStore()
  const records = Array.from({ length: maxChosen + 5 }, (_, index) =>
    record({ title: String(index).padStart(5, '0') }),
  )
  store.storePage(page({ records }), null)
  const ids = store.ids({ siteId: siteA, filter: {}, sort: [{ field: 'title', descending: true }] })
  expect(ids).toEqual(
    records
      .slice(5)
      .reverse()
      .map(({ id }) => id),
  )
  store.close()
})

it.each([false, true])('letters that SQLite takes for each other are told apart (indexed: %s)', (indexed) => {
  const store = openStore()
  const titles = ['\ufffd', '\uffff', '\ufffdab', '\uffffab', 'ab']
  const records = titles.map((title) => record({ title }))
  store.storePage(page({ records, sites: [member(siteA)] }), null)
  while (indexed && store.buildIndex());
  for (const sought of titles) {
    const { rows } = store.page({ siteId: siteA, filter: { title: sought }, sort: [], offset: 0, limit: 9 })
    const expected = titles.filter((title) => title.includes(sought))
    expect(rows.map(({ title }) => title).sort(), JSON.stringify(sought)).toEqual(expected.sort())
  }
  store.close()
})

describe('the same title on the same day', () => {
  const day = {
    siteId: siteA,
    id: null,
    title: 'zurich  REVIEW',
    startDateTime: '2026-03-01T09:00:00Z',
    timezone: 'Europe/Berlin',
  }
  const named = (startDateTime: string | null, title = 'Zürich review') => record({ title, startDateTime })

  it.each([false, true])('is found whatever its letters, in the zone asked for (indexed: %s)', (indexed) => {
    const store = openStore()
    const [first, last] = [named('2026-02-28T23:00:00.000Z'), named('2026-03-01T22:59:59.999Z')]
    const others = [
      named('2026-02-28T22:59:59.999Z'),
      named('2026-03-01T23:00:00.000Z'),
      named(null),
      named('2026-03-01T09:00:00.000Z', 'Zürich reviews'),
      { ...named('2026-03-01T09:00:00.000Z'), siteId: siteB },
    ]
    store.storePage(page({ records: [first, last, ...others], sites: [member(siteA), member(siteB)] }), null)
    while (indexed && store.buildIndex());
    const found = (changes = {}) => new Set(store.sameTitle({ ...day, ...changes }).map(({ id }) => id))
    expect(found()).toEqual(new Set([first.id, last.id]))
    expect(found({ id: first.id })).toEqual(new Set([last.id]))
    expect(found({ timezone: 'Asia/Tokyo' })).toEqual(new Set([first.id, others[0]!.id]))
    store.close()
  })

  it('is that of what is on screen: edits on top, without what was deleted, five at most', () => {
    const store = openStore()
    const records = Array.from({ length: 7 }, () => named('2026-03-01T09:00:00.000Z'))
    store.storePage(page({ records }), null)
    expect(store.sameTitle(day)).toHaveLength(5)
    for (const { id } of records.slice(2)) store.delete(id)
    const [renamed, kept] = records as [Interaction, Interaction]
    const opened = fieldsOf(renamed)
    store.save({ id: renamed.id, siteId: siteA, opened, fields: { ...opened, title: 'Other' } })
    const added = store.save({
      siteId: siteA,
      opened: null,
      fields: { ...filled, title: 'ZÜRICH REVIEW', startDateTime: day.startDateTime },
    })
    expect(store.sameTitle(day).map(({ id }) => id)).toEqual([kept.id, added.id])
    store.close()
  })
})

function openStore(place: StoreOptions['place'] = 'memory'): LocalStore {
  const store = new LocalStore({ place, newId: uuidv7, now: () => '2026-03-01T00:00:00.000Z' })
  const sites = [member(siteA), member(siteB)]
  const names = { username: 'a', email: 'a@example.org', displayName: 'A', tenant: null }
  store.writeMeta({
    profile: {
      id: alice,
      ...names,
      roles: [],
      sites,
      defaultSiteId: null,
      activeSiteId: null,
      mustChangePassword: false,
    },
  })
  return store
}
