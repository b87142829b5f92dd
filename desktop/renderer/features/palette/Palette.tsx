import { ArrowRight, Building2, CornerDownRight, FileText, type LucideIcon, Search } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { type Command, commandsOf } from '../../app/commands.ts'
import { type ShortcutName, shortcuts } from '../../app/keys.ts'
import { showOverlay, useOverlay } from '../../app/overlay.ts'
import { useScreens } from '../../app/screens.ts'
import { useMay, useSession } from '../../app/session.ts'
import { focusSearch } from '../../app/shortcuts.ts'
import { startSignOut } from '../../app/SignOut.tsx'
import { showSupport } from '../../app/support.ts'
import { leaveTenant } from '../../app/EnteredBar.tsx'
import { switchSite } from '../../app/switch-site.ts'
import { openRecord, showScreen, startNew, useWorkspace } from '../../app/workspace.ts'
import { momentWords } from '../../ui/date-words.ts'
import { useFocusBack } from '../../ui/focus-back.ts'
import { KeyCombination } from '../../ui/Kbd.tsx'
import { usePause } from '../../ui/pause.ts'
import { best } from './match.ts'

/** One line to have anything done, go anywhere and open any record of the site. */
export const Palette = ({ site }: { site: SiteMembership | null }) =>
  useOverlay((overlay) => overlay.open === 'palette') && <OpenPalette site={site} />

function OpenPalette({ site }: { site: SiteMembership | null }) {
  const giveBack = useFocusBack()
  const chosen = useRef<() => void>(null)
  return (
    <Dialog.Root open onOpenChange={(next) => !next && showOverlay(null)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="floating fixed top-[min(14%,7rem)] left-1/2 z-50 flex max-h-[70%] w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 flex-col overflow-hidden"
          onCloseAutoFocus={(event) => {
            giveBack(event)
            // What was chosen may put the keyboard elsewhere.
            chosen.current?.()
          }}
        >
          <Dialog.Title className="sr-only">Commands</Dialog.Title>
          <Choices
            site={site}
            onTake={(run) => {
              chosen.current = run
              showOverlay(null)
            }}
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

interface Choice {
  id: string
  group: string
  words: string
  icon: LucideIcon
  detail?: string
  shortcut?: ShortcutName
  run: () => void
}

const groups = ['On this screen', 'Go to', 'Site', 'Records', 'Everywhere']
const mostRecords = 8

function Choices({ site, onTake }: { site: SiteMembership | null; onTake: (run: () => void) => void }) {
  const id = useId()
  const [typed, setTyped] = useState('')
  const [active, setActive] = useState(0)
  const records = useRecords(site?.id ?? null, typed)
  const commands = useChoices(site)
  const found = [...best(commands, typed), ...records.map(recordChoice)].toSorted(
    (a, b) => groups.indexOf(a.group) - groups.indexOf(b.group),
  )
  const chosen = Math.min(active, found.length - 1)
  const take = (choice: Choice | undefined) => choice && onTake(choice.run)
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && found.length > 0) {
      event.preventDefault()
      setActive((found.length + chosen + step) % found.length)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      take(found[chosen])
    }
  }
  return (
    <>
      <div className="relative border-b border-line">
        <Search
          aria-hidden
          size={15}
          className="pointer-events-none absolute top-1/2 left-4 -translate-y-1/2 text-muted"
        />
        <input
          type="text"
          role="combobox"
          aria-label="Find a command, a screen or a record"
          placeholder="Find a command, a screen or a record"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={found[chosen] ? `${id}-${chosen}` : undefined}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          className="h-12 w-full bg-transparent pr-4 pl-10.5 text-lg outline-none"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setActive(0)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label="Commands" className="min-h-0 overflow-y-auto p-1.5">
        {groups.map((group) => {
          const inGroup = found.filter((choice) => choice.group === group)
          return (
            inGroup.length > 0 && (
              <div key={group} role="group" aria-label={group}>
                <div aria-hidden className="px-2.5 pt-2 pb-1 text-xs font-semibold text-muted">
                  {group}
                </div>
                {inGroup.map((choice) => {
                  const index = found.indexOf(choice)
                  return (
                    <Option
                      key={choice.id}
                      id={`${id}-${index}`}
                      choice={choice}
                      active={index === chosen}
                      onPoint={() => setActive(index)}
                      onTake={() => take(choice)}
                    />
                  )
                })}
              </div>
            )
          )
        })}
      </div>
      <p role="status" className={found.length > 0 ? 'sr-only' : 'px-4 pt-1 pb-4 text-muted'}>
        {found.length === 0 ? 'Nothing has this name.' : `${found.length} to choose from`}
      </p>
    </>
  )
}

function Option({
  id,
  choice: { words, detail, icon: Icon, shortcut },
  active,
  onPoint,
  onTake,
}: {
  id: string
  choice: Choice
  active: boolean
  onPoint: () => void
  onTake: () => void
}) {
  return (
    <div
      id={id}
      role="option"
      aria-selected={active}
      ref={active ? (element) => element?.scrollIntoView({ block: 'nearest' }) : null}
      className="flex min-h-8 items-center gap-2.5 rounded-md px-2.5 py-1 aria-selected:bg-accent-soft"
      onMouseMove={() => !active && onPoint()}
      onClick={onTake}
    >
      <Icon aria-hidden size={14} className="shrink-0 text-muted" />
      <span className="min-w-0 truncate">{words}</span>
      {detail && <span className="ml-auto shrink-0 text-sm text-muted">{detail}</span>}
      {shortcut && <KeyCombination keys={shortcuts[shortcut].keys[0]} className="ml-auto" />}
    </div>
  )
}

function useChoices(site: SiteMembership | null): Choice[] {
  const view = useWorkspace((workspace) => workspace.view)
  const sites = useSession(({ user }) => user?.sites ?? [])
  const screens = useScreens()
  const mayCreate = useMay('interaction.create')
  const entered = useSession((session) => session.entered)
  const form = useWorkspace((workspace) => workspace.form)
  // As they are at the moment the palette opens.
  const [ofScreen] = useState((): Command[] => commandsOf(view))
  const everywhere: Omit<Choice, 'group' | 'icon'>[] = [
    ...(mayCreate ? [{ id: 'new', words: 'New interaction', shortcut: 'add' as const, run: startNew }] : []),
    ...(form ? [{ id: 'save', words: 'Save', shortcut: 'save' as const, run: () => void form.save() }] : []),
    ...(site ? [{ id: 'search', words: 'Search', shortcut: 'search' as const, run: focusSearch }] : []),
    ...(entered ? [{ id: 'leave', words: `Leave ${entered.name}`, run: leaveTenant }] : []),
    { id: 'help', words: 'Show the shortcuts', shortcut: 'help', run: () => showOverlay('help') },
    { id: 'support', words: 'Support…', run: () => showSupport() },
    { id: 'about', words: 'Show the version and updates', run: () => showOverlay('about') },
    { id: 'sign-out', words: 'Sign out…', run: startSignOut },
  ]
  return [
    ...ofScreen.map((command) => ({ ...command, group: 'On this screen', icon: CornerDownRight })),
    ...screens
      .filter((screen) => screen.view !== view)
      .map((screen) => ({
        id: `go-${screen.view}`,
        group: 'Go to',
        words: `Go to ${screen.words}`,
        icon: screen.icon,
        run: () => showScreen(screen.view),
      })),
    ...sites
      .filter(({ id }) => id !== site?.id)
      .map(({ id, name }) => ({
        id: `site-${id}`,
        group: 'Site',
        words: `Switch to ${name}`,
        icon: Building2,
        run: () => switchSite(id),
      })),
    ...everywhere.map((command) => ({ ...command, group: 'Everywhere', icon: ArrowRight })),
  ]
}

const recordChoice = ({ id, title, type, startDateTime, timezone }: LocalInteraction): Choice => ({
  id: `record-${id}`,
  group: 'Records',
  words: title ?? 'No title yet',
  icon: FileText,
  detail: [type, startDateTime && timezone && momentWords(startDateTime, timezone)]
    .filter(Boolean)
    .join(' · '),
  run: () => openRecord(id, { focus: true }),
})

/** The records of the site that a search for `typed` finds, the newest first. */
function useRecords(siteId: string | null, typed: string): LocalInteraction[] {
  const [found, setFound] = useState<{ typed: string; rows: LocalInteraction[] }>({ typed: '', rows: [] })
  const { after } = usePause(150)
  const search = typed.trim()
  useEffect(() => {
    let current = true
    if (search.length >= 2 && siteId !== null) {
      after(() => {
        ask('finder.query', { siteId, filter: { search }, sort: [], offset: 0, limit: mostRecords }).then(
          ({ rows }) => current && setFound({ typed: search, rows }),
          () => undefined,
        )
      })
    }
    return () => {
      current = false
    }
  }, [after, search, siteId])
  return search.length >= 2 ? found.rows : []
}
