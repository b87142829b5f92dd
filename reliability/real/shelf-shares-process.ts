import { text } from 'node:stream/consumers'
import { type Point, shelfShares } from '#common/rules/shelf-share'

/** The shares of layouts, measured by whoever runs this: `… shelf-shares-process.ts < layouts.json`. */

export interface Layout {
  shelf: Point[] | null
  polygons: Point[][]
}

const layouts = JSON.parse(await text(process.stdin)) as Layout[]
const shares = layouts.map(({ polygons, shelf }) => shelfShares(polygons, shelf))
process.stdout.write(JSON.stringify({ electron: process.versions.electron ?? null, shares }))
