import { MonitorSmartphone, SearchX } from 'lucide-react'
import { useState } from 'react'
import { type Device, deviceStates, overForDays } from '#common/contract/devices'
import type { Problem } from '#desktop/bridge/channels'
import type { DevicesQuery } from '#desktop/bridge/devices'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { hideTold, tell, useWorkspace } from '../../../app/workspace.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button, TextButton } from '../../../ui/Button.tsx'
import { countWords, momentWords, numberWords, readerZone } from '../../../ui/date-words.ts'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { Pages } from '../../../ui/Pages.tsx'
import { SearchBox } from '../../../ui/SearchBox.tsx'
import { State } from '../../../ui/State.tsx'
import { Choice } from '../../../ui/Choice.tsx'
import { deviceName, stateWords, waitingWords } from './device-words.ts'
import { DevicesTable } from './DevicesTable.tsx'

/** Where people are signed in, how those devices are doing, and a way to sign one out: a laptop that was lost, say. */
export function Devices() {
  const online = useSync((sync) => sync.online)
  const [query, setQuery] = useState<DevicesQuery>(() => ({
    search: '',
    state: useWorkspace.getState().devicesSought,
    sort: '-lastUsedAt',
    page: 1,
  }))
  const { value, problem, reload } = useAnswer(`${online} ${JSON.stringify(query)}`, () =>
    ask('devices.list', query).then((page) => ({
      ...page,
      isAll: query.search.trim() === '' && query.state === null,
    })),
  )
  const [asking, setAsking] = useState<Device | null>(null)
  // What the question was about, while it fades.
  const [asked, setAsked] = useState<Device | null>(null)
  if (asking && asking !== asked) setAsked(asking)
  const [busy, setBusy] = useState<string | null>(null)
  const [failure, setFailure] = useState<Problem | null>(null)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const shown = failure ?? (failed ? null : problem)

  const show = (changes: Partial<DevicesQuery>) => setQuery((before) => ({ ...before, page: 1, ...changes }))
  const signOut = async (device: Device) => {
    setAsking(null)
    setFailure(null)
    setBusy(device.id)
    hideTold()
    try {
      await ask('devices.signOut', { id: device.id })
      tell(`${deviceName(device)} of ${device.user.displayName} is signed out.`)
    } catch (error) {
      setFailure(problemOf(error))
    }
    await reload()
    setBusy(null)
  }
  return (
    <AdminScreen
      title="Devices"
      about={`Where people are signed in, and for ${overForDays} days where a device signed out by itself. What it has not sent, and its last error, are as it last told.`}
      actions={<SearchBox label="Search devices" onSearch={(search) => show({ search })} />}
    >
      <Numbers key={`${online}`} state={query.state} onShow={(state) => show({ state })} />
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <Choice
          label="Devices"
          none="All devices"
          value={query.state}
          options={deviceStates.map((state) => [state, stateWords[state]])}
          onChange={(state) => show({ state })}
        />
        {query.state && (
          <TextButton look="faint" className="text-sm" onClick={() => show({ state: null })}>
            Clear filter
          </TextButton>
        )}
        <span role="status" className="ml-auto text-muted tabular-nums">
          {value &&
            !failed &&
            (value.isAll ? countWords(value.total, 'device') : `${numberWords(value.total)} found`)}
        </span>
      </div>
      {failed && (
        <Failed problem={failed} title="The devices could not be read" onRetry={() => void reload()} />
      )}
      {shown && <ProblemNotice problem={shown} className="mb-3" />}
      {!value && !problem && <Loading words="Reading the devices" />}
      {value && !failed && value.total === 0 && (
        <Nothing query={query} onClear={() => show({ state: null })} />
      )}
      {value && !failed && value.devices.length > 0 && (
        <DevicesTable
          devices={value.devices}
          sort={query.sort}
          busy={busy}
          onSort={(sort) => show({ sort })}
          onSignOut={setAsking}
        />
      )}
      {value && !failed && (
        <Pages {...value} page={query.page} onPage={(page) => setQuery({ ...query, page })} />
      )}
      <Ask
        open={asking !== null}
        title={asked ? `Sign out ${deviceName(asked)} of ${asked.user.displayName}?` : ''}
        no="Cancel"
        onNo={() => setAsking(null)}
        actions={
          <Button look="danger-solid" onClick={() => asked && void signOut(asked)}>
            Sign out
          </Button>
        }
      >
        {asked && <WhatHappens device={asked} />}
      </Ask>
    </AdminScreen>
  )
}

/** How many there are, and of those that want looking at; each lists its own. */
function Numbers({
  state: shown,
  onShow,
}: {
  state: DevicesQuery['state']
  onShow: (state: DevicesQuery['state']) => void
}) {
  const { value } = useAnswer('', () => ask('fleet.health', {}))
  if (!value) return null
  const { devices, outdated, newestVersion, unseen, waiting, failing } = value
  const figures: [DevicesQuery['state'], string, number | undefined][] = [
    [null, 'Devices', devices],
    ['outdated', newestVersion ? `Older than ${newestVersion}` : stateWords.outdated, outdated],
    ['unseen', stateWords.unseen, unseen],
    ['waiting', stateWords.waiting, waiting],
    ['failing', stateWords.failing, failing],
  ]
  return (
    <div
      role="group"
      aria-label="Devices in numbers"
      // In a small window one row that is moved sideways: the list keeps its room.
      className="mb-4 flex flex-wrap gap-2.5 max-[44rem]:flex-nowrap max-[44rem]:overflow-x-auto max-[44rem]:p-0.5"
    >
      {figures.map(
        ([state, words, count]) =>
          count !== undefined && (
            <button
              key={words}
              type="button"
              aria-pressed={state === shown}
              className="min-w-36 shrink-0 rounded-lg border border-line px-3.5 py-2 text-left hover:bg-surface-2 aria-pressed:border-accent"
              onClick={() => onShow(state)}
            >
              <span className="block text-muted">{words}</span>
              <span className="text-xl font-semibold tabular-nums">{numberWords(count)}</span>
            </button>
          ),
      )}
    </div>
  )
}

function WhatHappens({ device }: { device: Device }) {
  const { user, waiting, reportedAt } = device
  const name = user.displayName
  return (
    <>
      <p>
        At its next contact it is refused: nothing more is sent or fetched there until {name} signs in on it
        again.
      </p>
      <p>
        {waiting ? (
          <>
            <strong className="text-text">{waitingWords(device)}</strong> had not been sent
            {reportedAt && ` when it last told, ${momentWords(reportedAt, readerZone())}`}. They are kept on
            it, encrypted, and go out once {name} signs in there again.
          </>
        ) : (
          <>
            Work that was not sent yet is kept on it, encrypted, and goes out once {name} signs in there
            again.
          </>
        )}
      </p>
    </>
  )
}

function Nothing({ query, onClear }: { query: DevicesQuery; onClear: () => void }) {
  const isSearched = query.search.trim() !== ''
  if (!isSearched && !query.state)
    return (
      <State icon={MonitorSmartphone} title="No device is signed in">
        <p>Devices are listed here from when somebody signs in on them until they sign out.</p>
      </State>
    )
  return (
    <State icon={SearchX} title="No device found">
      {isSearched && <p>No device or person fits this search. Try fewer or other words.</p>}
      {query.state && (
        <>
          <p>The filter may leave some out.</p>
          <Button className="mt-2" onClick={onClear}>
            Clear filter
          </Button>
        </>
      )}
    </State>
  )
}
