import { type TeamLevel, teamLevels } from '../contract/teams.ts'

/** What the tree needs to know of a team. */
export interface TreeTeam {
  id: string
  name: string
  level: TeamLevel
  parentId: string | null
  active: boolean
}

export const rankOf = (level: TeamLevel): number => teamLevels.indexOf(level)

/** Ids of the teams in use at or below those in use that `isTop` picks, as `scope_teams()` finds them in SQL. */
export function teamsAtOrBelow<T extends TreeTeam>(
  teams: readonly T[],
  isTop: (team: T) => boolean,
): Set<string> {
  const below = childrenOf(teams.filter(({ active }) => active))
  const found = new Set<string>()
  const visit = ({ id }: TreeTeam) => {
    if (found.has(id)) return
    found.add(id)
    below.get(id)?.forEach(visit)
  }
  teams.filter((team) => team.active && isTop(team)).forEach(visit)
  return found
}

/** Why a team of this level cannot be below `parent`; null when it can. `team.id` is null for a new one. */
export function whyNotBelow(team: { id: string | null; level: TeamLevel }, parent: TreeTeam): string | null {
  if (team.id === parent.id) return 'A team cannot be below itself'
  if (!parent.active) return 'This team is out of use'
  if (rankOf(parent.level) > rankOf(team.level)) return null
  return `${aLevel(team.level)} belongs below ${wordsOfHigher(team.level)}, and this is ${aLevel(parent.level).toLowerCase()}`
}

/** Why a team with these below it cannot be of this level; null when it can. */
export function whyNotLevel(level: TeamLevel, children: readonly TreeTeam[]): string | null {
  const child = children.find((team) => rankOf(team.level) >= rankOf(level))
  return child
    ? `${child.name}, below it, is ${aLevel(child.level).toLowerCase()}; move that or change its level first`
    : null
}

const aLevel = (level: TeamLevel) => `${level === 'area' ? 'An' : 'A'} ${level}`

function wordsOfHigher(level: TeamLevel): string {
  const higher = teamLevels.slice(rankOf(level) + 1).map((name) => aLevel(name).toLowerCase())
  if (higher.length === 0) return 'nothing'
  return higher.length === 1 ? higher[0]! : `${higher.slice(0, -1).join(', ')} or ${higher.at(-1)!}`
}

/** A team at its place in the tree as it is shown: `depth` from 1, and its place among its siblings. */
export interface Branch<T extends TreeTeam> {
  team: T
  depth: number
  position: number
  siblings: number
  hasChildren: boolean
}

/** The tree from top to bottom, siblings in the order given; a team whose parent is not there stands at the top. */
export function treeOf<T extends TreeTeam>(teams: readonly T[]): Branch<T>[] {
  const known = new Set(teams.map(({ id }) => id))
  const below = childrenOf(teams)
  const place = (siblings: readonly T[], depth: number): Branch<T>[] =>
    siblings.flatMap((team, index) => {
      const children = below.get(team.id) ?? []
      return [
        {
          team,
          depth,
          position: index + 1,
          siblings: siblings.length,
          hasChildren: children.length > 0,
        },
        ...place(children, depth + 1),
      ]
    })
  return place(
    teams.filter(({ parentId }) => parentId === null || !known.has(parentId)),
    1,
  )
}

function childrenOf<T extends TreeTeam>(teams: readonly T[]): Map<string, T[]> {
  const below = new Map<string, T[]>()
  for (const team of teams) {
    if (team.parentId === null) continue
    const siblings = below.get(team.parentId)
    if (siblings) siblings.push(team)
    else below.set(team.parentId, [team])
  }
  return below
}
