import { expect, test } from 'vitest'
import { type TreeTeam, teamsAtOrBelow, treeOf, whyNotBelow, whyNotLevel } from './team-tree.ts'

const team = (
  id: string,
  level: TreeTeam['level'],
  parentId: string | null = null,
  active = true,
): TreeTeam => ({
  id,
  name: id,
  level,
  parentId,
  active,
})

const germany = team('Germany', 'nation')
const north = team('North', 'region', 'Germany')
const coast = team('Coast', 'area', 'North')
const harbour = team('Harbour', 'team', 'Coast')
const south = team('South', 'region', 'Germany')
const all = [coast, germany, harbour, north, south]

test('what is below a team is what its leader reaches, as far as it is in use', () => {
  const below = (name: string, teams = all) => [...teamsAtOrBelow(teams, ({ id }) => id === name)].sort()
  expect(below('North')).toEqual(['Coast', 'Harbour', 'North'])
  expect(below('Harbour')).toEqual(['Harbour'])
  expect(below('nobody')).toEqual([])
  const stopped = all.map((each) => (each === coast ? { ...coast, active: false } : each))
  expect(below('North', stopped)).toEqual(['North'])
  expect(below('Coast', stopped)).toEqual([])
})

test('a circle, which the database does not let be, ends all the same', () => {
  const [one, two] = [team('one', 'area', 'two'), team('two', 'area', 'one')]
  expect([...teamsAtOrBelow([one, two], ({ id }) => id === 'one')]).toEqual(['one', 'two'])
})

test('a parent is of a higher level, in use, and another team; else it is said why not', () => {
  expect(whyNotBelow(harbour, coast)).toBeNull()
  expect(whyNotBelow(harbour, germany)).toBeNull()
  expect(whyNotBelow({ id: null, level: 'team' }, harbour)).toBe(
    'A team belongs below an area, a region or a nation, and this is a team',
  )
  expect(whyNotBelow(germany, north)).toBe('A nation belongs below nothing, and this is a region')
  expect(whyNotBelow(north, coast)).toBe('A region belongs below a nation, and this is an area')
  expect(whyNotBelow(north, north)).toBe('A team cannot be below itself')
  expect(whyNotBelow(harbour, { ...coast, active: false })).toBe('This team is out of use')
})

test('a level has room for what is below', () => {
  expect(whyNotLevel('region', [coast])).toBeNull()
  expect(whyNotLevel('team', [])).toBeNull()
  expect(whyNotLevel('area', [coast])).toBe(
    'Coast, below it, is an area; move that or change its level first',
  )
})

test('the tree is told from top to bottom, a team of unknown parents at the top', () => {
  expect(
    treeOf(all).map(({ team: { id }, depth, position, siblings }) => [id, depth, position, siblings]),
  ).toEqual([
    ['Germany', 1, 1, 1],
    ['North', 2, 1, 2],
    ['Coast', 3, 1, 1],
    ['Harbour', 4, 1, 1],
    ['South', 2, 2, 2],
  ])
  expect(treeOf([coast, harbour]).map(({ team: { id }, depth }) => [id, depth])).toEqual([
    ['Coast', 1],
    ['Harbour', 2],
  ])
})
