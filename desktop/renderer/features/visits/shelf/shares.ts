import type { Brand } from '#common/contract/brands'
import { brandShares, shelfShares, unmarkedShare } from '#common/rules/shelf-share'
import { type Marks, problemsOf } from './marking.ts'

export interface BrandShare {
  brandId: string
  /** Percent. */
  share: number
}

export interface Shares {
  /** The largest first. */
  brands: BrandShare[]
  /** Of each block, by its id. */
  blocks: ReadonlyMap<string, number>
  /** What no block covers; null where there is no outline to say what else there is. */
  unmarked: number | null
}

/** The shares of what is marked; what cannot be measured counts for nothing. */
export function sharesOf({ shelf, quadrants }: Marks): Shares {
  const problems = problemsOf({ shelf, quadrants })
  const outline = problems.has('shelf') ? null : shelf
  const measured = quadrants.filter(({ id }) => !problems.has(id))
  const brands = [...brandShares(measured, outline)]
    .map(([brandId, share]) => ({ brandId, share }))
    .toSorted((a, b) => b.share - a.share)
  const polygons = measured.map(({ polygon }) => polygon)
  const shares = shelfShares(polygons, outline)
  const blocks = new Map(measured.map(({ id }, index) => [id, shares[index]!]))
  return { brands, blocks, unmarked: outline && unmarkedShare(polygons, outline) }
}

/** 31.2 % */
export const shareWords = (share: number): string => `${share.toFixed(1)} %`

const unknown: Pick<Brand, 'name' | 'colour'> = { name: 'Unknown brand', colour: '#8a95a5' }

/** How a brand is called and drawn; one that is not on this device has no name. */
export const brandOf = (brands: ReadonlyMap<string, Brand>, id: string) => brands.get(id) ?? unknown

/** Black or white: what is read better on a colour, given as #0d6e6e. */
export function inkOn(colour: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! > 0.179 ? '#000000' : '#ffffff'
}

/** Brands to draw with: those in use, the last used first, then by name. */
export function brandOrder(brands: readonly Brand[], lastUsed: readonly string[]): Brand[] {
  const rank = ({ id }: Brand) => {
    const at = lastUsed.indexOf(id)
    return at === -1 ? lastUsed.length : at
  }
  return brands
    .filter(({ active }) => active)
    .toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
}
