import { ChevronLeft, Copy, Ellipsis } from 'lucide-react'
import { useState } from 'react'
import type { WholeCycle } from '#common/contract/call-cycles'
import type { Problem } from '#desktop/bridge/channels'
import { Failed, Loading } from '../../app/AdminScreen.tsx'
import { ask, problemOf } from '../../app/bridge.ts'
import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { tell, whenClean } from '../../app/workspace.ts'
import { Ask } from '../../ui/Ask.tsx'
import { Button } from '../../ui/Button.tsx'
import { asSentence } from '../../ui/field-errors.ts'
import { Menu, MenuItem } from '../../ui/Menu.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Pill } from '../../ui/Pill.tsx'
import { CycleForm } from './CycleForm.tsx'
import { CycleStatus } from './CycleStatus.tsx'
import { daysWords, hasBegun, hasEnded, recurrenceWords } from './cycle-words.ts'
import { type CycleValues, valuesOf } from './cycle-values.ts'
import { EndCycle } from './EndCycle.tsx'

export const allCycles = 'all call cycles'

/** One cycle in place of the list: how it is kept, and what it is. */
export function CyclePage({
  id,
  backTo,
  onCopy,
  onClose,
}: {
  id: string
  /** What closing it shows. */
  backTo: string
  onCopy: (whole: WholeCycle) => void
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  const { value, problem, reload, setValue } = useAnswer(`${online} ${id}`, () => ask('cycles.read', { id }))
  const [tab, setTab] = useState<'status' | 'plan'>('status')
  const [dialog, setDialog] = useState<'end' | 'delete' | null>(null)
  const [failure, setFailure] = useState<Problem | null>(null)
  const back = () => whenClean(onClose)
  if (!value)
    return (
      <PageFrame title="Call cycle" backTo={backTo} onBack={back}>
        <div className="flex flex-1 flex-col p-5">
          {problem ? (
            <Failed
              problem={problem}
              title="The call cycle could not be read"
              onRetry={() => void reload()}
            />
          ) : (
            <Loading words="Opening the call cycle" />
          )}
        </div>
      </PageFrame>
    )
  const { cycle, siteName, ownerName, mayManage } = value
  const begun = hasBegun(cycle)
  const reread = async () => {
    const now = await ask('cycles.read', { id }).catch(() => null)
    if (now) setValue(now)
    return now
  }
  const changed = () => {
    setDialog(null)
    void reload()
  }
  const remove = async () => {
    setDialog(null)
    try {
      await ask('cycles.remove', { id })
      tell(`${cycle.name} is deleted.`)
      onClose()
    } catch (error) {
      setFailure(asSentence(problemOf(error)))
    }
  }
  return (
    <PageFrame
      title={cycle.name}
      about={[ownerName, siteName, recurrenceWords(cycle.recurrence), daysWords(cycle)].join(' · ')}
      badge={hasEnded(cycle) ? <Pill tone="plain">Ended</Pill> : !begun && <Pill tone="blue">Not begun</Pill>}
      backTo={backTo}
      onBack={back}
      actions={
        mayManage && (
          <>
            <div role="tablist" aria-label="Call cycle" className="flex rounded-md bg-surface-2 p-0.5">
              {(['status', 'plan'] as const).map((each) => (
                <button
                  key={each}
                  type="button"
                  role="tab"
                  aria-selected={tab === each}
                  className="h-[27px] rounded-[5px] px-3 font-[550] text-muted hover:text-text aria-selected:bg-surface aria-selected:text-text aria-selected:shadow-[0_0_0_1px_var(--line)]"
                  onClick={() => whenClean(() => setTab(each))}
                >
                  {each === 'status' ? 'How it is kept' : 'Plan'}
                </button>
              ))}
            </div>
            <Menu
              label="What to do with this call cycle"
              align="end"
              trigger={
                <Button look="icon-plain" aria-label="More for this call cycle">
                  <Ellipsis aria-hidden size={16} />
                </Button>
              }
            >
              <MenuItem disabled={!online} onSelect={() => whenClean(() => onCopy(value))}>
                <Copy aria-hidden size={14} /> Copy for somebody else…
              </MenuItem>
              {begun ? (
                <MenuItem disabled={!online} onSelect={() => whenClean(() => setDialog('end'))}>
                  End…
                </MenuItem>
              ) : (
                <MenuItem disabled={!online} onSelect={() => whenClean(() => setDialog('delete'))}>
                  <span className="text-bad">Delete…</span>
                </MenuItem>
              )}
            </Menu>
          </>
        )
      }
    >
      {failure && <ProblemNotice problem={failure} className="mx-5 mt-3" />}
      {tab === 'status' || !mayManage ? (
        <CycleStatus key={cycle.version} whole={value} />
      ) : (
        <CycleForm
          // What was done about it elsewhere on the page is in it at once.
          key={cycle.endsOn}
          siteId={cycle.siteId}
          whole={value}
          start={valuesOf(value)}
          onSaved={() => undefined}
          onReread={reread}
          onClose={back}
        />
      )}
      {dialog === 'end' && <EndCycle cycle={cycle} onDone={changed} onClose={() => setDialog(null)} />}
      <Ask
        open={dialog === 'delete'}
        title={`Delete ${cycle.name}?`}
        no="Keep it"
        onNo={() => setDialog(null)}
        actions={
          <Button look="danger-solid" onClick={() => void remove()}>
            Delete
          </Button>
        }
      >
        <p>It has not begun: nothing is lost but the plan itself.</p>
      </Ask>
    </PageFrame>
  )
}

/** A new cycle, perhaps the copy of another. */
export function NewCyclePage({
  siteId,
  start,
  onSaved,
  onClose,
}: {
  siteId: string
  start: CycleValues
  onSaved: (id: string) => void
  onClose: () => void
}) {
  const back = () => whenClean(onClose)
  return (
    <PageFrame title="New call cycle" backTo={allCycles} onBack={back}>
      <CycleForm
        siteId={siteId}
        whole={null}
        start={start}
        onSaved={({ id }) => onSaved(id)}
        onReread={() => Promise.resolve(null)}
        onClose={back}
      />
    </PageFrame>
  )
}

const PageFrame = ({
  title,
  about,
  badge,
  actions,
  backTo,
  onBack,
  children,
}: {
  title: string
  about?: string
  badge?: React.ReactNode
  actions?: React.ReactNode
  backTo: string
  onBack: () => void
  children: React.ReactNode
}) => (
  <section aria-label="Call cycle" className="flex min-w-0 flex-1 flex-col bg-surface">
    <div className="flex min-h-[47px] flex-wrap items-center gap-2 border-b border-line px-5 py-1.5">
      <Button look="icon-plain" aria-label={`Back to ${backTo}`} title={`Back to ${backTo}`} onClick={onBack}>
        <ChevronLeft aria-hidden size={16} />
      </Button>
      <h1 className="min-w-0 truncate pl-1 text-xl font-semibold tracking-tight">{title}</h1>
      {badge}
      <span className="min-w-0 flex-1 truncate text-muted">{about}</span>
      {actions}
    </div>
    {children}
  </section>
)
