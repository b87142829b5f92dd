import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { byId, siteHeader } from './interactions.ts'
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

/**
 * Call cycles: which shops of a site somebody, or a team together, visits in every period. What is due when, and what a
 * visit covers, says `common/rules/call-cycle`.
 */

export const cycleUnits = ['day', 'week', 'month'] as const
export const Recurrence = Closed({
  every: Type.Integer({ minimum: 1, maximum: 366, description: 'So many units; weeks and months up to 52' }),
  unit: Type.Enum(cycleUnits),
})
export type Recurrence = Static<typeof Recurrence>

export const mostLocations = 500
export const mostVisitsPerCycle = 31
/** Of all its shops, in one period. */
export const mostVisitsOfPeriod = 2000
/** Of all its shops, in the days whose status is asked for at once. */
export const mostSlots = 20_000

const location = {
  shopId: Uuid,
  day: Type.Union([Type.Integer({ minimum: 1, maximum: 1612 }), Type.Null()], {
    description: 'The day of each window on which the visit is due, from 1; null where any will do',
  }),
  position: Type.Integer({ minimum: 0, maximum: 100_000, description: 'The order of a day' }),
  visitsPerCycle: Type.Integer({ minimum: 1, maximum: mostVisitsPerCycle }),
}

/** A shop of a cycle as it is to be; with the id of one that is there it stays that one. */
export const LocationInput = Closed({ id: Type.Optional(Uuid), ...location })
export type LocationInput = Static<typeof LocationInput>

export const CallCycleLocation = Closed({
  id: Uuid,
  ...location,
  since: Type.Union([Day, Type.Null()], {
    description: 'Visits due before it are none of it; null: from the start',
  }),
  until: Type.Union([Day, Type.Null()], { description: 'Visits due on it or later are none of it any more' }),
})
export type CallCycleLocation = Static<typeof CallCycleLocation>

const fields = {
  name: NamedText(200),
  /** One of both. */
  userId: Type.Union([Uuid, Type.Null()], { description: 'Who makes the visits' }),
  teamId: Type.Union([Uuid, Type.Null()], {
    description: 'The team whose people, and those of teams below, make them',
  }),
  recurrence: Recurrence,
  startsOn: Day,
  endsOn: Type.Union([Day, Type.Null()], { description: 'The last day; null where there is none' }),
  timezone: Type.Union([TimeZone], { description: 'Says when a day begins, and moves no due date' }),
}

export const CallCycleFields = Closed(fields)
export type CallCycleFields = Static<typeof CallCycleFields>

export const CallCycle = Closed({
  id: Uuid,
  siteId: Uuid,
  ...fields,
  locations: Type.Array(CallCycleLocation, { description: 'Those of before, too, which have an `until`' }),
  version: Version,
  updatedAt: Instant,
})
export type CallCycle = Static<typeof CallCycle>

/** Why a visit was not made, or will not be. */
export const Miss = Closed({
  locationId: Uuid,
  period: { ...Day, description: 'The first day of its period' },
  slot: Type.Integer({
    minimum: 0,
    maximum: mostVisitsPerCycle - 1,
    description: 'Which of the period, from 0',
  }),
  reason: NamedText(300),
})
export type Miss = Static<typeof Miss>

export const slotStatuses = ['covered', 'planned', 'due', 'missed'] as const
export const SlotStatus = Type.Enum(slotStatuses)
export type SlotStatus = Static<typeof SlotStatus>

const Count = Type.Integer({ minimum: 0 })

export const Adherence = Closed({
  covered: Count,
  planned: Count,
  due: Count,
  missed: Count,
  excused: Type.Integer({ minimum: 0, description: 'Of those missed: for a reason' }),
  adherence: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
    description: 'What part of those covered or missed is covered; null where there are none',
  }),
})
export type Adherence = Static<typeof Adherence>

/** A completed visit, by the day on the clocks where it began. */
export const CycleVisit = Closed({ id: Uuid, shopId: Uuid, date: Day })
export type CycleVisit = Static<typeof CycleVisit>

/** One visit that is to be made. */
export const CycleSlot = Closed({
  locationId: Uuid,
  shopId: Uuid,
  position: Type.Integer(),
  period: Day,
  slot: Count,
  from: Day,
  to: Day,
  dueOn: Day,
  status: SlotStatus,
  visit: Nullable(CycleVisit),
  reason: Nullable(Type.String()),
})
export type CycleSlot = Static<typeof CycleSlot>

export const ListedCycle = Closed({
  id: Uuid,
  siteId: Uuid,
  siteName: Type.String(),
  ...fields,
  ownerName: Type.String({ description: 'The person or team' }),
  shops: Type.Integer({ minimum: 0, description: 'In it now' }),
  version: Version,
})
export type ListedCycle = Static<typeof ListedCycle>

/** What the shops of a cycle are called. */
const CycleShop = Closed({ id: Uuid, name: Type.String(), address: Type.String(), active: Type.Boolean() })

/** A cycle with what it and its shops are called by. */
export const WholeCycle = Closed({
  cycle: CallCycle,
  siteName: Type.String(),
  ownerName: Type.String(),
  shops: Type.Array(CycleShop),
  mayManage: Type.Boolean({ description: 'Whether who asks may change it' }),
})
export type WholeCycle = Static<typeof WholeCycle>

const CycleDone = Closed({ success: Type.Literal(true), cycle: CallCycle })
const tags = ['call cycles'] as const
const locations = Type.Array(LocationInput, { maxItems: mostLocations })

export const listCallCycles = endpoint({
  method: 'GET',
  url: '/call_cycles',
  config: { policy: 'callCycle.read', limit: 'read' },
  schema: {
    tags,
    summary:
      "One's own cycles and those of one's teams, of the people one leads or, for admins, all; by name",
    querystring: Closed({
      siteId: Type.Optional(Uuid),
      userId: Type.Optional(Uuid),
      teamId: Type.Optional(Uuid),
      state: Type.Optional(
        Type.Enum(['current', 'ended', 'all'], {
          description: '`current`, with those to come, unless said otherwise',
        }),
      ),
      search: Type.Optional(Text(200)),
      page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
      pageSize: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 100, description: '25 unless said otherwise' }),
      ),
    }),
    response: {
      200: Closed({
        cycles: Type.Array(ListedCycle),
        total: Count,
        page: Type.Integer({ minimum: 1 }),
        pageSize: Type.Integer({ minimum: 1 }),
      }),
    },
  },
})

export const readCallCycle = endpoint({
  method: 'GET',
  url: '/call_cycles/:id',
  config: { policy: 'callCycle.read', limit: 'read' },
  schema: { tags, summary: 'One call cycle with its shops', params: byId, response: { 200: WholeCycle } },
})

export const createCallCycle = endpoint({
  method: 'POST',
  url: '/call_cycles',
  config: { policy: 'callCycle.create', limit: 'write' },
  schema: {
    tags,
    summary:
      'Make a call cycle at the site, for a person or a team at or below one’s own; it may bring its own id',
    headers: siteHeader,
    body: Closed({ id: Type.Optional(Uuid), ...fields, locations: Type.Optional(locations) }),
    response: { 201: CycleDone },
  },
})

export const updateCallCycle = endpoint({
  method: 'PUT',
  url: '/call_cycles/:id',
  config: { policy: 'callCycle.manage', limit: 'write' },
  schema: {
    tags,
    summary:
      'Change a cycle; `locations` are all it is to have. Once it has begun its past stays: whose it is, recurrence and start are fixed, and shops come and go from today on',
    params: byId,
    body: Closed({
      ...Type.Partial(CallCycleFields).properties,
      locations: Type.Optional(locations),
      version: Version,
    }),
    response: { 200: CycleDone },
  },
})

export const deleteCallCycle = endpoint({
  method: 'DELETE',
  url: '/call_cycles/:id',
  config: { policy: 'callCycle.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Delete a cycle that has not begun; one that has can only be ended',
    params: byId,
    response: { 200: Success },
  },
})

export const addCycleLocations = endpoint({
  method: 'POST',
  url: '/call_cycles/:id/locations',
  config: { policy: 'callCycle.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Add shops to a cycle',
    params: byId,
    body: Closed({
      locations: Type.Array(LocationInput, { minItems: 1, maxItems: mostLocations }),
      version: Version,
    }),
    response: { 201: CycleDone },
  },
})

export const readCycleStatus = endpoint({
  method: 'GET',
  url: '/call_cycles/:id/status',
  config: { policy: 'callCycle.read', limit: 'read' },
  schema: {
    tags,
    summary: 'What of a cycle was covered, is due, is planned and was missed, and how well it is kept',
    params: byId,
    querystring: Closed({
      from: Type.Optional({
        ...Day,
        description: 'The first day of the period before this one unless said otherwise',
      }),
      to: Type.Optional({ ...Day, description: 'The last day of the next period unless said otherwise' }),
    }),
    response: {
      200: Closed({
        from: Day,
        to: Day,
        today: Day,
        asOf: Instant,
        slots: Type.Array(CycleSlot),
        periods: Type.Array(Closed({ start: Day, end: Day, ...Adherence.properties })),
        total: Adherence,
        next: Type.Array(CycleSlot, { description: 'The first ten that fall due after today' }),
      }),
    },
  },
})

export const explainMiss = endpoint({
  method: 'PUT',
  url: '/call_cycles/:id/misses',
  config: { policy: 'callCycle.excuse', limit: 'write' },
  schema: {
    tags,
    summary:
      'Say why a visit of a cycle was not made, or will not be; null takes it back. The last word counts',
    params: byId,
    body: Closed({ ...Miss.properties, reason: Nullable(NamedText(300)) }),
    response: { 200: Success },
  },
})
