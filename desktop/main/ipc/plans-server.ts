import { AppError } from '#common/contract/errors'
import { guard } from '#common/rules/formula-guard'
import { csvRows } from '#common/spreadsheet/csv'
import { plainFileName } from '#common/spreadsheet/file-name'
import type { Session } from '../session/session.ts'
import { localDay } from '../spreadsheet/local-exports.ts'
import type { Files, Handlers } from './handlers.ts'
import { askServer, changeOnServer, inSite } from './record-keeping.ts'

type Names = Extract<keyof Handlers, `goals.${string}` | `cycles.${string}` | `analytics.${string}`>

const goals = 'Goals are kept on the server.'
const cycles = 'Call cycles are kept on the server.'
const figures = 'Figures are counted on the server.'

const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex')

/** Goals, call cycles and figures, as the server knows them: of all whom the person leads, or looks after. */
export function planServerHandlers(session: Session, files: Pick<Files, 'save'>): Pick<Handlers, Names> {
  const client = () => session.client()
  const change = <T>(why: string, work: () => Promise<T>) => changeOnServer(session, why, work)
  const done = (why: string, work: () => Promise<unknown>) => change(why, work).then(() => ({}))
  const read = <T>(work: () => Promise<T>) => askServer(figures, work)
  const fileName = (name: string, ending: string) =>
    plainFileName('Fieldbook', name, `${localDay(new Date())}.${ending}`)

  return {
    'goals.list': (query) => askServer(goals, () => client().call('listGoals', { query })),
    'goals.read': ({ id }) => askServer(goals, () => client().call('readGoalProgress', { params: { id } })),
    'goals.add': (body) =>
      change(goals, async () => {
        const { goal } = await client().call('createGoal', { body })
        return { goal }
      }),
    'goals.update': ({ id, ...body }) =>
      change(goals, async () => {
        const { goal } = await client().call('updateGoal', { params: { id }, body })
        return { goal }
      }),
    'goals.remove': ({ id }) => done(goals, () => client().call('deleteGoal', { params: { id } })),
    'goals.assign': ({ id, assignee: body }) =>
      change(goals, async () => {
        const { goal } = await client().call('assignGoal', { params: { id }, body })
        return { goal }
      }),
    'goals.unassign': ({ id, assignmentId }) =>
      change(goals, async () => {
        const { goal } = await client().call('unassignGoal', { params: { id }, query: { assignmentId } })
        return { goal }
      }),

    'cycles.list': (query) => askServer(cycles, () => client().call('listCallCycles', { query })),
    'cycles.read': ({ id }) => askServer(cycles, () => client().call('readCallCycle', { params: { id } })),
    'cycles.add': ({ siteId, ...body }) =>
      change(cycles, async () => {
        const { cycle } = await client().call('createCallCycle', { headers: inSite(siteId), body })
        return { cycle }
      }),
    'cycles.update': ({ id, ...body }) =>
      change(cycles, async () => {
        const { cycle } = await client().call('updateCallCycle', { params: { id }, body })
        return { cycle }
      }),
    'cycles.remove': ({ id }) => done(cycles, () => client().call('deleteCallCycle', { params: { id } })),
    'cycles.status': ({ id, ...query }) =>
      askServer(cycles, () => client().call('readCycleStatus', { params: { id }, query })),
    'cycles.explain': ({ id, ...body }) =>
      done(cycles, () => client().call('explainMiss', { params: { id }, body })),

    'analytics.choices': () => read(() => client().call('readAnalyticsChoices', {})),
    'analytics.overview': (query) => read(() => client().call('readOverview', { query })),
    'analytics.visits': (query) => read(() => client().call('readVisitSeries', { query })),
    'analytics.shops': (query) => read(() => client().call('readShopFigures', { query })),
    'analytics.shelfShare': (query) => read(() => client().call('readShelfShare', { query })),
    'analytics.shelfShareByShop': (query) => read(() => client().call('readShelfShareByShop', { query })),
    'analytics.coverage': (query) => read(() => client().call('readCoverage', { query })),
    'analytics.slots': (query) => read(() => client().call('listCoverageSlots', { query })),
    'analytics.interactions': (query) => read(() => client().call('readInteractionFigures', { query })),
    'analytics.saveTable': async ({ name, rows }) => {
      const content = Buffer.from(`\ufeff${csvRows(rows.map((row) => row.map(guard)))}`)
      return { saved: await files.save(fileName(name, 'csv'), content) }
    },
    'analytics.savePicture': async ({ name, picture }) => {
      const content = Buffer.from(picture)
      if (!content.subarray(0, pngSignature.length).equals(pngSignature))
        throw new AppError('VALIDATION_ERROR', 'The picture could not be drawn.')
      return { saved: await files.save(fileName(name, 'png'), content) }
    },
  }
}
