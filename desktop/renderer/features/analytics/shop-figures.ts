import type { Answer, Request } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { openVisits, type VisitsSought } from '../../app/workspace.ts'
import { dayWords } from '../../ui/date-words.ts'
import { countCell, type FigureTable, percentCell } from './figure-table.ts'

type ByVisits = Answer<'analytics.shops'>['shops'][number]
type ByShare = Answer<'analytics.shelfShareByShop'>['shops'][number]

export interface ShopFigures {
  shops: readonly (ByVisits | ByShare)[]
  total: number
  pageSize: number
}

/** Shops by their visits or, where a brand is asked for, by its share of their shelves. */
export const readShops = (
  query: Omit<Request<'analytics.shops'>, 'page' | 'pageSize'>,
  brandId: string | null,
  page: { page: number; pageSize: number },
): Promise<ShopFigures> =>
  brandId === null
    ? ask('analytics.shops', { ...query, ...page })
    : ask('analytics.shelfShareByShop', { ...query, brandId, ...page })

const visitHead = ['Shop', 'Site', 'Visits', 'Last visit']
const shareHead = ['Shop', 'Site', 'Photos with marks', 'Share']

/** As a table; each figure opens the visits of its shop. */
export const shopTable = (
  shops: ShopFigures['shops'],
  sought: VisitsSought,
  ofBrand: boolean,
): FigureTable => ({
  head: ofBrand ? shareHead : visitHead,
  words: [1],
  rows: shops.map((shop) => {
    const { id, name, siteName } = shop
    const list = () =>
      openVisits({ ...sought, status: 'completed', shop: { id, name }, ...(ofBrand && { marked: true }) })
    return {
      key: id,
      cells:
        'visits' in shop
          ? [
              name,
              siteName,
              countCell(shop.visits, list),
              { words: dayWords(shop.lastVisitOn), plain: shop.lastVisitOn },
            ]
          : [name, siteName, countCell(shop.photos, list), percentCell(shop.share, list)],
    }
  }),
})

/** All of them, page by page. */
export async function readAllShops(
  query: Parameters<typeof readShops>[0],
  brandId: string | null,
): Promise<ShopFigures['shops']> {
  const shops: (ByVisits | ByShare)[] = []
  for (let page = 1; ; page++) {
    const found = await readShops(query, brandId, { page, pageSize: 100 })
    shops.push(...found.shops)
    if (found.shops.length === 0 || shops.length >= found.total || shops.length >= mostInFile) return shops
  }
}

/** Shops; a file of figures has room for as many. */
const mostInFile = 9_000
