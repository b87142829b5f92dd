import {
  type ReportKind,
  reportKinds,
  type ReportSchedule,
  type ScheduleFields,
} from '#common/contract/reports'
import { may, type Subject } from '#common/rules/permissions'
import { reportRules } from '#common/rules/report-kinds'
import { isTimeZone } from '#common/rules/time-zone'
import { readerZone } from '../../../ui/date-words.ts'
import type { FieldErrors } from '../../../ui/field-errors.ts'

export interface Recipient {
  id: string
  name: string
}

/** What the form about a scheduled report holds. */
export type ScheduleValues = Omit<ScheduleFields, 'recipients'> & { recipients: readonly Recipient[] }

export const scheduleTargets = [
  'name',
  'kind',
  'format',
  'every',
  'hour',
  'timezone',
  'siteId',
  'teamId',
  'recipients',
] as const
export type ScheduleTarget = (typeof scheduleTargets)[number]

/** Those that somebody may be told. */
export const kindsFor = (person: Subject): ReportKind[] =>
  reportKinds.filter((kind) => may(person, reportRules[kind].needs))

export const emptySchedule = (kind: ReportKind, me: Recipient): ScheduleValues => ({
  name: '',
  kind,
  format: 'xlsx',
  every: 'week',
  hour: 7,
  timezone: readerZone(),
  siteId: null,
  teamId: null,
  recipients: [me],
  active: true,
})

export const valuesOf = (schedule: ReportSchedule): ScheduleValues => ({
  name: schedule.name,
  kind: schedule.kind,
  format: schedule.format,
  every: schedule.every,
  hour: schedule.hour,
  timezone: schedule.timezone,
  siteId: schedule.siteId,
  teamId: schedule.teamId,
  recipients: schedule.recipients.map((id, index) => ({ id, name: schedule.recipientNames[index] ?? '' })),
  active: schedule.active,
})

/** What was chosen, without what a report of that kind cannot be of, and what is wrong with it by field. */
export function readSchedule(values: ScheduleValues): {
  schedule: ScheduleFields
  errors: FieldErrors<ScheduleTarget>
} {
  const { site, team } = reportRules[values.kind]
  return {
    schedule: {
      ...values,
      name: values.name.trim(),
      siteId: site ? values.siteId : null,
      teamId: team ? values.teamId : null,
      recipients: values.recipients.map(({ id }) => id),
    },
    errors: {
      ...(values.name.trim() === '' && { name: 'Is required' }),
      ...(!isTimeZone(values.timezone) && { timezone: 'Choose a time zone from the list' }),
      ...(values.recipients.length === 0 && { recipients: 'Choose at least one person' }),
    },
  }
}

const fields = [...scheduleTargets, 'active'] as const

/** The fields that say something else than `saved`. */
export function scheduleChanges(saved: ScheduleValues, values: ScheduleValues): Partial<ScheduleFields> {
  const [before, now] = [readSchedule(saved).schedule, readSchedule(values).schedule]
  return Object.fromEntries(
    fields
      .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]))
      .map((field) => [field, now[field]]),
  )
}
