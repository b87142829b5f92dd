import { useEffect, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { LocalListedVisit } from '#desktop/bridge/field'
import { AdminScreen, Failed, Loading } from '../../app/AdminScreen.tsx'
import { ask } from '../../app/bridge.ts'
import { useCommands } from '../../app/commands.ts'
import { useDataChanges } from '../../app/data-changes.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { openVisit, useWorkspace } from '../../app/workspace.ts'
import { afterDrawing } from '../../ui/after-drawing.ts'
import { countWords, dayWords } from '../../ui/date-words.ts'
import { focusScreen } from '../../ui/focus-back.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { useLocalDay } from './local-day.ts'
import { type FoundShop, shopSearchId, ShopPicker } from './ShopPicker.tsx'
import { Route } from './Route.tsx'
import { StartVisit } from './StartVisit.tsx'
import { planAge, TodayCycles, TodayGoals } from './TodayGoals.tsx'
import { dayStart } from './visit-words.ts'
import { VisitRow } from './VisitRow.tsx'
import { VisitScreen } from './VisitScreen.tsx'

/**
 * What there is to do today: the route of one's call cycles, visits to go on with, those of today, goals, and shops to
 * begin a visit at.
 */
export function Today({ site }: { site: SiteMembership }) {
  const visit = useWorkspace((workspace) => workspace.visit)
  return visit ? <VisitScreen key={visit} id={visit} from="today" /> : <TodayLists site={site} />
}

function TodayLists({ site }: { site: SiteMembership }) {
  const day = useLocalDay()
  const { value, problem, reload } = useAnswer(`${site.id} ${day}`, () => readToday(site.id))
  const plan = useAnswer(`plan ${site.id} ${day}`, () => ask('today.read', { siteId: site.id }))
  const [starting, setStarting] = useState<{ shop: FoundShop | null } | null>(null)
  useDataChanges(site.id, () => void Promise.all([reload(), plan.reload()]))
  useEffect(() => afterDrawing(focusScreen), [])
  useCommands('today', () => [
    { id: 'visit.start', words: 'Start a visit', run: () => document.getElementById(shopSearchId)?.focus() },
    { id: 'visit.startAlone', words: 'Start a visit without a shop', run: () => setStarting({ shop: null }) },
  ])
  return (
    <AdminScreen title="Today">
      <div className="grid w-full max-w-[84rem] gap-x-8 gap-y-6 min-[64rem]:grid-cols-[minmax(0,1fr)_minmax(0,26rem)]">
        <div className="min-w-0 space-y-6 min-[64rem]:order-2">
          {problem && !value && (
            <Failed problem={problem} title="Your visits could not be read" onRetry={() => void reload()} />
          )}
          {problem && value && <ProblemNotice problem={problem} />}
          {!value && !problem && <Loading words="Reading your visits" />}
          {value && (
            <>
              <Group title="In progress">
                {value.going.length === 0 ? (
                  <p className="text-muted">No visit is in progress. Choose a shop to start one.</p>
                ) : (
                  <Rows label="Visits in progress" visits={value.going} />
                )}
              </Group>
              <Group
                title={dayWords(day)}
                about={value.today.length > 0 ? countWords(value.today.length, 'visit') : null}
              >
                {value.today.length === 0 ? (
                  <p className="text-muted">Visits that you begin and complete today are listed here.</p>
                ) : (
                  <Rows label="Visits of today" visits={value.today} />
                )}
              </Group>
            </>
          )}
          {plan.value && plan.value.goals.length > 0 && (
            <Group title="Goals">
              <TodayGoals goals={plan.value.goals} />
            </Group>
          )}
          {plan.value && plan.value.cycles.length > 0 && (
            <Group title="Call cycles">
              <TodayCycles cycles={plan.value.cycles} />
            </Group>
          )}
          {plan.value?.asOf && plan.value.goals.length + plan.value.cycles.length > 0 && (
            <p className="text-sm text-muted">{planAge(plan.value.asOf)}</p>
          )}
        </div>
        <div className="min-w-0 space-y-6">
          {plan.problem && <ProblemNotice problem={plan.problem} />}
          {plan.value && (
            <Route
              plan={plan.value}
              onStart={(shop) => setStarting({ shop: { ...shop, metres: null, lastVisitAt: null } })}
            />
          )}
          <ShopPicker
            site={site}
            onChoose={(shop) => setStarting({ shop })}
            onAlone={() => setStarting({ shop: null })}
          />
        </div>
      </div>
      {starting && <StartVisit site={site} shop={starting.shop} onClose={() => setStarting(null)} />}
    </AdminScreen>
  )
}

async function readToday(siteId: string) {
  const all = { siteId, search: '', status: null, from: null, to: null, offset: 0, limit: 200 } as const
  const [going, today] = await Promise.all([
    ask('visits.mine', { ...all, status: 'in_progress' }),
    ask('visits.mine', { ...all, from: dayStart(new Date()) }),
  ])
  return {
    going: going.visits,
    today: today.visits.filter(({ status }) => status !== 'in_progress'),
  }
}

function Group({
  title,
  about = null,
  children,
}: {
  title: string
  about?: string | null
  children: React.ReactNode
}) {
  return (
    <section aria-label={title}>
      <h2 className="mb-1.5 flex items-center gap-2 font-semibold">
        {title}
        {about && <span className="font-normal text-muted">{about}</span>}
      </h2>
      {children}
    </section>
  )
}

const Rows = ({ label, visits }: { label: string; visits: readonly LocalListedVisit[] }) => (
  <ul aria-label={label} className="divide-y divide-line overflow-hidden rounded-md border border-line">
    {visits.map((visit) => (
      <li key={visit.id}>
        <VisitRow visit={visit} onOpen={() => openVisit(visit.id, 'today')} />
      </li>
    ))}
  </ul>
)
