import { Tabs } from 'radix-ui'
import { type RefObject, useEffect, useRef, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { Problem } from '#desktop/bridge/channels'
import { useLookups } from '../../app/lookups.ts'
import { useSync } from '../../app/sync.ts'
import { useWorkspace } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { numberWords } from '../../ui/date-words.ts'
import { LongList } from '../../ui/LongList.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { CentreMenu } from './CentreMenu.tsx'
import { chainOf, inChains } from './edit-rows.ts'
import { EmptyTab } from './EmptyTab.tsx'
import { PastFieldDetail } from './FieldDetail.tsx'
import { ItemDetail } from './ItemDetail.tsx'
import { PastDetail } from './PastDetail.tsx'
import { PastRow, pastRows, QueueRow, queueRows } from './rows.tsx'
import { SendNow } from './SendNow.tsx'
import { type AnyItem, type AnyPast, usePast, useQueue } from './use-queue.ts'
import { besideWords, WaitingNote } from './WaitingNote.tsx'

const tabs = { attention: 'Needs attention', waiting: 'Waiting', sent: 'Sent' }
export type TabName = keyof typeof tabs

/** What became of every edit: what waits, what stopped and needs a decision, and what is over. */
export function SyncCentre({ site }: { site: SiteMembership | null }) {
  const wanted = useWorkspace((workspace) => workspace.attention)
  const [chosen, setChosen] = useState<{ tab: TabName; mutationId: string | null } | null>(null)
  const { people } = useLookups(site?.id ?? null)
  const queue = useQueue()
  const items = queue.value && inChains(queue.value)
  const stopped = items?.filter(({ state }) => state !== 'waiting') ?? []
  const waiting = items?.filter(({ state }) => state === 'waiting') ?? []
  // Photos of which only the bytes are still to be sent, and reasons, are counted, and no edits.
  const { waiting: counted, reasons } = useSync()
  const photos = items ? Math.max(0, counted - waiting.length - reasons) : 0
  const beside = besideWords(photos, reasons)
  const tab = chosen?.tab ?? (stopped.length > 0 ? 'attention' : 'waiting')
  const past = usePast(tab === 'sent')
  const detail = useRef<HTMLDivElement>(null)

  const inTab = { attention: stopped, waiting, sent: past.items ?? [] }[tab]
  const isWanted = (item: AnyItem | AnyPast) =>
    item.entityId === wanted || ('state' in item && chainOf(item) === wanted)
  const wantedItem = chosen ? undefined : (inTab as (AnyItem | AnyPast)[]).find(isWanted)
  const shown = inTab.find(({ mutationId }) => mutationId === chosen?.mutationId) ?? wantedItem ?? inTab[0]
  const shownId = shown?.mutationId
  const loaded = tab === 'sent' ? past.items !== null : items !== null
  const { problem, reload } = tab === 'sent' ? past : queue
  const list = {
    label: tabs[tab],
    chosen: shownId,
    onChoose: (mutationId: string) => setChosen({ tab, mutationId }),
    onOpen: () => detail.current?.focus(),
  }
  useFocusKept(shownId, detail)

  return (
    <section aria-label="Sync centre" className="flex min-w-0 flex-1 max-[56rem]:flex-col">
      <Tabs.Root
        value={tab}
        onValueChange={(next) => setChosen({ tab: next as TabName, mutationId: null })}
        className="flex w-[330px] shrink-0 flex-col border-r min-[100rem]:w-[400px] border-line bg-surface max-[56rem]:max-h-[45%] max-[56rem]:w-full max-[56rem]:border-b"
      >
        <div className="flex h-[47px] shrink-0 items-center gap-1 border-b border-line pr-2 pl-3.5">
          <h1 className="flex-1 truncate text-xl font-semibold tracking-tight">Sync centre</h1>
          <SendNow />
          <CentreMenu unsent={items?.length ?? 0} onDone={() => void reload()} />
        </div>
        <Tabs.List aria-label="Edits" className="flex gap-1.5 border-b border-line px-3.5 py-2">
          <TabButton name="attention" count={stopped.length} />
          <TabButton name="waiting" count={waiting.length} />
          <TabButton name="sent" />
        </Tabs.List>
        <Tabs.Content value={tab} tabIndex={-1} className="flex min-h-0 flex-1 flex-col">
          {problem && <Failed problem={problem} onRetry={() => void reload()} />}
          {!loaded && !problem && <Loading />}
          {tab === 'waiting' && waiting.length > 0 && <WaitingNote waiting={waiting} beside={beside} />}
          {tab === 'sent' ? (
            <LongList {...list} key={tab} rows={pastRows(past.items ?? [])} onNearEnd={past.showMore}>
              {(row) => <PastRow row={row} />}
            </LongList>
          ) : (
            <LongList {...list} key={tab} rows={queueRows(tab === 'waiting' ? waiting : stopped)}>
              {(row) => <QueueRow row={row} siteId={site?.id ?? null} people={people} />}
            </LongList>
          )}
        </Tabs.Content>
      </Tabs.Root>
      <div
        ref={detail}
        role="region"
        aria-label="Chosen edit"
        tabIndex={-1}
        className="min-h-0 min-w-0 flex-1 overflow-y-auto bg-bg px-6 py-5 -outline-offset-2"
      >
        {shown && 'outcome' in shown && shown.entity === 'interaction' && (
          <PastDetail key={shownId} item={shown} />
        )}
        {shown && 'outcome' in shown && shown.entity !== 'interaction' && (
          <PastFieldDetail key={shownId} item={shown} />
        )}
        {shown && 'state' in shown && (
          <ItemDetail
            key={shownId}
            item={shown}
            items={items ?? []}
            onShow={({ mutationId, state }) =>
              setChosen({ tab: state === 'waiting' ? 'waiting' : 'attention', mutationId })
            }
            onDone={() => void reload()}
          />
        )}
        {!shown && loaded && !problem && <EmptyTab tab={tab} beside={beside} />}
      </div>
    </section>
  )
}

/** When what had the keyboard is gone with the edit it belonged to, the next edit gets it. */
function useFocusKept(shownId: string | undefined, detail: RefObject<HTMLElement | null>) {
  const before = useRef(shownId)
  useEffect(() => {
    if (before.current && before.current !== shownId && document.activeElement === document.body)
      detail.current?.focus()
    before.current = shownId
  }, [shownId, detail])
}

function TabButton({ name, count }: { name: TabName; count?: number }) {
  return (
    <Tabs.Trigger
      value={name}
      className="rounded-full bg-surface-2 px-2.5 py-0.5 text-sm font-[550] text-muted data-[state=active]:bg-accent-soft data-[state=active]:text-accent"
    >
      {tabs[name]} {count === undefined ? '' : numberWords(count)}
    </Tabs.Trigger>
  )
}

function Failed({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  return (
    <div className="p-3">
      <ProblemNotice problem={problem} />
      <Button className="mt-2" onClick={onRetry}>
        Try again
      </Button>
    </div>
  )
}

function Loading() {
  return (
    <div role="status" aria-label="Reading your edits" className="space-y-5 px-3.5 py-4">
      {['w-3/4', 'w-2/3', 'w-1/2'].map((width) => (
        <div key={width} className="space-y-2">
          <div className={`skeleton h-3 ${width}`} />
          <div className="skeleton h-2.5 w-1/3" />
        </div>
      ))}
    </div>
  )
}
