import type { Brand } from '#common/contract/brands'
import type { Polygon } from '#common/contract/photos'
import type { Point } from '#common/rules/shelf-share'
import { type Marking, polygonOf, problemsOf, shelfShape } from './marking.ts'
import { brandOf, inkOn, type Shares, shareWords } from './shares.ts'

type ToStage = (point: Point) => Point

const pathOf = (corners: readonly Point[], toStage: ToStage) =>
  corners.map((corner) => Object.values(toStage(corner)).join(',')).join(' ')

/** What is marked on the photo, as it is drawn over it. Each shape says with `data-shape` which one it is. */
export function Shapes({
  marking: { marks, chosen },
  shares,
  brands,
  toStage,
}: {
  marking: Marking
  shares: Shares
  brands: ReadonlyMap<string, Brand>
  toStage: ToStage
}) {
  const problems = problemsOf(marks)
  return (
    <>
      {marks.shelf && (
        <polygon
          data-shape={shelfShape}
          points={pathOf(marks.shelf, toStage)}
          fill="transparent"
          stroke="#ffffff"
          strokeWidth={chosen?.shape === shelfShape ? 3 : 2}
          strokeDasharray="7 5"
          className="drop-shadow-[0_0_1px_#000]"
        />
      )}
      {marks.quadrants.map(({ id, brandId, polygon }) => {
        const { name, colour } = brandOf(brands, brandId)
        return (
          <g key={id} data-shape={id}>
            <polygon
              points={pathOf(polygon, toStage)}
              fill={colour}
              fillOpacity={chosen?.shape === id ? 0.45 : 0.32}
              stroke={problems.has(id) ? '#ff3b30' : colour}
              strokeWidth={chosen?.shape === id ? 3.5 : 2.5}
              strokeLinejoin="round"
            />
            <Tag
              at={toStage(upperLeft(polygon))}
              words={`${name} ${shareWords(shares.blocks.get(id) ?? 0)}`}
              colour={colour}
            />
          </g>
        )
      })}
    </>
  )
}

const upperLeft = (polygon: Polygon): Point => ({
  x: Math.min(...polygon.map(({ x }) => x)),
  y: Math.min(...polygon.map(({ y }) => y)),
})

/** The name on a block. */
function Tag({ at, words, colour }: { at: Point; words: string; colour: string }) {
  const width = words.length * 6.6 + 14
  return (
    <g transform={`translate(${at.x + 6} ${at.y + 6})`} pointerEvents="none">
      <rect width={width} height={20} rx={4} fill={colour} />
      <text x={7} y={14} fontSize={12} fontWeight={600} fill={inkOn(colour)}>
        {words}
      </text>
    </g>
  )
}

/** The corners of the chosen shape, to be moved, and between them places where another one can be added. */
export function Corners({ marking: { marks, chosen }, toStage }: { marking: Marking; toStage: ToStage }) {
  const polygon = chosen && polygonOf(marks, chosen.shape)
  if (!polygon) return null
  return (
    <g>
      {polygon.map((corner, index) => {
        const next = polygon[(index + 1) % polygon.length]!
        const middle = toStage({ x: (corner.x + next.x) / 2, y: (corner.y + next.y) / 2 })
        return (
          <circle
            key={`edge-${index}`}
            data-edge={index}
            cx={middle.x}
            cy={middle.y}
            r={4}
            fill="#ffffff"
            fillOpacity={0.6}
            stroke="#18202b"
            strokeOpacity={0.5}
            className="cursor-copy"
          />
        )
      })}
      {polygon.map((corner, index) => {
        const { x, y } = toStage(corner)
        const isChosen = chosen.corner === index
        return (
          <circle
            key={`corner-${index}`}
            data-corner={index}
            cx={x}
            cy={y}
            r={isChosen ? 7.5 : 6}
            fill={isChosen ? '#2f7cf6' : '#ffffff'}
            stroke={isChosen ? '#ffffff' : '#18202b'}
            strokeWidth={2}
            className="cursor-move"
          />
        )
      })}
    </g>
  )
}

/** A shape that is not closed yet, up to the pointer. */
export function Draft({
  corners,
  pointer,
  colour,
  toStage,
}: {
  corners: readonly Point[]
  pointer: Point | null
  colour: string
  toStage: ToStage
}) {
  const drawn = pointer ? [...corners, pointer] : corners
  return (
    <g pointerEvents="none">
      <polyline
        points={pathOf(drawn, toStage)}
        fill={colour}
        fillOpacity={0.2}
        stroke={colour}
        strokeWidth={2.5}
        strokeDasharray="5 4"
      />
      {corners.map((corner, index) => {
        const { x, y } = toStage(corner)
        return (
          <circle
            key={index}
            cx={x}
            cy={y}
            r={index === 0 && corners.length > 2 ? 8 : 5}
            fill="#ffffff"
            stroke={colour}
            strokeWidth={2.5}
          />
        )
      })}
    </g>
  )
}
