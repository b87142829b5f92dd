import { basename } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import type { Infographic } from '#common/contract/brands'
import type { Request } from '#desktop/bridge/channels'
import type { ChildPort } from '../calls.ts'
import type { Session } from '../session/session.ts'
import { UnreadableTable } from '../spreadsheet/table.ts'
import { TableReader } from '../spreadsheet/table-reader.ts'
import type { Files, Handlers } from './handlers.ts'
import { askServer, changeOnServer, inSite } from './record-keeping.ts'

type Names =
  | `visits.${'list' | 'read'}`
  | `shops.${'list' | 'read' | 'add' | 'update' | 'remove' | 'readTable' | 'import'}`
  | `brands.${'list' | 'add' | 'update' | 'remove' | 'addInfographic' | 'removeInfographic'}`
  | `surveys.${'list' | 'add' | 'update' | 'publish' | 'remove'}`

const visits = 'The visits of others are on the server only.'
const shops = 'The list of shops is kept on the server.'
const brands = 'The brands are kept on the server.'
const surveys = 'The surveys are kept on the server.'

/** More shops than that are imported from several files. */
const mostShops = 10_000

/** What field work the server alone can do, or knows better than this device: visits of others, and what visits are about. */
export function fieldServerHandlers(
  session: Session,
  files: Pick<Files, 'chooseTable'>,
  startProcess: () => ChildPort,
): Pick<Handlers, Names> {
  const client = () => session.client()
  const change = <T>(why: string, work: () => Promise<T>) => changeOnServer(session, why, work)
  const done = (why: string, work: () => Promise<unknown>) => change(why, work).then(() => ({}))

  return {
    'visits.list': (query) => askServer(visits, () => client().call('listVisits', { query })),
    'visits.read': ({ id }) => askServer(visits, () => client().call('readVisit', { params: { id } })),

    'shops.list': ({ siteId, ...query }) =>
      askServer(shops, () => client().call('listShops', { headers: inSite(siteId), query })),
    'shops.read': ({ siteId, id }) =>
      askServer(shops, () => client().call('readShop', { params: { id }, headers: inSite(siteId) })),
    'shops.add': ({ siteId, ...body }) =>
      change(shops, async () => {
        const { shop } = await client().call('createShop', { headers: inSite(siteId), body })
        return { shop }
      }),
    'shops.update': ({ siteId, id, ...body }) =>
      change(shops, async () => {
        const target = { params: { id }, headers: inSite(siteId) }
        const { shop } = await client().call('updateShop', { ...target, body })
        return { shop }
      }),
    'shops.remove': ({ siteId, id }) =>
      done(shops, () => client().call('deleteShop', { params: { id }, headers: inSite(siteId) })),
    'shops.readTable': async () => {
      const path = await files.chooseTable()
      return { table: path === null ? null : await readTable(path, startProcess) }
    },
    'shops.import': ({ siteId, ...body }) =>
      change(shops, () => client().call('importShops', { headers: inSite(siteId), body })),

    'brands.list': () => askServer(brands, () => client().call('listBrands', {})),
    'brands.add': (body) =>
      change(brands, async () => {
        const { brand } = await client().call('createBrand', { body })
        return { brand }
      }),
    'brands.update': ({ id, ...body }) =>
      change(brands, async () => {
        const { brand } = await client().call('updateBrand', { params: { id }, body })
        return { brand }
      }),
    'brands.remove': ({ id }) => done(brands, () => client().call('deleteBrand', { params: { id } })),
    'brands.addInfographic': (request) =>
      change(brands, async () => ({ infographic: await sendInfographic(session, request) })),
    'brands.removeInfographic': ({ id }) =>
      done(brands, () => client().call('removeInfographic', { params: { id } })),

    'surveys.list': () => askServer(surveys, () => client().call('listSurveys', {})),
    'surveys.add': (body) =>
      change(surveys, async () => {
        const { survey } = await client().call('createSurvey', { body })
        return { survey }
      }),
    'surveys.update': ({ id, ...body }) =>
      change(surveys, async () => {
        const { survey } = await client().call('updateSurvey', { params: { id }, body })
        return { survey }
      }),
    'surveys.publish': ({ id, ...body }) =>
      change(surveys, async () => {
        const { survey } = await client().call('publishSurvey', { params: { id }, body })
        return { survey }
      }),
    'surveys.remove': ({ id }) => done(surveys, () => client().call('deleteSurvey', { params: { id } })),
  }
}

/** Announced and sent whole; one that does not arrive was never there. */
async function sendInfographic(
  session: Session,
  { brandId, title, picture }: Request<'brands.addInfographic'>,
): Promise<Infographic> {
  const fields = await session.workspace().store.pictureFields(picture)
  const client = session.client()
  const announced = await client.call('addInfographic', {
    params: { id: brandId },
    body: { id: uuidv7(), title, ...fields },
  })
  const { id } = announced.infographic
  const bytes = new Uint8Array(picture)
  const { received, storedAt } = await client.call('sendInfographic', {
    params: { id },
    query: { offset: 0 },
    bytes,
  })
  return { ...announced.infographic, received, storedAt }
}

async function readTable(path: string, startProcess: () => ChildPort) {
  const reader = new TableReader(startProcess(), path)
  try {
    const { headers, rows: count } = await reader.read({})
    if (count > mostShops) {
      const [there, most] = [count, mostShops].map((number) => number.toLocaleString('en-GB'))
      throw new UnreadableTable(`The table has ${there} rows, and ${most} can be imported at once. Split it.`)
    }
    const rows: string[][] = []
    while (rows.length < count) rows.push(...(await reader.part(rows.length)))
    return { fileName: basename(path).slice(0, 255).toWellFormed(), headers, rows }
  } catch (error) {
    if (!(error instanceof UnreadableTable)) throw error
    throw new AppError('VALIDATION_ERROR', error.message)
  } finally {
    reader.close()
  }
}
