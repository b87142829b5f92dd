import { v7 as uuidv7 } from 'uuid'
import type { Shop, ShopFields } from '#common/contract/shops'
import type { Question } from '#common/contract/surveys'
import type { Answers, VisitFields } from '#common/contract/visits'
import { dateIn, dateOfDay, dayNumber, daysTo } from '#common/rules/calendar'
import { plainQuestion } from '#common/rules/survey-draft'
import { createDerivedInteractions } from '#server/modules/interactions/derived.service'
import { createBrandsRepository } from '#server/modules/brands/brands.repository'
import { createCallCyclesRepository } from '#server/modules/call-cycles/call-cycles.repository'
import { createGoalsRepository } from '#server/modules/goals/goals.repository'
import { journal, type Origin } from '#server/modules/journal/journal.service'
import { createShopsRepository } from '#server/modules/shops/shops.repository'
import { createShopsService } from '#server/modules/shops/shops.service'
import { createSurveysRepository } from '#server/modules/surveys/surveys.repository'
import { createSurveysService } from '#server/modules/surveys/surveys.service'
import { createTeamsRepository } from '#server/modules/teams/teams.repository'
import { createTypesService } from '#server/modules/types/types.service'
import { createVisitsService } from '#server/modules/visits/visits.service'
import { type Actor, scopeOf } from '#server/shared/scope'
import { enterSite, type Transact, type Transaction, turnTo } from '#server/shared/transaction'

/** What agents of the demo find: shops, brands, a survey, a team with a call cycle and goals, and a few visits. */

export interface FieldWork {
  site: string
  shops: readonly ShopFields[]
  leader: string
  agent: string
}

const brands: readonly [name: string, colour: string][] = [
  ['Arla', '#0b7a4b'],
  ['Oatly', '#5b7c99'],
  ['Valio', '#1f4e9c'],
  ['Alpro', '#7a3e9d'],
  ['Garant', '#c2410c'],
  ['Tropicana', '#d97706'],
]

const asked = (fields: Partial<Question> & Pick<Question, 'type' | 'text'>): Question => ({
  id: uuidv7(),
  ...plainQuestion,
  ...fields,
})

const choice = (...labels: string[]) => labels.map((label) => ({ id: uuidv7(), label }))

/** The questions of “Dairy shelf check”, one of each kind at least. */
export function dairyQuestions() {
  const reachable = asked({ type: 'yes_no', text: 'Is the dairy shelf easy to reach?', required: true })
  const obstacle = asked({
    type: 'text',
    text: 'What is in the way?',
    required: true,
    showIf: { questionId: reachable.id, is: 'equal', value: false },
  })
  const arla = asked({
    type: 'number',
    text: 'How many facings does Arla have?',
    help: 'Count what stands in front, not what is behind it.',
    required: true,
    min: 0,
    max: 500,
  })
  const oatly = asked({ type: 'number', text: 'How many facings does Oatly have?', min: 0, max: 500 })
  const fullness = asked({
    type: 'single',
    text: 'How full is the shelf?',
    required: true,
    options: choice('Full', 'A few gaps', 'Half empty', 'Nearly empty'),
  })
  const missing = asked({
    type: 'text',
    text: 'What is missing?',
    showIf: { questionId: fullness.id, is: 'not_equal', value: fullness.options[0]!.id },
  })
  const promoted = asked({
    type: 'multiple',
    text: 'Which brands are on promotion?',
    options: choice(...brands.map(([name]) => name)),
  })
  const clean = asked({ type: 'rating', text: 'How clean is the shelf?', required: true, max: 5 })
  const why = asked({
    type: 'text',
    text: 'What should be cleaned?',
    showIf: { questionId: clean.id, is: 'at_most', value: 2 },
  })
  const bestBefore = asked({ type: 'date', text: 'Which best-before date comes first?' })
  const picture = asked({
    type: 'photo',
    text: 'The shelf as it is',
    help: 'From the front, with the whole shelf in it.',
    max: 5,
  })
  const remarks = asked({ type: 'text', text: 'Anything else?' })
  return {
    reachable,
    obstacle,
    arla,
    oatly,
    fullness,
    missing,
    promoted,
    clean,
    why,
    bestBefore,
    picture,
    remarks,
  }
}

type Asked = ReturnType<typeof dairyQuestions>

/** Answers of each visit, the latest first, and how far from the shop it began. */
const visited = (q: Asked): { answers: Answers; notes: string; north: number }[] => [
  {
    answers: {
      [q.reachable.id]: true,
      [q.arla.id]: 18,
      [q.oatly.id]: 9,
      [q.fullness.id]: q.fullness.options[1]!.id,
      [q.missing.id]: 'Arla skyr, large cups',
      [q.clean.id]: 4,
    },
    notes: 'Spoke with the shop manager; the next delivery is tomorrow.',
    north: 0.0004,
  },
  {
    answers: {
      [q.reachable.id]: false,
      [q.obstacle.id]: 'Two pallets of water',
      [q.arla.id]: 12,
      [q.fullness.id]: q.fullness.options[2]!.id,
      [q.clean.id]: 2,
      [q.why.id]: 'Spilled milk on the lowest board',
    },
    notes: '',
    north: 0.0002,
  },
  {
    answers: {
      [q.reachable.id]: true,
      [q.arla.id]: 24,
      [q.oatly.id]: 14,
      [q.fullness.id]: q.fullness.options[0]!.id,
      [q.promoted.id]: [q.promoted.options[0]!.id, q.promoted.options[3]!.id],
      [q.clean.id]: 5,
    },
    notes: 'Agreed on a second placement for December.',
    north: 0.0001,
  },
  {
    answers: {
      [q.reachable.id]: true,
      [q.arla.id]: 7,
      [q.fullness.id]: q.fullness.options[3]!.id,
      [q.clean.id]: 3,
      [q.remarks.id]: 'Closing early this week',
    },
    // Begun on the way there.
    notes: '',
    north: 0.012,
  },
]

const hour = 3_600_000
const timezone = 'Europe/Berlin'

interface Planned {
  /** Today, since 1970. */
  day: number
  leaderId: string
  agentId: string
  teamId: string
}

/** The agent's, since a Monday four weeks ago; of what was missed, some for a reason. */
async function loadCycle(
  tx: Transaction,
  { day, leaderId, agentId }: Planned,
  shopIds: readonly string[],
): Promise<void> {
  const cycles = createCallCyclesRepository(tx)
  const monday = day - ((day + 3) % 7)
  const cycle = {
    id: uuidv7(),
    siteId: tx.scope.siteId!,
    ownerId: leaderId,
    name: 'Berlin round',
    userId: agentId,
    teamId: null,
    recurrence: { every: 1, unit: 'week' },
    startsOn: dateOfDay(monday - 28),
    endsOn: null,
    timezone,
    locations: [],
    version: 1,
    updatedAt: new Date().toISOString(),
  } as const
  await cycles.insert({ ...cycle, locations: [] })
  const locations = shopIds.map((shopId, index) => ({
    id: uuidv7(),
    shopId,
    day: 1 + (index % 5),
    position: index,
    visitsPerCycle: 1,
    since: null,
    until: null,
  }))
  await cycles.addLocations(cycle, locations)
  const reasons = ['Closed for renovation until Friday', 'The manager asked for another day']
  for (const [week, reason] of reasons.entries()) {
    const locationId = locations.at(-1 - week)!.id
    await cycles.explain(
      cycle.id,
      { locationId, period: dateOfDay(monday - 28 + 7 * week), slot: 0, reason },
      agentId,
    )
  }
}

/** What the team is to reach together, and the agent alone. */
async function loadGoals(
  tx: Transaction,
  { day, leaderId, agentId, teamId }: Planned,
  brandId: string,
): Promise<void> {
  const goals = createGoalsRepository(tx)
  const [year, month] = dateOfDay(day).split('-').map(Number) as [number, number]
  const months = (first: number, count: number) => ({
    startsOn: dateOfDay(daysTo(year, first, 1)),
    endsOn: dateOfDay(daysTo(year, first + count, 0)),
  })
  const quarter = months(3 * Math.floor((month - 1) / 3), 3)
  const visits = { metric: 'visits_completed', brandId: null, timezone } as const
  const share = { metric: 'shelf_share', brandId, timezone } as const
  for (const [fields, userId] of [
    [{ ...visits, name: 'Visits this quarter', target: 120, ...quarter }, null],
    [{ ...visits, name: '20 visits this month', target: 20, ...months(month - 1, 1) }, agentId],
    [{ ...share, name: 'A third of the shelf for Arla', target: 33, ...quarter }, agentId],
  ] as const) {
    const goal = { id: uuidv7(), ownerId: leaderId }
    await goals.insert({ ...fields, ...goal })
    await goals.assign(goal, uuidv7(), { userId, teamId: userId ? null : teamId })
  }
}

/** Into a tenant that is being loaded, in its transaction; answers with how many interactions its visits made. */
export async function loadFieldWork(
  tx: Transaction,
  transact: Transact,
  origin: Origin,
  {
    shops: given,
    site,
    leaderId,
    agentId,
  }: Pick<FieldWork, 'shops'> & {
    site: { id: string; name: string }
    leaderId: string
    agentId: string
  },
): Promise<number> {
  const { tenantId } = tx.scope
  const here = await enterSite(tx, site.id)
  const at = new Date().toISOString()
  const shops = given.map((fields): Shop => ({
    id: uuidv7(),
    siteId: site.id,
    ...fields,
    active: true,
    version: 1,
    updatedAt: at,
  }))
  await createShopsRepository(here).save(shops)
  const change = (entity: string) => (entityId: string) => ({ entity, entityId, removed: false })
  await journal.record(here, origin, {
    action: 'demo.loaded',
    feedId: site.id,
    changes: shops.map(({ id }) => id).map(change('shop')),
  })

  const brandIds: string[] = []
  for (const [name, colour] of brands) {
    const id = uuidv7()
    await createBrandsRepository(here).insert({ id, name, description: '', colour, active: true, version: 1 })
    brandIds.push(id)
  }
  const teams = createTeamsRepository(here)
  const team = {
    id: uuidv7(),
    name: 'Berlin',
    level: 'team',
    parentId: null,
    active: true,
    version: 1,
  } as const
  await teams.insert({ ...team, leaderId })
  await teams.addMember(team.id, agentId, null)

  const day = dayNumber(dateIn(at, timezone))
  const plan = { day, leaderId, agentId, teamId: team.id }
  await loadCycle(
    here,
    plan,
    [0, 7, 14, 21, 28, 35, 3, 10].map((index) => shops[index]!.id),
  )
  await loadGoals(here, plan, brandIds[0]!)

  const asked = dairyQuestions()
  const questions = Object.values(asked)
  const surveys = createSurveysRepository(here)
  const survey = { id: uuidv7(), name: 'Dairy shelf check', description: 'For every visit to a supermarket.' }
  const version = { ...survey, id: uuidv7(), surveyId: survey.id, number: 1, questions }
  const draft = { active: true, publishedAt: null, questions, version: 1 }
  await surveys.insert({ ...survey, ...draft, publishedNumber: null, hasChanges: true })
  await surveys.writeQuestions(survey.id, [], questions)
  await surveys.publish(version, null)
  await surveys.update({ ...survey, ...draft, publishedNumber: 1, hasChanges: false })
  await journal.record(here, origin, {
    action: 'demo.loaded',
    feedId: tenantId,
    changes: [
      ...brandIds.map(change('brand')),
      change('survey')(survey.id),
      change('surveyVersion')(version.id),
    ],
  })

  const agent: Actor = {
    id: agentId,
    tenantId,
    roles: ['agent'],
    sites: [{ ...site, role: 'editor' }],
    requestId: origin.requestId,
    address: origin.address,
    device: origin.device,
  }
  const asAgent = await turnTo(tx, scopeOf(agent, site.id))
  const { inTransaction: visits } = createVisitsService(
    transact,
    journal,
    createDerivedInteractions(journal, createTypesService(transact, journal)),
    createShopsService(transact, journal),
    createSurveysService(transact, journal),
  )
  const made = visited(asked)
  for (const [index, { answers, notes, north }] of made.entries()) {
    const { id: shopId, latitude, longitude } = shops[index * 7]!
    const start = Date.parse(at) - (index + 1) * 24 * hour
    const fields: VisitFields = {
      shopId,
      surveyId: survey.id,
      surveyNumber: 1,
      visitType: index === 2 ? 'follow_up' : 'routine',
      status: 'in_progress',
      startedAt: new Date(start).toISOString(),
      completedAt: null,
      timezone,
      position: { latitude: latitude! + north, longitude: longitude!, accuracy: 15, source: 'device' },
      notes,
      answers,
    }
    const { record } = await visits.start(asAgent, agent, uuidv7(), fields)
    const completedAt = new Date(start + hour / 2).toISOString()
    await visits.edit(asAgent, agent, record, { status: 'completed', completedAt })
  }
  return made.length
}
