import { type ComponentProps, type ReactNode, useState } from 'react'
import type { ImportOptions } from '#common/contract/imports'
import { statuses } from '#common/contract/interactions'
import { readRow } from '#common/rules/import-rows'
import { isTimeZone } from '#common/rules/time-zone'
import type { TableFile } from '#desktop/bridge/channels'
import type { Lookups } from '../../app/lookups.ts'
import { clockTime } from '../../ui/clock-time.ts'
import { Combobox } from '../../ui/Combobox.tsx'
import { spanWords } from '../../ui/date-words.ts'
import { Field } from '../../ui/Field.tsx'
import { capital } from '../../ui/field-rows.ts'
import { TimeInput } from '../../ui/TimeInput.tsx'
import { timeZones } from '../../ui/time-zones.ts'
import { change } from './import-work.ts'

type Defaults = ImportOptions['defaults']

const orders: Record<ImportOptions['dateOrder'], string> = {
  dmy: 'Day, month, year: 25-03-2026',
  mdy: 'Month, day, year: 03-25-2026',
  ymd: 'Year, month, day: 2026-03-25',
}

/** How cells are read, and what a record has where the table says nothing. */
export function ImportSettings({
  file,
  options,
  lookups,
  errorOf,
}: {
  file: TableFile
  options: ImportOptions
  lookups: Lookups
  errorOf: (field: string) => string | undefined
}) {
  const { defaults, columns, dateOrder, startTime, endTime, existing } = options
  const put = (changes: Partial<ImportOptions>) => change({ ...options, ...changes })
  /** Nothing is said where a field is left empty. */
  const preset = <N extends keyof Defaults>(name: N, value: Defaults[N] | '') => {
    const { [name]: _, ...others } = defaults
    put({ defaults: value === '' || value === undefined ? others : { ...others, [name]: value } })
  }
  const zone = defaults.timezone ?? ''
  const hasDates = columns.includes('startDateTime') || columns.includes('endDateTime')
  return (
    <div className="space-y-5">
      <Group title="Where a cell is empty or there is no column">
        <div className="grid grid-cols-2 gap-3">
          <Field label="Type">
            {(control) => (
              <select
                {...control}
                value={defaults.type ?? ''}
                onChange={(event) => preset('type', event.target.value)}
              >
                <option value="">None</option>
                {lookups.types.map((type) => (
                  <option key={type} value={type}>
                    {type}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label="Status">
            {(control) => (
              <select
                {...control}
                value={defaults.status ?? 'complete'}
                onChange={(event) => preset('status', event.target.value as Defaults['status'])}
              >
                {statuses.map((status) => (
                  <option key={status} value={status}>
                    {capital(status)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label="Lead" error={errorOf('defaults.lead')}>
            {(control) => (
              <Combobox
                {...control}
                value={defaults.lead ?? ''}
                suggestions={lookups.leads}
                onChange={(lead) => preset('lead', lead.slice(0, 100))}
              />
            )}
          </Field>
          <Field label="Location">
            {(control) => (
              <input
                type="text"
                {...control}
                autoComplete="off"
                maxLength={255}
                value={defaults.location ?? ''}
                onChange={(event) => preset('location', event.target.value)}
              />
            )}
          </Field>
          <Field
            label="Time zone"
            className="col-span-2"
            error={zone !== '' && !isTimeZone(zone) ? 'Must be a time zone such as Europe/Berlin' : undefined}
          >
            {(control) => (
              <Combobox
                {...control}
                value={zone}
                suggestions={timeZones}
                onChange={(timezone) => preset('timezone', timezone)}
              />
            )}
          </Field>
        </div>
      </Group>
      {hasDates && (
        <Group title="Dates">
          <Field label="Written as" hint={<Dates file={file} options={options} types={lookups.types} />}>
            {(control) => (
              <select
                {...control}
                value={dateOrder}
                onChange={(event) => put({ dateOrder: event.target.value as ImportOptions['dateOrder'] })}
              >
                {(Object.keys(orders) as ImportOptions['dateOrder'][]).map((order) => (
                  <option key={order} value={order}>
                    {orders[order]}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <div className="grid grid-cols-2 gap-3">
            <Field label="Day without a time starts">
              {({ className, ...control }) => (
                <Clock
                  {...control}
                  className={className}
                  value={startTime}
                  onWrite={(time) => put({ startTime: time })}
                />
              )}
            </Field>
            <Field label="and ends" error={errorOf('endTime')}>
              {({ className, ...control }) => (
                <Clock
                  {...control}
                  className={className}
                  value={endTime}
                  onWrite={(time) => put({ endTime: time })}
                />
              )}
            </Field>
          </div>
        </Group>
      )}
      <Group title="Records that are here already">
        {columns.includes('reference') ? (
          <Field
            label="When a row’s Reference is known"
            hint="By the Reference a row finds its record again, also when you import the file once more."
          >
            {(control) => (
              <select
                {...control}
                value={existing}
                onChange={(event) => put({ existing: event.target.value as ImportOptions['existing'] })}
              >
                <option value="update">Change the record</option>
                <option value="skip">Leave the record as it is</option>
              </select>
            )}
          </Field>
        ) : (
          <p className="text-muted">
            Without a column that holds the Reference, every row makes a new record; importing the file again
            would make them twice.
          </p>
        )}
      </Group>
    </div>
  )
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="space-y-3">
      <legend className="mb-2 w-full border-b border-line pb-1.5 text-sm font-semibold text-muted">
        {title}
      </legend>
      {children}
    </fieldset>
  )
}

const isClock = (text: string) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text)

/** Takes a time once it is one. */
function Clock({
  value,
  onWrite,
  className,
  ...control
}: Omit<ComponentProps<typeof TimeInput>, 'value' | 'onWrite'> & {
  value: string
  onWrite: (time: string) => void
}) {
  const [typed, setTyped] = useState(value)
  return (
    <TimeInput
      {...control}
      className={`${className} !bg-surface`}
      value={typed}
      onWrite={(time) => {
        setTyped(time)
        if (isClock(time)) onWrite(time)
      }}
      onBlur={() => setTyped((time) => clockTime(time) ?? value)}
    />
  )
}

const mostDates = 3

/** The first dates as they are written, and as they are read. */
function Dates({
  file,
  options,
  types,
}: {
  file: TableFile
  options: ImportOptions
  types: readonly string[]
}) {
  const column = options.columns.indexOf('startDateTime')
  if (column < 0) return null
  const context = { headers: file.headers, options, types }
  const written = new Map<string, string>()
  for (const cells of file.sample) {
    const text = cells[column]?.trim()
    if (!text || written.has(text)) continue
    const { fields, problems } = readRow(cells, context, null)
    const wrong = problems.find(({ field }) => field === 'startDateTime' || field === 'endDateTime')
    const { startDateTime, endDateTime, timezone } = fields
    if (!wrong && (!startDateTime || !endDateTime || !timezone)) continue
    written.set(text, wrong?.message ?? spanWords(startDateTime!, endDateTime!, timezone!))
    if (written.size === mostDates) break
  }
  return (
    <ul aria-label="How the first dates are read" className="space-y-0.5">
      {[...written].map(([text, read]) => (
        <li key={text} className="flex gap-2">
          <span className="max-w-[45%] shrink-0 truncate">{text}</span>
          <span aria-label="is read as">→</span>
          <span className="min-w-0 text-text">{read}</span>
        </li>
      ))}
    </ul>
  )
}
