import { ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useRef, useState } from 'react'
import type { Team } from '#common/contract/teams'
import { type Branch, treeOf } from '#common/rules/team-tree'
import { countWords } from '../../../ui/date-words.ts'
import { Pill } from '../../../ui/Pill.tsx'
import { levelWords } from './team-words.ts'

export const teamRowId = (id: string) => `team-${id}`

/** Those not inside a closed one. */
function shownOf(branches: readonly Branch<Team>[], closed: ReadonlySet<string>): Branch<Team>[] {
  let hiddenBelow = Infinity
  return branches.filter(({ team, depth }) => {
    if (depth > hiddenBelow) return false
    hiddenBelow = closed.has(team.id) ? depth : Infinity
    return true
  })
}

/**
 * The teams as a tree. Arrows go up and down, open and close, and into what is below; a letter goes to the next team
 * that begins with it; Enter opens the team beside it.
 */
export function TeamTree({
  teams,
  opened,
  onOpen,
}: {
  teams: readonly Team[]
  opened: string | undefined
  onOpen: (id: string, focus: boolean) => void
}) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [at, setAt] = useState<string | null>(null)
  const tree = useRef<HTMLDivElement>(null)
  const shown = shownOf(treeOf(teams), closed)
  const current = shown.find(({ team }) => team.id === (at ?? opened)) ?? shown[0]

  const go = (branch: Branch<Team> | undefined) => {
    if (!branch) return
    setAt(branch.team.id)
    tree.current?.querySelector<HTMLElement>(`#${CSS.escape(teamRowId(branch.team.id))}`)?.focus()
  }
  const toggle = (id: string, close: boolean) => {
    const next = new Set(closed)
    if (close) next.add(id)
    else next.delete(id)
    setClosed(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!current || event.ctrlKey || event.metaKey || event.altKey) return
    const index = shown.indexOf(current)
    const { team, depth, hasChildren } = current
    const isClosed = closed.has(team.id)
    const keys: Partial<Record<string, () => void>> = {
      ArrowDown: () => go(shown[index + 1]),
      ArrowUp: () => go(shown[index - 1]),
      Home: () => go(shown[0]),
      End: () => go(shown.at(-1)),
      ArrowRight: () => {
        if (hasChildren && isClosed) toggle(team.id, false)
        else if (hasChildren) go(shown[index + 1])
      },
      ArrowLeft: () => {
        if (hasChildren && !isClosed) toggle(team.id, true)
        else go(shown.slice(0, index).findLast((other) => other.depth < depth))
      },
      Enter: () => onOpen(team.id, true),
      ' ': () => onOpen(team.id, true),
    }
    const letter = event.key.length === 1 && event.key !== ' ' ? event.key.toLowerCase() : null
    const work =
      keys[event.key] ??
      (letter &&
        (() =>
          go(
            [...shown.slice(index + 1), ...shown.slice(0, index)].find((other) =>
              other.team.name.toLowerCase().startsWith(letter),
            ),
          )))
    if (!work) return
    event.preventDefault()
    event.stopPropagation()
    work()
  }

  return (
    <div className="@container">
      <div ref={tree} role="tree" aria-label="Teams" className="border-t border-line" onKeyDown={onKeyDown}>
        {shown.map(({ team, depth, position, siblings, hasChildren }) => (
          <div
            key={team.id}
            id={teamRowId(team.id)}
            role="treeitem"
            aria-level={depth}
            aria-posinset={position}
            aria-setsize={siblings}
            aria-expanded={hasChildren ? !closed.has(team.id) : undefined}
            aria-selected={team.id === opened}
            tabIndex={team.id === current?.team.id ? 0 : -1}
            className={`flex h-11 cursor-pointer items-center gap-3 border-b border-line pr-3 -outline-offset-2 ${
              team.id === opened ? 'bg-accent-soft' : 'hover:bg-surface-2'
            }`}
            onFocus={() => setAt(team.id)}
            onClick={() => onOpen(team.id, false)}
          >
            <span
              className="flex min-w-0 flex-1 items-center gap-1"
              style={{ paddingLeft: `${(depth - 1) * 22 + 4}px` }}
            >
              {hasChildren ? (
                <span
                  className="grid size-6 shrink-0 place-items-center rounded-sm text-muted hover:bg-surface-2"
                  onClick={(event) => {
                    event.stopPropagation()
                    toggle(team.id, !closed.has(team.id))
                  }}
                >
                  <ChevronRight aria-hidden size={15} className={closed.has(team.id) ? '' : 'rotate-90'} />
                </span>
              ) : (
                <span className="w-6 shrink-0" />
              )}
              <span className={`truncate font-[550] ${team.active ? '' : 'text-muted'}`} title={team.name}>
                {team.name}
              </span>
              {!team.active && <span className="ml-1 shrink-0 text-sm text-muted">Out of use</span>}
            </span>
            <span className="flex w-20 shrink-0">
              <Pill tone={levelWords[team.level].tone}>{levelWords[team.level].words}</Pill>
            </span>
            <span className="w-44 shrink-0 truncate text-muted @max-[42rem]:hidden">
              {team.leaderName ?? 'No leader'}
            </span>
            <span className="w-24 shrink-0 text-right text-muted tabular-nums">
              {team.members === 0 ? 'Nobody' : countWords(team.members, 'person', 'people')}
            </span>
          </div>
        ))}
      </div>
    </div>
  )
}
