import Type, { type Static } from 'typebox'
import { overForDays } from './devices.ts'
import { endpoint } from './endpoint.ts'
import { byId } from './interactions.ts'
import {
  Closed,
  Day,
  Instant,
  NamedText,
  Nullable,
  Success,
  Text,
  TimeZone,
  Uuid,
  Version,
} from './primitives.ts'

/** Reports for those who look after an organisation, and reports that are mailed by themselves. */

const Count = Type.Integer({ minimum: 0 })
const Part = Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()])
const period = { from: Day, to: { ...Day, description: 'The last day' } }
const tags = ['reports'] as const

export const SurveyCompletion = Closed({
  surveyId: Uuid,
  name: Type.String(),
  started: Type.Integer({ minimum: 0, description: 'Visits that began with it in the time' }),
  completed: Count,
  cancelled: Count,
  open: Type.Integer({ minimum: 0, description: 'Still in progress' }),
  rate: { ...Part, description: 'What part of those started is completed; null where there are none' },
  agents: Type.Integer({ minimum: 0, description: 'Who completed one' }),
})
export type SurveyCompletion = Static<typeof SurveyCompletion>

export const readSurveyCompletion = endpoint({
  method: 'GET',
  url: '/admin/surveys/completion',
  config: { policy: 'report.read', limit: 'read' },
  schema: {
    tags,
    summary: 'How many visits with each survey were completed, of those that began in a time; by name',
    querystring: Closed({ ...period, siteId: Type.Optional(Uuid), teamId: Type.Optional(Uuid) }),
    response: { 200: Closed({ ...period, asOf: Instant, surveys: Type.Array(SurveyCompletion) }) },
  },
})

export const FleetHealth = Closed({
  asOf: Instant,
  devices: Type.Integer({
    minimum: 0,
    description: `Those listed: signed in, or signed out by themselves less than ${overForDays} days ago`,
  }),
  /** Neither is told by a server of before. */
  newestVersion: Type.Optional(Nullable(Type.String())),
  outdated: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Of these on an older version of the app than the newest' }),
  ),
  unseen: Type.Integer({ minimum: 0, description: 'Of these not seen for seven days' }),
  silent: Type.Integer({ minimum: 0, description: 'That never reported' }),
  waiting: Type.Integer({
    minimum: 0,
    description: 'With edits that were not sent, when they last reported',
  }),
  edits: Type.Integer({ minimum: 0, description: 'Edits that wait on all of them' }),
  oldestWaitingAt: Nullable(Instant),
  failing: Type.Integer({
    minimum: 0,
    description: 'With an error of less than a day before they were last seen',
  }),
  versions: Type.Array(Closed({ version: Type.String(), devices: Count, lastSeenAt: Instant })),
  platforms: Type.Array(Closed({ platform: Type.String(), devices: Count })),
  errors: Type.Array(Closed({ code: Type.String(), devices: Count, lastAt: Instant })),
  waits: Type.Array(Closed({ hours: Type.Integer({ minimum: 0 }), devices: Count }), {
    description:
      'Devices by how long their oldest edit has waited: from so many hours (0, 1, 24, 168) up to the next; all four',
  }),
})
export type FleetHealth = Static<typeof FleetHealth>

export const readFleetHealth = endpoint({
  method: 'GET',
  url: '/admin/devices/health',
  config: { policy: 'device.manage', limit: 'read' },
  schema: {
    tags,
    summary: 'How well the devices of the organisation keep up with the server',
    response: { 200: FleetHealth },
  },
})

export const reportKinds = [
  'visits',
  'shelf_share',
  'coverage',
  'goals',
  'survey_completion',
  'activity',
] as const
export const ReportKind = Type.Enum(reportKinds)
export type ReportKind = Static<typeof ReportKind>

const schedule = {
  name: NamedText(200),
  kind: ReportKind,
  format: Type.Enum(['csv', 'xlsx']),
  every: Type.Enum(['day', 'week', 'month'], {
    description: 'Each tells of the one before: a day, a week from Monday, a calendar month',
  }),
  hour: Type.Integer({ minimum: 0, maximum: 23, description: 'When of the day, in its time zone' }),
  timezone: TimeZone,
  siteId: Nullable(Uuid),
  teamId: Nullable(Uuid),
  recipients: Type.Array(Uuid, {
    minItems: 1,
    maxItems: 20,
    uniqueItems: true,
    description: 'People of the organisation, who get it as whoever scheduled it sees it',
  }),
  active: Type.Boolean(),
}

export const ScheduleFields = Closed(schedule)
export type ScheduleFields = Static<typeof ScheduleFields>

export const ReportSchedule = Closed({
  id: Uuid,
  ...schedule,
  recipients: Type.Array(Uuid, { description: 'Nobody, once they are forgotten' }),
  ownerId: Uuid,
  ownerName: Type.String(),
  recipientNames: Type.Array(Type.String()),
  nextAt: Nullable(Instant),
  lastAt: Type.Union([Instant, Type.Null()], { description: 'When it was last made' }),
  lastProblem: Type.Union([Type.String(), Type.Null()], {
    description: 'Why it could not be made or mailed',
  }),
  version: Version,
})
export type ReportSchedule = Static<typeof ReportSchedule>

const ScheduleDone = Closed({ success: Type.Literal(true), schedule: ReportSchedule })
const config = { policy: 'report.schedule', limit: 'write' } as const

export const listSchedules = endpoint({
  method: 'GET',
  url: '/reports/schedules',
  config: { ...config, limit: 'read' },
  schema: {
    tags,
    summary: "One's own scheduled reports or, for admins, all of the organisation; by name",
    querystring: Closed({ search: Type.Optional(Text(200)) }),
    response: { 200: Closed({ schedules: Type.Array(ReportSchedule) }) },
  },
})

export const createSchedule = endpoint({
  method: 'POST',
  url: '/reports/schedules',
  config,
  schema: {
    tags,
    summary: 'Have a report mailed again and again, of what one may see; it may bring its own id',
    body: Closed({ id: Type.Optional(Uuid), ...schedule }),
    response: { 201: ScheduleDone },
  },
})

export const updateSchedule = endpoint({
  method: 'PUT',
  url: '/reports/schedules/:id',
  config,
  schema: {
    tags,
    summary: 'Change a scheduled report, pause it or go on with it',
    params: byId,
    body: Closed({ ...Type.Partial(ScheduleFields).properties, version: Version }),
    response: { 200: ScheduleDone },
  },
})

export const deleteSchedule = endpoint({
  method: 'DELETE',
  url: '/reports/schedules/:id',
  config,
  schema: { tags, summary: 'Delete a scheduled report', params: byId, response: { 200: Success } },
})

export const sendSchedule = endpoint({
  method: 'POST',
  url: '/reports/schedules/:id/send',
  config,
  schema: {
    tags,
    summary: 'Make and mail a scheduled report now, beside those that are due',
    params: byId,
    response: { 200: Success },
  },
})
