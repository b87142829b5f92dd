import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ReportKind, ScheduleFields } from '#common/contract/reports'
import { reportRules } from '#common/rules/report-kinds'
import { AssigneeSearch } from '../../../app/AssigneeSearch.tsx'
import { Button } from '../../../ui/Button.tsx'
import { Checkbox } from '../../../ui/Checkbox.tsx'
import { Combobox } from '../../../ui/Combobox.tsx'
import { Field } from '../../../ui/Field.tsx'
import type { FieldErrors } from '../../../ui/field-errors.ts'
import { timeZones } from '../../../ui/time-zones.ts'
import { everyWords, formatWords, hourWords, kindHints, kindWords, tellsWords } from './report-words.ts'
import type { ScheduleTarget, ScheduleValues } from './schedule-values.ts'

interface Named {
  id: string
  name: string
}

const hours = Array.from({ length: 24 }, (_, hour) => [String(hour), hourWords(hour)] as const)

/** The fields of a scheduled report. What it is of and who gets it stand last, as they are the longest. */
export function ScheduleFieldSet({
  values,
  errors,
  kinds,
  sites,
  teams,
  autoFocus,
  onChange,
}: {
  values: ScheduleValues
  errors: FieldErrors<ScheduleTarget>
  kinds: readonly ReportKind[]
  sites: readonly Named[]
  teams: readonly Named[]
  autoFocus: boolean
  onChange: (typed: Partial<ScheduleValues>) => void
}) {
  const { kind, recipients } = values
  const select = <Name extends 'kind' | 'format' | 'every' | 'hour' | 'siteId' | 'teamId'>(
    name: Name,
    label: string,
    options: readonly (readonly [string, string])[],
    read: (text: string) => ScheduleFields[Name],
    hint?: string,
  ): ReactNode => (
    <Field label={label} error={errors[name]} {...(hint && { hint })}>
      {(control) => (
        <select
          {...control}
          value={String(values[name] ?? '')}
          onChange={({ target }) => onChange({ [name]: read(target.value) })}
        >
          {options.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
  const entries = <Key extends string>(words: Record<Key, string>) => Object.entries<string>(words)
  const named = (none: string, list: readonly Named[]) => [
    ['', none] as const,
    ...list.map(({ id, name }) => [id, name] as const),
  ]
  return (
    <div className="space-y-3.5">
      <Field label="Name" error={errors.name} hint="The subject of the mail and the name of the file.">
        {(control) => (
          <input
            type="text"
            {...control}
            autoFocus={autoFocus}
            autoComplete="off"
            maxLength={200}
            value={values.name}
            onChange={({ target }) => onChange({ name: target.value })}
          />
        )}
      </Field>
      <div className="grid grid-cols-[3fr_2fr] gap-3">
        {select(
          'kind',
          'Report',
          kinds.map((each) => [each, kindWords[each]]),
          (text) => text as ReportKind,
          kindHints[kind],
        )}
        {select('format', 'File', entries(formatWords), (text) => text as ScheduleFields['format'])}
      </div>
      <div className="grid grid-cols-[3fr_2fr] gap-3">
        {select(
          'every',
          'How often',
          entries(everyWords),
          (text) => text as ScheduleFields['every'],
          tellsWords[values.every],
        )}
        {select('hour', 'At', hours, Number)}
      </div>
      <Field label="Time zone" error={errors.timezone}>
        {(control) => (
          <Combobox
            {...control}
            value={values.timezone}
            suggestions={timeZones}
            onChange={(timezone) => onChange({ timezone })}
          />
        )}
      </Field>
      {reportRules[kind].site && sites.length > 1 && (
        <>{select('siteId', 'Site', named('All sites', sites), (text) => text || null)}</>
      )}
      {reportRules[kind].team && teams.length > 0 && (
        <>{select('teamId', 'Team', named('All teams', teams), (text) => text || null)}</>
      )}
      <div>
        <AssigneeSearch
          label="Goes to"
          hint="Everybody gets it as whoever scheduled it sees it."
          withTeams={false}
          error={errors.recipients}
          without={recipients.map(({ id }) => id)}
          onChoose={({ userId, name }) => onChange({ recipients: [...recipients, { id: userId!, name }] })}
        />
        {recipients.length > 0 && (
          <ul aria-label="Goes to" className="mt-2 divide-y divide-line border-y border-line">
            {recipients.map(({ id, name }) => (
              <li key={id} className="flex h-9 items-center gap-2 pl-1">
                <span className="min-w-0 flex-1 truncate">{name}</span>
                <Button
                  look="icon"
                  aria-label={`Do not send it to ${name}`}
                  onClick={() => onChange({ recipients: recipients.filter((each) => each.id !== id) })}
                >
                  <X aria-hidden size={14} />
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
      <Checkbox checked={values.active} onChange={({ target }) => onChange({ active: target.checked })}>
        Send it by itself
      </Checkbox>
    </div>
  )
}
