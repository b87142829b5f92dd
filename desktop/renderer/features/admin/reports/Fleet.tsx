import type { ReactNode } from 'react'
import { type DeviceState, overForDays, unseenAfterDays } from '#common/contract/devices'
import type { FleetHealth } from '#common/contract/reports'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { openDevices } from '../../../app/workspace.ts'
import { countWords, momentWords, numberWords, readerZone, recentWords } from '../../../ui/date-words.ts'
import { Freshness } from '../../../ui/Freshness.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { errorWords } from '../devices/device-words.ts'
import { waitWords } from './report-words.ts'

/** How well the devices of the organisation keep up; what the list of devices can be narrowed to opens it. */
export function Fleet({ tabs }: { tabs: ReactNode }) {
  const online = useSync((sync) => sync.online)
  const { value, problem, reload } = useAnswer(`${online}`, () => ask('fleet.health', {}))
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  return (
    <AdminScreen title="Reports" actions={tabs}>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <p className="max-w-3xl text-muted">
          Where people are signed in, and for {overForDays} days where a device signed out by itself. What
          waits there is as it last told.
        </p>
        <span className="flex-1" />
        <Freshness asOf={failed ? null : (value?.asOf ?? null)} onRefresh={() => void reload()} />
      </div>
      {failed && (
        <Failed problem={failed} title="The devices could not be read" onRetry={() => void reload()} />
      )}
      {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
      {!value && !problem && <Loading words="Reading the devices" />}
      {value && !failed && <Health health={value} />}
    </AdminScreen>
  )
}

function Health({ health }: { health: FleetHealth }) {
  const { devices, unseen, waiting, edits, oldestWaitingAt, failing, silent } = health
  const zone = readerZone()
  return (
    <div className="max-w-6xl">
      <ul aria-label="Devices" className="mb-6 grid grid-cols-5 gap-3">
        <Figure name="Devices" count={devices} state={null} />
        <Figure name={`Not seen for ${unseenAfterDays} days`} count={unseen} state="unseen" />
        <Figure
          name="With unsent work"
          count={waiting}
          state="waiting"
          detail={
            waiting > 0
              ? `${countWords(edits, 'edit')}${oldestWaitingAt ? `, since ${recentWords(oldestWaitingAt, zone, new Date())}` : ''}`
              : undefined
          }
        />
        <Figure name="With a recent error" count={failing} state="failing" />
        <Figure name="Told nothing yet" count={silent} />
      </ul>
      <div className="grid grid-cols-2 gap-x-10 gap-y-6">
        <Bars
          title="How long work has waited"
          rows={health.waits.map((wait) => ({ words: waitWords(wait), devices: wait.devices }))}
        />
        <Bars
          title="Recent errors"
          none="No device had an error of late."
          rows={health.errors.map(({ code, devices: count, lastAt }) => ({
            words: errorWords(code),
            title: `${code}, last ${momentWords(lastAt, zone)}`,
            devices: count,
          }))}
        />
        <Bars
          title="Versions of the app"
          none="No device has told its version."
          rows={health.versions.map(({ version, devices: count, lastSeenAt }) => ({
            words: version,
            title: `Last seen ${momentWords(lastSeenAt, zone)}`,
            devices: count,
          }))}
        />
        <Bars
          title="Systems"
          none="No device has told its system."
          rows={health.platforms.map(({ platform, devices: count }) => ({ words: platform, devices: count }))}
        />
      </div>
    </div>
  )
}

function Figure({
  name,
  count,
  state,
  detail,
}: {
  name: string
  count: number
  /** What the list of devices is narrowed to; without it there is no such list. */
  state?: DeviceState | null
  detail?: string | undefined
}) {
  const figure = 'text-2xl font-semibold tabular-nums'
  return (
    <li className="min-w-0 rounded-lg border border-line bg-surface px-4 py-3">
      <p className="truncate text-muted" title={name}>
        {name}
      </p>
      {state === undefined || count === 0 ? (
        <p className={figure}>{numberWords(count)}</p>
      ) : (
        <button
          type="button"
          aria-label={`${name}: ${numberWords(count)}. Show them`}
          className={`${figure} rounded-sm underline decoration-line-strong decoration-1 underline-offset-4 hover:decoration-accent`}
          onClick={() => openDevices(state)}
        >
          {numberWords(count)}
        </button>
      )}
      {detail && (
        <p className="truncate text-sm text-muted" title={detail}>
          {detail}
        </p>
      )}
    </li>
  )
}

interface BarRow {
  words: string
  title?: string
  devices: number
}

function Bars({ title, rows, none }: { title: string; rows: readonly BarRow[]; none?: string }) {
  const most = Math.max(1, ...rows.map(({ devices }) => devices))
  return (
    <section aria-label={title}>
      <h2 className="mb-2 font-semibold">{title}</h2>
      {rows.length === 0 ? (
        <p className="text-muted">{none}</p>
      ) : (
        <ul className="space-y-1.5">
          {rows.map(({ words, title: more = words, devices }) => (
            <li key={words} className="flex items-center gap-3" title={more}>
              <span className="w-2/5 truncate">{words}</span>
              <span aria-hidden className="h-2 flex-1 overflow-hidden rounded-full bg-surface-2">
                <span
                  className="block h-full rounded-full bg-accent"
                  style={{ width: `${(100 * devices) / most}%` }}
                />
              </span>
              <span className={`w-12 text-right tabular-nums ${devices === 0 ? 'text-muted' : ''}`}>
                {numberWords(devices)}
                <span className="sr-only">{devices === 1 ? ' device' : ' devices'}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
