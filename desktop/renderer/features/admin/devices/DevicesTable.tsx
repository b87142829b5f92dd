import { LogOut } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Device } from '#common/contract/devices'
import type { DevicesQuery } from '#desktop/bridge/devices'
import { Button } from '../../../ui/Button.tsx'
import { momentWords, readerZone, recentWords } from '../../../ui/date-words.ts'
import { Pill } from '../../../ui/Pill.tsx'
import { cell, head } from '../../../ui/table.ts'
import { deviceName, errorWords, waitingWords } from './device-words.ts'
import { SortedHead } from '../SortedHead.tsx'

type Sort = DevicesQuery['sort']

/** In a narrow window fewer columns are kept, rather than cutting all of them short. */
const roomy = '@max-[52rem]:hidden'

/** A page of devices, each with what it last told of itself. */
export function DevicesTable({
  devices,
  sort,
  busy,
  onSort,
  onSignOut,
}: {
  devices: readonly Device[]
  sort: Sort
  /** The id of one that is being signed out. */
  busy: string | null
  onSort: (sort: Sort) => void
  onSignOut: (device: Device) => void
}) {
  const sorting = { sort, onSort }
  const plain = `${head} sticky top-0 bg-surface`
  return (
    <div className="@container">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">Devices</caption>
        <thead>
          <tr>
            <SortedHead by="person" className="w-[17%] @max-[52rem]:w-[22%]" {...sorting}>
              Person
            </SortedHead>
            <SortedHead by="device" {...sorting}>
              Device
            </SortedHead>
            <SortedHead by="appVersion" className={`w-26 ${roomy}`} {...sorting}>
              App version
            </SortedHead>
            <SortedHead by="lastUsedAt" latestFirst className="w-28" {...sorting}>
              Last seen
            </SortedHead>
            <SortedHead by="oldestWaitingAt" className="w-34" {...sorting}>
              Not sent
            </SortedHead>
            <th scope="col" className={`${plain} w-[21%] ${roomy}`}>
              Last error
            </th>
            <th scope="col" className={`${plain} w-32 @max-[52rem]:w-24`}>
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {devices.map((device) => (
            <Row
              key={device.id}
              device={device}
              busy={busy === device.id}
              onSignOut={() => onSignOut(device)}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ device, busy, onSignOut }: { device: Device; busy: boolean; onSignOut: () => void }) {
  const {
    user,
    isThis,
    isOver,
    startedAt,
    lastUsedAt,
    appVersion,
    platform,
    managed,
    waiting,
    oldestWaitingAt,
    lastError,
  } = device
  const zone = readerZone()
  const now = new Date()
  const name = deviceName(device)
  return (
    <tr className="hover:bg-surface-2">
      <th scope="row" className={`${cell} text-left font-[550]`}>
        <Lines first={user.displayName} second={user.username} />
      </th>
      <td className={cell}>
        <Lines
          first={name}
          title={`${name}. Signed in ${momentWords(startedAt, zone)}`}
          more={isThis && <Pill tone="accent">This device</Pill>}
          second={managed ? `${platform ?? 'A system'}, managed` : platform}
        />
      </td>
      <td className={`${cell} truncate ${appVersion ? '' : 'text-muted'} ${roomy}`}>
        {appVersion ?? 'Not known'}
      </td>
      <td className={`${cell} tabular-nums`} title={momentWords(lastUsedAt, zone)}>
        {recentWords(lastUsedAt, zone, now)}
      </td>
      <td className={`${cell} tabular-nums ${waiting ? '' : 'text-muted'}`}>
        <Lines
          first={waitingWords(device)}
          second={oldestWaitingAt && `since ${recentWords(oldestWaitingAt, zone, now)}`}
          title={oldestWaitingAt ? `The oldest since ${momentWords(oldestWaitingAt, zone)}` : undefined}
        />
      </td>
      <td className={`${cell} ${lastError ? '' : 'text-muted'} ${roomy}`}>
        {lastError ? (
          <Lines
            first={errorWords(lastError.code)}
            second={momentWords(lastError.at, zone)}
            title={`${errorWords(lastError.code)} (${lastError.code})`}
          />
        ) : (
          'None'
        )}
      </td>
      <td className={`${cell} text-right`}>
        {isOver && <span className="text-sm text-muted">Signed out by itself</span>}
        {!isThis && !isOver && (
          <Button
            aria-label={`Sign out ${name} of ${user.displayName}…`}
            title="Sign out this device…"
            disabled={busy}
            onClick={onSignOut}
          >
            <LogOut aria-hidden size={13} /> <span className={roomy}>Sign out…</span>
          </Button>
        )}
      </td>
    </tr>
  )
}

/** A fact, and below it what is less important. */
function Lines({
  first,
  second,
  title = first,
  more,
}: {
  first: string
  second: string | null
  title?: string | undefined
  more?: ReactNode
}) {
  return (
    <>
      <span className="flex min-w-0 items-center gap-2">
        <span className="truncate" title={title}>
          {first}
        </span>
        {more && <span className="flex shrink-0">{more}</span>}
      </span>
      {second && <span className="block truncate text-sm font-normal text-muted">{second}</span>}
    </>
  )
}
