import {
  longestPeriod,
  mostPoints,
  type Overview,
  type SeriesUnit,
  type VisitFigures,
} from '#common/contract/analytics'
import { AppError } from '#common/contract/errors'
import { meanShare } from '#common/rules/goal-progress'
import { may } from '#common/rules/permissions'
import { type Days, daysIn, partsOf, timeBefore } from '#common/rules/series'
import { refused } from '../../shared/people.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import { createFiguresRepository, type OfInteractions, type OfWhat } from './figures.repository.ts'
import { nameShops } from './shop-names.ts'

const nothing: VisitFigures = { started: 0, completed: 0, cancelled: 0, far: 0, surveys: 0 }

const add = (one: VisitFigures, other: VisitFigures): VisitFigures => ({
  started: one.started + other.started,
  completed: one.completed + other.completed,
  cancelled: one.cancelled + other.cancelled,
  far: one.far + other.far,
  surveys: one.surveys + other.surveys,
})

export function assertTime({ from, to }: Days, longest = longestPeriod): void {
  if (to < from) throw refused('to', 'Must not be before the first day')
  if (daysIn({ from, to }) > longest) throw refused('to', `Ask for ${longest} days at the most`)
}

/** Whose figures one may ask for: of all teams and people, or of those one leads, and then at any site. */
const reachOf = (actor: Actor) => ({
  all: may(actor, 'analytics.read', { userId: '', inTeam: false }),
  leads: may(actor, 'analytics.coverage'),
})

/** What one asks about and may not see is as if it were not there. */
export async function assertKnown(
  tx: Transaction,
  actor: Actor,
  { brandId, ...ofWhat }: OfWhat & { brandId?: string | undefined },
): Promise<void> {
  const what = await createFiguresRepository(tx, ofWhat).unknown({ ...reachOf(actor), brandId })
  if (what) throw new AppError('RESOURCE_NOT_FOUND', `There is no such ${what} among yours`)
}

function parts(days: Days, unit: SeriesUnit): Days[] {
  const found = partsOf(days, unit)
  if (found.length > mostPoints)
    throw refused(
      'unit',
      `Makes ${found.length} points; choose a longer unit or a shorter time, for ${mostPoints} at the most`,
    )
  return found
}

/** The index of the part a day is in: parts follow each other without gap. */
const partIn = (all: readonly Days[], day: string) => all.findIndex(({ to }) => day <= to)

export type FiguresService = ReturnType<typeof createFiguresService>

/** Figures of visits, shelves and interactions, of what whoever asks may see; each answer is of one moment. */
export function createFiguresService(transact: Transact) {
  const ask = <T>(
    actor: Actor,
    query: Days & OfWhat & { brandId?: string | undefined },
    work: (figures: ReturnType<typeof createFiguresRepository>, days: Days, tx: Transaction) => Promise<T>,
  ): Promise<T & Days & { asOf: string }> => {
    const days = { from: query.from, to: query.to }
    assertTime(days)
    return transact(
      scopeOf(actor),
      async (tx) => {
        const asOf = new Date().toISOString()
        await assertKnown(tx, actor, query)
        const figures = createFiguresRepository(tx, query)
        await figures.withoutWorkers()
        return { ...days, asOf, ...(await work(figures, days, tx)) }
      },
      { snapshot: true },
    )
  }

  async function overviewOf(
    figures: ReturnType<typeof createFiguresRepository>,
    days: Days,
    brandId: string | undefined,
  ): Promise<Overview> {
    const agents = await figures.byAgent(days)
    const total = agents.reduce<VisitFigures>(add, nothing)
    const shelf = brandId === undefined ? null : await figures.shelf(days, brandId)
    const share = shelf?.brands.find((brand) => brand.brandId === brandId)?.share ?? 0
    return {
      ...total,
      conversion: total.started > 0 ? total.completed / total.started : null,
      shops: await figures.countShops(days),
      agents: agents.filter(({ completed }) => completed > 0).length,
      photos: agents.reduce((sum, { photos }) => sum + photos, 0),
      shelfShare: shelf && meanShare(share, shelf.photos),
    }
  }

  const totalOf = async (figures: ReturnType<typeof createFiguresRepository>, days: Days) =>
    (await figures.byAgent(days)).reduce<VisitFigures>(add, nothing)

  return {
    overview: (actor: Actor, query: Days & OfWhat & { brandId?: string }) =>
      ask(actor, query, async (figures, days) => {
        const before = timeBefore(days)
        return {
          figures: await overviewOf(figures, days, query.brandId),
          before: { ...before, figures: await overviewOf(figures, before, query.brandId) },
        }
      }),

    visits: (actor: Actor, query: Days & OfWhat & { unit: SeriesUnit }) =>
      ask(actor, query, async (figures, days) => {
        const points = parts(days, query.unit).map((part) => ({ ...part, ...nothing }))
        for (const { day, ...more } of await figures.byDay(days)) {
          const at = partIn(points, day)
          points[at] = { ...points[at]!, ...add(points[at]!, more) }
        }
        const before = timeBefore(days)
        return {
          points,
          total: points.reduce<VisitFigures>(add, nothing),
          before: { ...before, total: await totalOf(figures, before) },
        }
      }),

    shops: (
      actor: Actor,
      { page = 1, pageSize = 25, ...query }: Days & OfWhat & { page?: number; pageSize?: number },
    ) =>
      ask(actor, query, async (figures, days, tx) => {
        const { shops, total } = await figures.shops(days, page, pageSize)
        const names = await namesOf(tx, shops)
        return {
          shops: shops.map(({ id, visits, lastVisitOn }) => ({ id, ...names.get(id)!, visits, lastVisitOn })),
          total,
          page,
          pageSize,
        }
      }),

    shelfShare: (actor: Actor, query: Days & OfWhat & { brandId?: string; unit?: SeriesUnit }) =>
      ask(actor, query, async (figures, days) => {
        const before = timeBefore(days)
        const [now, then] = [
          await figures.shelf(days, query.brandId),
          await figures.shelf(before, query.brandId),
        ]
        const shares = new Map(now.brands.map(({ brandId, share }) => [brandId, share]))
        const sharesThen = new Map(then.brands.map(({ brandId, share }) => [brandId, share]))
        const isWanted = (id: string) => query.brandId === undefined || query.brandId === id
        const brands = (await figures.brands())
          .filter(({ id }) => isWanted(id) && (shares.has(id) || sharesThen.has(id) || query.brandId === id))
          .map(({ id, name, colour }) => ({
            brandId: id,
            name,
            colour,
            share: meanShare(shares.get(id) ?? 0, now.photos),
            before: meanShare(sharesThen.get(id) ?? 0, then.photos),
          }))
          .sort((one, other) => (other.share ?? 0) - (one.share ?? 0))
        return {
          photos: now.photos,
          brands,
          before: { ...before, photos: then.photos },
          points: query.unit
            ? pointsOf(parts(days, query.unit), isWanted, await figures.shelfByDay(days))
            : [],
        }
      }),

    shelfShareByShop: (
      actor: Actor,
      {
        page = 1,
        pageSize = 25,
        ...query
      }: Days & OfWhat & { brandId: string; page?: number; pageSize?: number },
    ) =>
      ask(actor, query, async (figures, days, tx) => {
        const { shops, total } = await figures.shelfByShop(days, query.brandId, page, pageSize)
        const names = await namesOf(tx, shops)
        return {
          shops: shops.map(({ id, photos, sum }) => ({
            id,
            ...names.get(id)!,
            photos,
            share: meanShare(sum, photos)!,
          })),
          total,
          page,
          pageSize,
        }
      }),

    interactions: (
      actor: Actor,
      { unit = 'week', type, lead, ...query }: Days & OfInteractions & { siteId?: string; unit?: SeriesUnit },
    ) =>
      ask(actor, query, async (figures, days) => {
        const of = { ...(type !== undefined && { type }), ...(lead !== undefined && { lead }) }
        const before = timeBefore(days)
        const all = parts(days, unit)
        const names = new Map((await figures.sites()).map(({ id, name }) => [id, name]))
        const [now, then] = [await figures.interactions(days, of), await figures.interactions(before, of)]
        const [types, leads, sites] = [
          volumes(now.types, then.types),
          volumes(now.leads, then.leads),
          volumes(now.sites, then.sites),
        ]
        const points = all.map((part) => ({
          ...part,
          count: 0,
          types: new Map<string, number>(),
        }))
        for (const { day, key, count } of now.types) {
          const point = points[partIn(points, day)]!
          point.count += count
          point.types.set(key, (point.types.get(key) ?? 0) + count)
        }
        return {
          total: sites.reduce((total, { count }) => total + count, 0),
          before: { ...before, total: sites.reduce((total, each) => total + each.before, 0) },
          types,
          leads: leads.slice(0, mostLeads),
          leadsInAll: leads.filter(({ count }) => count > 0).length,
          sites: sites.map(({ name: id, ...site }) => ({ id, ...site, name: names.get(id) ?? '' })),
          points: points.map(({ types: of, ...point }) => ({
            ...point,
            types: [...of].map(([name, count]) => ({ name, count })),
          })),
        }
      }),

    choices: (actor: Actor) =>
      transact(scopeOf(actor), async (tx) => {
        const figures = createFiguresRepository(tx)
        const { all, leads } = reachOf(actor)
        const mine = new Set(actor.sites.map(({ id }) => id))
        return {
          sites: (await figures.sites()).filter(({ id }) => leads || mine.has(id)),
          teams: leads ? await figures.teams(all) : [],
          agents: leads ? await figures.agents(mostAgents) : [],
          brands: await figures.brands(),
        }
      }),
  }
}

const namesOf = (tx: Transaction, shops: readonly { id: string }[]) =>
  nameShops(
    tx,
    shops.map(({ id }) => id),
  )

/** Those with most now come first, then those there were before. */
function volumes(now: readonly { key: string; count: number }[], then: typeof now) {
  const all = new Map<string, { name: string; count: number; before: number }>()
  const at = (key: string) => all.get(key) ?? { name: key, count: 0, before: 0 }
  for (const { key, count } of now) all.set(key, { ...at(key), count: at(key).count + count })
  for (const { key, count } of then) all.set(key, { ...at(key), before: at(key).before + count })
  return [...all.values()].sort(
    (one, other) => other.count - one.count || other.before - one.before || (one.name < other.name ? -1 : 1),
  )
}

const mostLeads = 20
const mostAgents = 1000

function pointsOf(
  all: readonly Days[],
  isWanted: (brandId: string) => boolean,
  days: readonly { day: string; brandId: string | null; photos: number; share: number }[],
) {
  const points = all.map((part) => ({ ...part, photos: 0, sums: new Map<string, number>() }))
  for (const { day, brandId, photos, share } of days) {
    const point = points[partIn(points, day)]!
    if (brandId === null) point.photos += photos
    else if (isWanted(brandId)) point.sums.set(brandId, (point.sums.get(brandId) ?? 0) + share)
  }
  return points.map(({ sums, ...point }) => ({
    ...point,
    shares: [...sums].flatMap(([brandId, sum]) => {
      const share = meanShare(sum, point.photos)
      return share === null ? [] : { brandId, share }
    }),
  }))
}
