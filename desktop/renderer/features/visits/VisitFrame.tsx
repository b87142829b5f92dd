import { Check } from 'lucide-react'
import { Tabs } from 'radix-ui'
import { type ReactNode, useEffect } from 'react'
import { distanceFrom, visitTypeWords } from '#common/rules/visit-rules'
import { gapsOf } from '#common/rules/survey-flow'
import type { OpenVisit } from '#desktop/bridge/field'
import { afterDrawing } from '../../ui/after-drawing.ts'
import { momentWords, spanWords } from '../../ui/date-words.ts'
import { focusScreen } from '../../ui/focus-back.ts'
import { Pill } from '../../ui/Pill.tsx'
import { answeredOf, evidenceOf, questionsOf, shelfPhotosOf } from './evidence.ts'
import { fromShopWords, positionWords } from '../../ui/place-words.ts'
import { visitName } from './visit-words.ts'
import { statusWords } from '../../ui/visit-labels.ts'

export const stepNames = ['survey', 'photos', 'shelf', 'notes'] as const
export type StepName = (typeof stepNames)[number]

/** The steps there are, with how far each is. */
export function stepsOf(open: OpenVisit): { name: StepName; words: string; isDone: boolean }[] {
  const questions = questionsOf(open)
  const evidence = evidenceOf(open)
  const { answered, shown } = answeredOf(questions, evidence)
  const shelves = shelfPhotosOf(open)
  const marked = shelves.filter(({ quadrants }) => quadrants.length > 0).length
  const count = open.photos.length
  return [
    ...(open.survey
      ? [
          {
            name: 'survey' as const,
            words: `Survey ${answered}/${shown}`,
            isDone: gapsOf(questions, evidence).length === 0 && answered > 0,
          },
        ]
      : []),
    { name: 'photos', words: `Photos ${count}`, isDone: count > 0 },
    {
      name: 'shelf',
      words: shelves.length > 0 ? `Shelf ${marked}/${shelves.length}` : 'Shelf',
      isDone: shelves.length > 0 && marked === shelves.length,
    },
    { name: 'notes', words: 'Notes', isDone: open.visit.notes.trim() !== '' },
  ]
}

/** What a visit page always has: what the visit is, what can be done with it, and its steps as tabs. */
export function VisitFrame({
  open,
  saved,
  actions,
  notices,
  step,
  onStep,
  children,
}: {
  open: OpenVisit
  /** Whether what was written is kept. */
  saved?: ReactNode
  actions: ReactNode
  notices?: ReactNode
  step: StepName
  onStep: (step: StepName) => void
  /** The step that is shown. */
  children: ReactNode
}) {
  const { visit, shop } = open
  const name = visitName({ shopName: shop?.name ?? null, visitType: visit.visitType })
  const distance = visit.position?.source === 'shop' ? null : distanceFrom(shop, visit.position)
  const steps = stepsOf(open)
  // What it was opened with is gone, and the keyboard with it.
  useEffect(() => afterDrawing(focusScreen), [])
  return (
    <section aria-label="Visit" className="flex min-w-0 flex-1 flex-col bg-bg">
      <header className="flex flex-wrap items-center gap-x-2.5 gap-y-1.5 px-5 pt-3.5 pb-2">
        <h1 className="min-w-0 truncate text-xl font-semibold tracking-tight" title={shop?.address || name}>
          {name}
        </h1>
        {shop && <Pill tone="violet">{visitTypeWords[visit.visitType]}</Pill>}
        {visit.status !== 'in_progress' && (
          <Pill tone={statusWords[visit.status].tone}>{statusWords[visit.status].words}</Pill>
        )}
        <p className="min-w-0 text-muted">
          <span title={visit.timezone}>{timeWords(open)}</span>
          {distance && !distance.isFar && ` · ${fromShopWords(distance)}`}
          {!distance && visit.position?.source === 'shop' && ' · at the shop'}
          {distance?.isFar && (
            <>
              {' · '}
              <span className="font-[550] text-warn" title={positionWords(visit.position!)}>
                {fromShopWords(distance)}
              </span>
            </>
          )}
          {saved && <> · {saved}</>}
        </p>
        <span className="flex-1" />
        <div className="flex items-center gap-2">{actions}</div>
      </header>
      {notices && <div className="space-y-2 px-5 pb-2 empty:hidden">{notices}</div>}
      <Tabs.Root
        value={step}
        onValueChange={(next) => onStep(next as StepName)}
        activationMode="manual"
        className="flex min-h-0 flex-1 flex-col"
      >
        <Tabs.List aria-label="Steps of the visit" className="flex flex-wrap gap-1.5 px-5 pb-2.5">
          {steps.map(({ name: stepName, words, isDone }) => (
            <Tabs.Trigger
              key={stepName}
              value={stepName}
              className={`flex h-[26px] items-center gap-1 rounded-full px-2.5 font-[550] hover:brightness-95 data-[state=active]:bg-accent-soft data-[state=active]:text-accent data-[state=active]:shadow-[inset_0_0_0_1.5px_var(--accent)] dark:hover:brightness-110 ${
                isDone
                  ? 'bg-good-soft text-good'
                  : 'bg-surface text-muted shadow-[inset_0_0_0_1px_var(--line)]'
              }`}
            >
              {isDone && <Check aria-label="Done:" size={13} />}
              {words}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content
          value={step}
          tabIndex={-1}
          className="flex min-h-0 flex-1 flex-col border-t border-line bg-surface outline-none"
        >
          {children}
        </Tabs.Content>
      </Tabs.Root>
    </section>
  )
}

function timeWords({ visit: { startedAt, completedAt, timezone } }: OpenVisit): string {
  return completedAt ? spanWords(startedAt, completedAt, timezone) : momentWords(startedAt, timezone)
}

/** A step that is read or written from top to bottom. */
export const StepPage = ({ children }: { children: ReactNode }) => (
  <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">
    <div className="w-full max-w-2xl">{children}</div>
  </div>
)
