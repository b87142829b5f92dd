import { RefreshCw } from 'lucide-react'
import { Tabs } from 'radix-ui'
import { useEffect, useEffectEvent, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { Problem, QueueItem } from '#desktop/bridge/channels'
import { ask, on, problemOf } from '../../app/bridge.ts'
import { useLookups } from '../../app/lookups.ts'
import { useSync } from '../../app/sync.ts'
import { useWorkspace } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { readerZone, recentWords } from '../../ui/date-words.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { ItemDetail } from './ItemDetail.tsx'
import { stateWords } from './state-words.ts'
import { useObstacle } from './use-obstacle.ts'

type TabName = 'attention' | 'waiting'

const tabOf = (item: QueueItem): TabName => (item.state === 'waiting' ? 'waiting' : 'attention')

/** Everything that has not reached the server: what waits, and what stopped and needs a decision. */
export function SyncCentre({ site }: { site: SiteMembership }) {
  const { items, problem, reload } = useQueue()
  const { people } = useLookups(site.id)
  const wanted = useWorkspace((workspace) => workspace.attention)
  const [chosen, setChosen] = useState<{ tab: TabName; mutationId: string | null } | null>(null)

  const wantedItem = items?.find((item) => item.entityId === wanted && tabOf(item) === 'attention')
  const firstTab = wantedItem || items?.some((item) => tabOf(item) === 'attention') ? 'attention' : 'waiting'
  const tab = chosen?.tab ?? firstTab
  const inTab = items?.filter((item) => tabOf(item) === tab) ?? []
  const selected =
    inTab.find((item) => item.mutationId === chosen?.mutationId) ??
    (chosen ? undefined : wantedItem) ??
    inTab[0]
  const count = (name: TabName) => items?.filter((item) => tabOf(item) === name).length ?? 0

  return (
    <section aria-label="Sync centre" className="flex min-w-0 flex-1 max-[56rem]:flex-col">
      <Tabs.Root
        value={tab}
        onValueChange={(next) => setChosen({ tab: next as TabName, mutationId: null })}
        className="flex w-[330px] shrink-0 flex-col border-r border-line bg-surface max-[56rem]:max-h-[45%] max-[56rem]:w-full max-[56rem]:border-b"
      >
        <div className="flex h-[47px] shrink-0 items-center justify-between border-b border-line pr-2 pl-3.5">
          <h1 className="text-xl font-semibold tracking-tight">Sync centre</h1>
          <SendNow />
        </div>
        <Tabs.List aria-label="Queue" className="flex gap-1.5 border-b border-line px-3.5 py-2">
          <QueueTab value="attention" words="Needs attention" count={count('attention')} />
          <QueueTab value="waiting" words="Waiting" count={count('waiting')} />
        </Tabs.List>
        {(['attention', 'waiting'] as const).map((name) => (
          <Tabs.Content key={name} value={name} className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
            {problem && <ProblemNotice problem={problem} className="m-3" />}
            {items && inTab.length === 0 && <EmptyTab tab={name} />}
            <ul>
              {inTab.map((item) => (
                <QueueRow
                  key={item.mutationId}
                  item={item}
                  people={people}
                  selected={item === selected}
                  onSelect={() => setChosen({ tab: name, mutationId: item.mutationId })}
                />
              ))}
            </ul>
          </Tabs.Content>
        ))}
      </Tabs.Root>
      <div className="min-h-0 min-w-0 flex-1 overflow-y-auto bg-bg px-6 py-5">
        {selected && (
          <ItemDetail key={selected.mutationId} item={selected} items={items ?? []} onDone={reload} />
        )}
      </div>
    </section>
  )
}

function useQueue() {
  const [queue, setQueue] = useState<{ items: QueueItem[] | null; problem: Problem | null }>({
    items: null,
    problem: null,
  })
  const load = () =>
    ask('sync.queue', {}).then(
      ({ items }) => setQueue({ items, problem: null }),
      (error: unknown) => setQueue(({ items }) => ({ items, problem: problemOf(error) })),
    )
  const reload = useEffectEvent(load)
  useEffect(() => {
    void reload()
    const stops = [on('sync.changed', () => void reload()), on('data.changed', () => void reload())]
    return () => stops.forEach((stop) => stop())
  }, [])
  return { ...queue, reload: () => void load() }
}

function QueueTab({ value, words, count }: { value: TabName; words: string; count: number }) {
  return (
    <Tabs.Trigger
      value={value}
      className="rounded-full bg-surface-2 px-2.5 py-0.5 text-sm font-[550] text-muted data-[state=active]:bg-accent-soft data-[state=active]:text-accent"
    >
      {words} {count}
    </Tabs.Trigger>
  )
}

function QueueRow({
  item,
  people,
  selected,
  onSelect,
}: {
  item: QueueItem
  people: Record<string, string>
  selected: boolean
  onSelect: () => void
}) {
  const { short, bad } = stateWords(item, useObstacle(), people)
  return (
    <li className="border-b border-line">
      <button
        type="button"
        aria-current={selected ? 'true' : undefined}
        className="block w-full px-3.5 py-2.5 text-left -outline-offset-2 hover:bg-surface-2 aria-[current]:bg-accent-soft"
        onClick={onSelect}
      >
        <span className="flex items-baseline justify-between gap-3">
          <span className="truncate font-semibold">{item.title || 'No title yet'}</span>
          <span className="shrink-0 text-muted">{recentWords(item.savedAt, readerZone(), new Date())}</span>
        </span>
        <span className={`mt-0.5 block truncate ${bad ? 'text-bad' : 'text-muted'}`}>{short}</span>
      </button>
    </li>
  )
}

function EmptyTab({ tab }: { tab: TabName }) {
  return (
    <div role="status" className="px-6 py-14 text-center text-muted">
      <p className="font-semibold text-text">
        {tab === 'attention' ? 'Nothing needs your attention' : 'Nothing is waiting'}
      </p>
      <p className="mt-1">
        {tab === 'attention'
          ? 'Edits that cannot be saved as they are come here, with the reason.'
          : 'Everything you saved has reached the server.'}
      </p>
    </div>
  )
}

function SendNow() {
  const { online, working } = useSync()
  return (
    <Button
      look="quiet"
      disabled={!online || working}
      onClick={() => void ask('sync.now', {}).catch(() => undefined)}
    >
      <RefreshCw aria-hidden size={14} className={working ? 'animate-spin' : ''} /> Sync now
    </Button>
  )
}
