import { CloudOff, TriangleAlert } from 'lucide-react'
import { type ReactNode, useEffect, useEffectEvent } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { Button } from '../ui/Button.tsx'
import { State } from '../ui/State.tsx'
import { useSync } from './sync.ts'

/** A screen on which things are looked after: what it is about, what can be done, and the things. */
export function AdminScreen({
  title,
  about,
  actions,
  children,
}: {
  title: string
  about?: string
  actions?: ReactNode
  children: ReactNode
}) {
  return (
    <section aria-label={title} className="flex min-w-0 flex-1 flex-col bg-surface">
      <div className="flex min-h-[47px] flex-wrap items-center gap-2 border-b border-line px-5 py-1.5">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        <span className="flex-1" />
        {actions}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="flex min-h-full flex-col px-5 py-4">
          {about && <p className="mb-3.5 max-w-2xl text-muted">{about}</p>}
          {children}
        </div>
      </div>
    </section>
  )
}

/** Why there is nothing to show: the server cannot be reached, or something failed. */
export function Failed({
  problem,
  title,
  onRetry,
}: {
  problem: Problem
  title: string
  onRetry: () => void
}) {
  if (problem.code === 'SERVICE_UNAVAILABLE') return <Offline onRetry={onRetry} />
  return (
    <State icon={TriangleAlert} title={title} urgent>
      <p>{problem.message}</p>
      {problem.reference && <p className="text-sm select-text">Reference {problem.reference}</p>}
      <Button className="mt-2" onClick={onRetry}>
        Try again
      </Button>
    </State>
  )
}

/** Milliseconds. */
const retryEvery = 5_000

/** Sync may not have noticed yet that the server is away, or only for a moment: then nothing else would ask again. */
function Offline({ onRetry }: { onRetry: () => void }) {
  const online = useSync((sync) => sync.online)
  const retry = useEffectEvent(onRetry)
  useEffect(() => {
    if (!online) return
    const timer = setInterval(() => retry(), retryEvery)
    return () => clearInterval(timer)
  }, [online])
  return (
    <State icon={CloudOff} title="The server cannot be reached">
      <p>This is kept on the server. It shows by itself once you are online.</p>
      <Button className="mt-2" onClick={onRetry}>
        Try again
      </Button>
    </State>
  )
}

export function Loading({ words }: { words: string }) {
  return (
    <div role="status" aria-label={words} className="divide-y divide-line border-y border-line">
      {['w-1/2', 'w-2/3', 'w-2/5', 'w-3/5', 'w-1/2'].map((width, index) => (
        <div key={index} className="flex h-11 items-center gap-6">
          <div className={`skeleton h-3 ${width}`} />
          <div className="skeleton h-3 w-24" />
        </div>
      ))}
    </div>
  )
}
