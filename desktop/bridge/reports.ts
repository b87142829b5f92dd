import {
  createSchedule,
  FleetHealth,
  listSchedules,
  readSurveyCompletion,
  ReportSchedule,
  updateSchedule,
} from '#common/contract/reports'
import { Closed, Uuid } from '#common/contract/primitives'

const Done = Closed({})
const Id = Closed({ id: Uuid })
const ScheduleNow = Closed({ schedule: ReportSchedule })

/** Reports and those that are mailed by themselves; all of it is asked of the server, SERVICE_UNAVAILABLE without it. */
export const reportRequests = {
  'reports.completion': {
    request: readSurveyCompletion.schema.querystring,
    answer: readSurveyCompletion.schema.response[200],
  },
  'reports.list': { request: listSchedules.schema.querystring, answer: listSchedules.schema.response[200] },
  'reports.add': {
    request: Closed({ ...createSchedule.schema.body.properties, id: Uuid }),
    answer: ScheduleNow,
  },
  'reports.update': {
    request: Closed({ id: Uuid, ...updateSchedule.schema.body.properties }),
    answer: ScheduleNow,
  },
  'reports.remove': { request: Id, answer: Done },
  'reports.send': { request: Id, answer: Done },
  'fleet.health': { request: Closed({}), answer: FleetHealth },
} as const
