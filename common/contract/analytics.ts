import Type, { type Static, type TProperties } from 'typebox'
import { Adherence, CycleSlot } from './call-cycles.ts'
import { endpoint } from './endpoint.ts'
import { Closed, Day, Instant, Text, Uuid } from './primitives.ts'

/**
 * Figures of field work and of interactions, of what whoever asks may see. A visit counts on the day on the clocks
 * where it began. Shelf shares are means over the photos on which a shelf is marked, of completed visits, in percent with four
 * decimals: a brand that is not on a photo has 0 there. Every figure is that of the moment `asOf`.
 */

/** Days that can be asked for at once. */
export const longestPeriod = 1830
/** Points that a series can have. */
export const mostPoints = 400

const period = {
  from: { ...Day, description: 'The first day' },
  to: { ...Day, description: 'The last day' },
}
const ofWhat = {
  siteId: Type.Optional(Uuid),
  teamId: Type.Optional({ ...Uuid, description: 'Of its people and those of teams below, as they are now' }),
  agentId: Type.Optional(Uuid),
}
const Query = <P extends TProperties>(more: P) => Closed({ ...period, ...ofWhat, ...more })

export const seriesUnits = ['day', 'week', 'month'] as const
export const SeriesUnit = Type.Enum(seriesUnits)
export type SeriesUnit = Static<typeof SeriesUnit>

const Count = Type.Integer({ minimum: 0 })
const Share = Type.Union([Type.Number({ minimum: 0, maximum: 100 }), Type.Null()], {
  description: 'Percent; null where nothing was measured',
})
const answer = { ...period, asOf: Instant }
const Before = Closed(period, { description: 'As many days just before' })
const Named = { id: Uuid, name: Type.String() }
const paging = {
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  pageSize: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: '25 unless said otherwise' }),
  ),
}
const paged = { total: Count, page: Type.Integer({ minimum: 1 }), pageSize: Type.Integer({ minimum: 1 }) }

export const VisitFigures = Closed({
  started: Count,
  completed: Type.Integer({
    minimum: 0,
    description: 'Of those started in the time, whenever they were completed',
  }),
  cancelled: Count,
  far: Type.Integer({
    minimum: 0,
    description: 'Of those completed: begun too far from the shop to be at it',
  }),
  surveys: Type.Integer({ minimum: 0, description: 'Of those completed: with a survey' }),
})
export type VisitFigures = Static<typeof VisitFigures>

export const Overview = Closed({
  ...VisitFigures.properties,
  conversion: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
    description: 'What part of the visits started is completed; null where there are none',
  }),
  shops: Type.Integer({ minimum: 0, description: 'With a completed visit' }),
  agents: Type.Integer({ minimum: 0, description: 'Who completed a visit' }),
  photos: Type.Integer({ minimum: 0, description: 'On which a shelf is marked' }),
  shelfShare: { ...Share, description: 'Of the brand asked for' },
})
export type Overview = Static<typeof Overview>

const BrandShare = Closed({
  brandId: Uuid,
  name: Type.String(),
  colour: Type.String(),
  share: Share,
})

const tags = ['analytics'] as const
const config = { policy: 'analytics.read', limit: 'read', fromReplica: true } as const

export const readOverview = endpoint({
  method: 'GET',
  url: '/analytics/overview',
  config,
  schema: {
    tags,
    summary: 'The main figures of a time, beside those of as many days just before',
    querystring: Query({ brandId: Type.Optional(Uuid) }),
    response: {
      200: Closed({ ...answer, figures: Overview, before: Closed({ ...period, figures: Overview }) }),
    },
  },
})

export const readVisitSeries = endpoint({
  method: 'GET',
  url: '/analytics/visits',
  config,
  schema: {
    tags,
    summary:
      'Visits over time, by days, weeks from Monday on, or months; the first and last may be cut by the time',
    querystring: Query({ unit: SeriesUnit }),
    response: {
      200: Closed({
        ...answer,
        points: Type.Array(Closed({ ...period, ...VisitFigures.properties }), { maxItems: mostPoints }),
        total: VisitFigures,
        before: Closed({ ...Before.properties, total: VisitFigures }),
      }),
    },
  },
})

export const readShopFigures = endpoint({
  method: 'GET',
  url: '/analytics/shops',
  config,
  schema: {
    tags,
    summary: 'The shops that were visited in a time, those visited most first',
    querystring: Query(paging),
    response: {
      200: Closed({
        ...answer,
        shops: Type.Array(
          Closed({ ...Named, siteId: Uuid, siteName: Type.String(), visits: Count, lastVisitOn: Day }),
        ),
        ...paged,
      }),
    },
  },
})

export const readShelfShare = endpoint({
  method: 'GET',
  url: '/analytics/shelf_share',
  config,
  schema: {
    tags,
    summary:
      'Shelf share by brand, the largest first, beside that of as many days just before; over time where asked',
    querystring: Query({
      brandId: Type.Optional(Uuid),
      unit: Type.Optional({ ...SeriesUnit, description: 'Over time too, in such steps' }),
    }),
    response: {
      200: Closed({
        ...answer,
        photos: Type.Integer({ minimum: 0, description: 'On which a shelf is marked' }),
        brands: Type.Array(Closed({ ...BrandShare.properties, before: Share })),
        before: Closed({ ...Before.properties, photos: Count }),
        points: Type.Array(
          Closed({
            ...period,
            photos: Count,
            shares: Type.Array(Closed({ brandId: Uuid, share: Type.Number() }), {
              description: 'Of brands that were there; the others have 0',
            }),
          }),
          { maxItems: mostPoints },
        ),
      }),
    },
  },
})

export const readShelfShareByShop = endpoint({
  method: 'GET',
  url: '/analytics/shelf_share/shops',
  config,
  schema: {
    tags,
    summary: 'Shelf share of a brand by shop, the smallest share first',
    querystring: Query({ brandId: Uuid, ...paging }),
    response: {
      200: Closed({
        ...answer,
        shops: Type.Array(
          Closed({ ...Named, siteId: Uuid, siteName: Type.String(), photos: Count, share: Type.Number() }),
        ),
        ...paged,
      }),
    },
  },
})

export const coverageRows = ['owner', 'cycle', 'shop'] as const
/** Days that coverage can be asked for at once. */
export const longestCoverage = 184

export const readCoverage = endpoint({
  method: 'GET',
  url: '/analytics/call_cycle_coverage',
  config: { policy: 'analytics.coverage', limit: 'read', fromReplica: true },
  schema: {
    tags,
    summary:
      'How call cycles were kept, by whose they are, by cycle or by shop, and by weeks or months in which visits were due: a heat map. The worst kept first',
    querystring: Query({
      rows: Type.Optional(Type.Enum(coverageRows, { description: '`owner` unless said otherwise' })),
      unit: Type.Optional(Type.Enum(['week', 'month'], { description: '`week` unless said otherwise' })),
      ...paging,
    }),
    response: {
      200: Closed({
        ...answer,
        columns: Type.Array(Closed(period)),
        rows: Type.Array(
          Closed({
            ...Named,
            total: Adherence,
            cells: Type.Array(Adherence, { description: 'One for each column' }),
          }),
        ),
        totals: Type.Array(Adherence, {
          description: 'Of all rows, on other pages too; one for each column',
        }),
        all: Adherence,
        before: Closed({ ...Before.properties, all: Adherence }),
        ...paged,
      }),
    },
  },
})

export const listCoverageSlots = endpoint({
  method: 'GET',
  url: '/analytics/call_cycle_coverage/slots',
  config: { policy: 'analytics.coverage', limit: 'read', fromReplica: true },
  schema: {
    tags,
    summary: 'The visits behind a figure of coverage: those due in a time, with what became of each',
    querystring: Query({
      rows: Type.Optional(Type.Enum(coverageRows, { description: '`owner` unless said otherwise' })),
      rowId: Type.Optional({ ...Uuid, description: 'Of one row' }),
      status: Type.Optional(Type.Enum(['covered', 'planned', 'due', 'missed'])),
      ...paging,
    }),
    response: {
      200: Closed({
        ...answer,
        slots: Type.Array(
          Closed({
            ...CycleSlot.properties,
            cycleId: Uuid,
            cycleName: Type.String(),
            ownerName: Type.String(),
            shopName: Type.String(),
          }),
        ),
        ...paged,
      }),
    },
  },
})

/** What stands for all that is not among the largest. */
const Volume = Closed({ name: Type.String(), count: Count, before: Count })

export const readInteractionFigures = endpoint({
  method: 'GET',
  url: '/analytics/interactions',
  config,
  schema: {
    tags,
    summary:
      'How many interactions there were, by type, lead and site, and over time, in the sites one may read; those deleted do not count',
    querystring: Closed({
      ...period,
      siteId: Type.Optional(Uuid),
      type: Type.Optional({ ...Text(200), description: 'Empty: those without one' }),
      lead: Type.Optional({ ...Text(200), description: 'Empty: those without one' }),
      unit: Type.Optional({ ...SeriesUnit, description: '`week` unless said otherwise' }),
    }),
    response: {
      200: Closed({
        ...answer,
        total: Count,
        before: Closed({ ...Before.properties, total: Count }),
        types: Type.Array(Volume),
        leads: Type.Array(Volume, { description: 'The twenty with most' }),
        leadsInAll: Type.Integer({ minimum: 0, description: 'How many leads there are' }),
        sites: Type.Array(Closed({ id: Uuid, ...Volume.properties })),
        points: Type.Array(
          Closed({
            ...period,
            count: Count,
            types: Type.Array(Closed({ name: Type.String(), count: Count }), {
              description: 'Those that there were',
            }),
          }),
          { maxItems: mostPoints },
        ),
      }),
    },
  },
})

/** The teams, people and brands by which figures can be asked for. */
export const readAnalyticsChoices = endpoint({
  method: 'GET',
  url: '/analytics/choices',
  config,
  schema: {
    tags,
    summary: 'By which sites, teams, people and brands one may ask for figures',
    response: {
      200: Closed({
        sites: Type.Array(Closed(Named)),
        teams: Type.Array(Closed(Named)),
        agents: Type.Array(Closed(Named), { description: 'Who made a visit, at most 1,000, by name' }),
        brands: Type.Array(Closed({ ...Named, colour: Type.String() })),
      }),
    },
  },
})
