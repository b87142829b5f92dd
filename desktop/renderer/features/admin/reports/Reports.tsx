import { type ReactNode, useState } from 'react'
import { useMay } from '../../../app/session.ts'
import { whenClean } from '../../../app/workspace.ts'
import { Fleet } from './Fleet.tsx'
import { Schedules } from './Schedules.tsx'
import { SurveyReport } from './SurveyReport.tsx'

const tabWords = { surveys: 'Survey completion', fleet: 'Devices', schedules: 'Scheduled reports' }
type Tab = keyof typeof tabWords

/** What is told of the organisation as a whole, and what is mailed by itself. */
export function Reports() {
  const may: Record<Tab, boolean> = {
    surveys: useMay('report.read'),
    fleet: useMay('device.manage'),
    schedules: useMay('report.schedule'),
  }
  const offered = (Object.keys(tabWords) as Tab[]).filter((each) => may[each])
  const [chosen, setTab] = useState<Tab>('surveys')
  const tab = may[chosen] ? chosen : offered[0]
  const tabs = offered.length > 1 && (
    <div role="tablist" aria-label="Reports" className="flex rounded-md bg-surface-2 p-0.5">
      {offered.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          aria-selected={tab === each}
          className="h-[27px] rounded-[5px] px-3 font-[550] text-muted hover:text-text aria-selected:bg-surface aria-selected:text-text aria-selected:shadow-[0_0_0_1px_var(--line)]"
          onClick={() => whenClean(() => setTab(each))}
        >
          {tabWords[each]}
        </button>
      ))}
    </div>
  )
  return <>{tab && bodies[tab](tabs)}</>
}

const bodies: Record<Tab, (tabs: ReactNode) => ReactNode> = {
  surveys: (tabs) => <SurveyReport tabs={tabs} />,
  fleet: (tabs) => <Fleet tabs={tabs} />,
  schedules: (tabs) => <Schedules tabs={tabs} />,
}
