import { CloudOff, Inbox, SearchX, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { clearEverything, useFinder } from '../../app/finder.ts'
import { useMay } from '../../app/session.ts'
import { useIsFetching, useSync } from '../../app/sync.ts'
import { progressWords } from '../../app/sync-words.ts'
import { startNew } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'

/** What stands in the list's place when there are no rows to show. */
export function FinderState({ siteName, onRetry }: { siteName: string; onRetry: () => void }) {
  const problem = useFinder((finder) => finder.problem)
  const isEmpty = useFinder(({ total }) => total === 0)
  const isNothing = useFinder(({ found }) => found === 0)
  if (problem) return <Failed problem={problem} onRetry={onRetry} />
  if (isEmpty) return <EmptySite siteName={siteName} />
  if (isNothing) return <NothingFound />
  return null
}

function Failed({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  return (
    <State
      icon={<TriangleAlert aria-hidden size={22} className="text-bad" />}
      title="The records could not be read"
      urgent
    >
      <p>{problem.message}</p>
      {problem.reference && <p className="text-sm select-text">Reference {problem.reference}</p>}
      <Button className="mt-2" onClick={onRetry}>
        Try again
      </Button>
    </State>
  )
}

function EmptySite({ siteName }: { siteName: string }) {
  const mayCreate = useMay('interaction.create')
  const online = useSync((sync) => sync.online)
  const fetching = useIsFetching()
  if (fetching && !online) {
    return (
      <State icon={<CloudOff aria-hidden size={22} />} title="Nothing has been fetched yet">
        <p>
          The records of {siteName} come to this device by themselves once it is online. What you add
          meanwhile is kept and sent then.
        </p>
        {mayCreate && <NewButton />}
      </State>
    )
  }
  if (fetching) {
    return (
      <State icon={<Inbox aria-hidden size={22} />} title="Fetching the records">
        <p>
          The newest of {siteName} appear here first, in a moment. You can add new ones already; they are kept
          and sent.
        </p>
        {mayCreate && <NewButton />}
      </State>
    )
  }
  return (
    <State icon={<Inbox aria-hidden size={22} />} title={`No interactions in ${siteName} yet`}>
      <p>
        {mayCreate
          ? 'Write down the first meeting, call or visit.'
          : 'They appear here when somebody adds one.'}
      </p>
      {mayCreate && <NewButton />}
    </State>
  )
}

/** During the first fetch: how far it is, that one can work meanwhile, and that it goes on by itself. */
export function FirstSyncNote() {
  const { online, firstSync } = useSync()
  const words = firstSync && progressWords(firstSync)
  if (!words) return null
  const { stored, remaining } = firstSync
  return (
    <span className="flex items-center gap-2">
      <progress
        aria-label="Records fetched"
        className="progress h-1.5 w-24 shrink-0"
        max={stored + remaining}
        value={stored}
      />
      {online
        ? `Fetching ${words} records, the newest first. Counts are not final until then.`
        : `${words} records are here. The rest comes by itself once you are online.`}
    </span>
  )
}

function NothingFound() {
  const fetching = useIsFetching()
  return (
    <State
      icon={<SearchX aria-hidden size={22} />}
      title={fetching ? 'Nothing found so far' : 'Nothing found'}
    >
      <p>
        No interaction matches this search and these filters
        {fetching ? ' yet; more records are still to be fetched.' : '.'}
      </p>
      <Button className="mt-2" onClick={clearEverything}>
        Clear filters
      </Button>
    </State>
  )
}

const NewButton = () => (
  <Button look="primary" className="mt-2" onClick={startNew}>
    New interaction
  </Button>
)

function State({
  icon,
  title,
  urgent = false,
  children,
}: {
  icon: ReactNode
  title: string
  urgent?: boolean
  children: ReactNode
}) {
  return (
    <div
      role={urgent ? 'alert' : 'status'}
      className="absolute inset-x-0 top-8 bottom-0 grid place-items-center overflow-auto bg-surface p-6"
    >
      <div className="flex max-w-80 flex-col items-center gap-1 pb-16 text-center text-muted">
        <span className="mb-2 grid size-11 place-items-center rounded-full bg-surface-2">{icon}</span>
        <h2 className="text-lg font-semibold text-text">{title}</h2>
        {children}
      </div>
    </div>
  )
}
