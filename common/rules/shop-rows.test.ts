import { describe, expect, test } from 'vitest'
import type { Shop, ShopFields, ShopRow } from '../contract/shops.ts'
import { placeProblems, planShops, readShopRow } from './shop-rows.ts'

const row = (fields: Partial<ShopRow> = {}): ShopRow => ({
  row: 2,
  name: 'Corner shop',
  address: '',
  reference: '',
  latitude: '',
  longitude: '',
  ...fields,
})
const read = (fields: Partial<ShopRow> = {}) => readShopRow(row(fields))
const problems = (fields: Partial<ShopRow>) => read(fields).problems

const shop = (id: string, fields: Partial<ShopFields> = {}): Shop => ({
  id,
  siteId: 'site',
  name: 'Corner shop',
  address: '',
  reference: null,
  latitude: null,
  longitude: null,
  active: true,
  version: 1,
  updatedAt: '2026-11-30T10:00:00.000Z',
  ...fields,
})

describe('a row', () => {
  test('is a shop, without the spaces around it', () => {
    expect(
      read({ name: '\u00a0 Corner\n shop\u202f', address: ' Rue\u00a0Haute 12 ', reference: '\u00a0' }),
    ).toEqual({
      shop: {
        name: 'Corner shop',
        address: 'Rue Haute 12',
        reference: null,
        latitude: null,
        longitude: null,
      },
      problems: [],
    })
  })

  test.each([
    ['50.8467', 50.8467],
    ['50,8467', 50.8467],
    [' 50.8467° ', 50.8467],
    ['50,8467 °', 50.8467],
    ['\u00a0-4.25\u00a0', -4.25],
    ['−4,25', -4.25],
    ['+4', 4],
    ['90', 90],
    ['', null],
    [' \u00a0', null],
  ])('has degrees in “%s”', (latitude, degrees) => {
    const longitude = degrees === null ? '' : '1'
    expect(read({ latitude, longitude })).toMatchObject({ shop: { latitude: degrees }, problems: [] })
  })

  test.each(['north', '50°48′', '50.8N', '1,234.5', '1e1', '50..8', 'NaN', '-'])(
    'has none in “%s”',
    (latitude) => {
      expect(problems({ latitude, longitude: '4' })).toEqual([
        { field: 'latitude', message: `“${latitude}” is not in degrees, such as 50.8467` },
      ])
    },
  )

  test('is in the world, and there as a whole', () => {
    expect(problems({ latitude: '90,1', longitude: '-180.5' })).toEqual([
      { field: 'latitude', message: 'Must be from -90 to 90 degrees' },
      { field: 'longitude', message: 'Must be from -180 to 180 degrees' },
    ])
    expect(problems({ latitude: '50' })).toEqual([
      { field: 'longitude', message: 'Is required beside the other one' },
    ])
    expect(problems({ longitude: '50' })).toEqual([
      { field: 'latitude', message: 'Is required beside the other one' },
    ])
    expect(placeProblems({ latitude: 0, longitude: 0 })).toEqual([])
  })

  test('has a name, and texts that fit', () => {
    expect(problems({ name: ' ' })).toEqual([{ field: 'name', message: 'Is required' }])
    const long = problems({ name: 'x'.repeat(201), address: 'x'.repeat(301), reference: 'x'.repeat(101) })
    expect(long.map(({ field }) => field).sort()).toEqual(['address', 'name', 'reference'])
  })
})

describe('a table', () => {
  const ids = (plan: ReturnType<typeof planShops>) => plan.updated.map(({ before }) => before.id)

  test('means by a reference the shop that has it, whatever it is called', () => {
    const plan = planShops(
      [row({ name: 'New name', reference: 'A' })],
      [shop('a', { reference: 'A' }), shop('b')],
    )
    expect(plan).toMatchObject({ created: [], unchanged: 0, problems: [] })
    expect(plan.updated[0]).toMatchObject({
      before: { id: 'a' },
      after: { name: 'New name', reference: 'A' },
    })
  })

  test('else the shop of the same name and address, however they are written', () => {
    const known = [shop('a', { address: 'Elsewhere' }), shop('b', { name: 'Café', address: 'Rue Haute' })]
    expect(ids(planShops([row({ name: 'CAFE', address: 'rue  haute' })], known))).toEqual(['b'])
    expect(planShops([row({ name: 'Cafe' })], known).created).toHaveLength(1)
  })

  test('gives a reference to a shop without one, and takes none away', () => {
    const known = [shop('a', { reference: 'A' }), shop('b')]
    expect(ids(planShops([row({ reference: 'B' })], known))).toEqual(['b'])
    expect(planShops([row({ reference: 'B' })], [known[0]!])).toMatchObject({
      created: [{ reference: 'B' }],
      updated: [],
    })
    expect(planShops([row()], [known[0]!])).toMatchObject({ created: [], updated: [], unchanged: 1 })
  })

  test('leaves what an empty cell says nothing of', () => {
    const known = shop('a', { reference: 'A', address: 'Rue Haute', latitude: 1, longitude: 2 })
    expect(planShops([row({ reference: 'A' })], [known]).unchanged).toBe(1)
    expect(
      planShops([row({ reference: 'A', latitude: '3', longitude: '4' })], [known]).updated[0]!.after,
    ).toEqual({
      name: 'Corner shop',
      address: 'Rue Haute',
      reference: 'A',
      latitude: 3,
      longitude: 4,
    })
  })

  test.each([
    ['the same reference', { name: 'One', reference: 'A' }, { name: 'Two', reference: 'A' }],
    ['the same name and address', { name: 'One' }, { name: 'one ' }],
    ['one of them with a reference', { name: 'One', reference: 'A' }, { name: 'One' }],
    ['the other with a reference', { name: 'One' }, { name: 'One', reference: 'A' }],
    ['one shop, by reference and by name', { name: 'New', reference: 'K' }, { name: 'Known' }],
  ])('means a shop once: %s', (_, first, second) => {
    const known = [shop('k', { name: 'Known', reference: 'K' })]
    const plan = planShops([row({ row: 5, ...first }), row({ row: 9, ...second })], known)
    expect(plan.problems).toEqual([{ row: 9, field: 'row', message: 'Is the same shop as row 5' }])
    expect(plan.created.length + plan.updated.length).toBe(1)
  })

  test('has two shops of one name and address where each has a reference', () => {
    const plan = planShops([row({ reference: 'A' }), row({ row: 3, reference: 'B' })], [])
    expect(plan).toMatchObject({ created: [{ reference: 'A' }, { reference: 'B' }], problems: [] })
  })

  test('tells shops apart by their coordinates where the address names no house', () => {
    const here = { address: 'Berlin', latitude: '52.51', longitude: '13.38' }
    const there = { address: 'Berlin', latitude: '52.43', longitude: '13.36' }
    const known = [shop('a', { address: 'Berlin', latitude: 52.51, longitude: 13.38 })]
    const plan = planShops([row({ row: 2, ...here }), row({ row: 3, ...there })], known)
    expect(plan).toMatchObject({ created: [{ latitude: 52.43 }], unchanged: 1, problems: [] })
    expect(planShops([row({ address: 'Berlin' })], known)).toMatchObject({ created: [], unchanged: 1 })
    expect(
      ids(planShops([row({ ...there, address: 'Berlin 5' })], [shop('b', { address: 'Berlin 5' })])),
    ).toEqual(['b'])
    const moved = [shop('c', { address: 'Rue 5', latitude: 1, longitude: 2 })]
    expect(ids(planShops([row({ ...there, address: 'Rue 5' })], moved))).toEqual(['c'])
    const twice = planShops([row({ row: 2, ...here }), row({ row: 3, ...here })], [])
    expect(twice.problems).toEqual([{ row: 3, field: 'row', message: 'Is the same shop as row 2' }])
  })

  test.each([
    ['unknown first', ['a', 'b']],
    ['unknown last', ['b', 'a']],
  ])('prefers the shop where the row says, then the one of which nobody knows: %s', (_, order) => {
    const of = { address: 'Market Square' }
    const both = { a: shop('a', of), b: shop('b', { ...of, latitude: 50, longitude: 8 }) }
    const known = order.map((id) => both[id as 'a' | 'b'])
    const there = row({ ...of, latitude: '50', longitude: '8' })
    expect(planShops([there], known)).toMatchObject({ created: [], updated: [], unchanged: 1 })
    const elsewhere = row({ ...of, row: 3, latitude: '51', longitude: '8' })
    expect(ids(planShops([elsewhere], known))).toEqual(['a'])
    // Each of them may have its row, also the one that says nothing of where it is.
    expect(planShops([there, row({ ...of, row: 4 })], known)).toMatchObject({ unchanged: 2, problems: [] })
    const house = { address: 'Rue 5' }
    const moved = [
      shop('c', { ...house, latitude: 1, longitude: 2 }),
      shop('d', house),
      shop('e', { ...house, latitude: 50, longitude: 8 }),
    ]
    const rows = [there, { ...elsewhere, row: 2 }].map((one) => ({ ...one, ...house }))
    expect(planShops([rows[0]!], moved).unchanged).toBe(1)
    expect(ids(planShops([rows[1]!], moved))).toEqual(['d'])
  })

  test('names every problem of a row and goes on; a bad row is nobody’s double', () => {
    const plan = planShops(
      [row({ row: 2, name: '', latitude: 'x' }), row({ row: 3, latitude: '1' }), row({ row: 4 })],
      [],
    )
    expect(plan.problems.map(({ row, field }) => [row, field])).toEqual([
      [2, 'name'],
      [2, 'latitude'],
      [2, 'longitude'],
      [3, 'longitude'],
    ])
    expect(plan.created).toHaveLength(1)
  })
})
