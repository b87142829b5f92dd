import type { Session } from '../session/session.ts'
import type { Handlers } from './handlers.ts'
import { askServer, changeOnServer } from './record-keeping.ts'

type Names = Extract<keyof Handlers, `reports.${string}` | `fleet.${string}`>

const reports = 'Reports are made on the server.'
const fleet = 'How the devices of the organisation do is known to the server only.'

export function reportServerHandlers(session: Session): Pick<Handlers, Names> {
  const client = () => session.client()
  const change = <T>(work: () => Promise<T>) => changeOnServer(session, reports, work)

  return {
    'reports.completion': (query) =>
      askServer(reports, () => client().call('readSurveyCompletion', { query })),
    'reports.list': (query) => askServer(reports, () => client().call('listSchedules', { query })),
    'reports.add': (body) =>
      change(async () => {
        const { schedule } = await client().call('createSchedule', { body })
        return { schedule }
      }),
    'reports.update': ({ id, ...body }) =>
      change(async () => {
        const { schedule } = await client().call('updateSchedule', { params: { id }, body })
        return { schedule }
      }),
    'reports.remove': ({ id }) =>
      change(() => client().call('deleteSchedule', { params: { id } })).then(() => ({})),
    'reports.send': ({ id }) =>
      change(() => client().call('sendSchedule', { params: { id } })).then(() => ({})),
    'fleet.health': () => askServer(fleet, () => client().call('readFleetHealth', {})),
  }
}
