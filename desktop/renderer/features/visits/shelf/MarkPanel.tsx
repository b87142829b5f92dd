import { SquareDashed, Trash2 } from 'lucide-react'
import { type Dispatch, useId, useState } from 'react'
import type { Brand, Infographic } from '#common/contract/brands'
import { fold } from '#common/rules/folding'
import { Button } from '../../../ui/Button.tsx'
import { InfographicPicture, ShownInfographic } from '../../../ui/Infographic.tsx'
import { Kbd } from '../../../ui/Kbd.tsx'
import { type Action, type Marking, problemsOf, type Purpose, shapesOf, shelfShape } from './marking.ts'
import { brandOf, type Shares, shareWords } from './shares.ts'

/** More brands than this are found by typing. */
const fewBrands = 9

/** What is drawn next: a block of a brand, or the outline of the shelf. */
export function PurposeList({
  brands,
  purpose,
  onChoose,
}: {
  /** The last used first. */
  brands: readonly Brand[]
  purpose: Purpose | null
  onChoose: (purpose: Purpose) => void
}) {
  const name = useId()
  const [search, setSearch] = useState('')
  const found = brands.filter((brand) => fold(brand.name).includes(fold(search)))
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 font-semibold">Draw</legend>
      {brands.length > fewBrands && (
        <input
          type="search"
          aria-label="Find a brand"
          placeholder="Find a brand"
          className="control mb-1.5"
          value={search}
          onChange={({ target }) => setSearch(target.value)}
        />
      )}
      <div className="max-h-60 overflow-y-auto rounded-md border border-line">
        {found.map((brand) => {
          const index = brands.indexOf(brand)
          return (
            <PurposeRow
              key={brand.id}
              name={name}
              words={brand.name}
              mark={<Swatch colour={brand.colour} />}
              sign={index < 9 ? String(index + 1) : null}
              chosen={purpose !== null && purpose !== shelfShape && purpose.brandId === brand.id}
              onChoose={() => onChoose({ brandId: brand.id })}
            />
          )
        })}
        <PurposeRow
          name={name}
          words="Outline of the shelf"
          mark={<SquareDashed aria-hidden size={14} className="shrink-0 text-muted" />}
          sign="S"
          chosen={purpose === shelfShape}
          onChoose={() => onChoose(shelfShape)}
        />
      </div>
    </fieldset>
  )
}

/** What to look for: the pictures of the brand that is drawn. Nothing where it has none. */
export function LookFor({ brand: { name, infographics } }: { brand: Brand }) {
  const [shown, setShown] = useState<Infographic | null>(null)
  if (infographics.length === 0) return null
  return (
    <section aria-label={`Pictures of ${name}`} className="mt-3">
      <h3 className="mb-1.5 text-muted">How {name} looks</h3>
      <ul className="grid grid-cols-3 gap-1.5">
        {infographics.map((infographic) => (
          <li key={infographic.id}>
            <button
              type="button"
              title={infographic.title}
              aria-label={`Show ${infographic.title}`}
              className="block w-full overflow-hidden rounded-md border border-line"
              onClick={() => setShown(infographic)}
            >
              <InfographicPicture
                infographic={infographic}
                alt=""
                className="aspect-4/3 w-full object-cover"
              />
            </button>
          </li>
        ))}
      </ul>
      {shown && <ShownInfographic infographic={shown} onClose={() => setShown(null)} />}
    </section>
  )
}

export const Swatch = ({ colour }: { colour: string }) => (
  <span
    aria-hidden
    className="size-3.5 shrink-0 rounded-sm shadow-[inset_0_0_0_1px_rgb(0_0_0/0.2)]"
    style={{ background: colour }}
  />
)

const PurposeRow = ({
  name,
  words,
  mark,
  sign,
  chosen,
  onChoose,
}: {
  name: string
  words: string
  mark: React.ReactNode
  sign: string | null
  chosen: boolean
  onChoose: () => void
}) => (
  <label className="relative flex min-h-8 items-center gap-2 border-b border-line px-2.5 last:border-0 hover:bg-surface-2 has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus">
    <input type="radio" name={name} className="sr-only" checked={chosen} onChange={onChoose} />
    {mark}
    <span className="min-w-0 flex-1 truncate">{words}</span>
    {sign && <Kbd keys={sign} />}
  </label>
)

/** Every shape in words: what it is, its part of the whole, and what can be done with it. */
export function ShapeList({
  marking: { marks, chosen },
  shares,
  brands,
  dispatch,
  readOnly,
}: {
  marking: Marking
  shares: Shares
  brands: ReadonlyMap<string, Brand>
  dispatch: Dispatch<Action>
  readOnly: boolean
}) {
  const shapes = shapesOf(marks)
  const problems = problemsOf(marks)
  const names = shapeNames(marks, brands)
  if (shapes.length === 0) return null
  return (
    <section aria-label="What is marked">
      <h3 className="mb-1.5 font-semibold">Marked</h3>
      <ul className="overflow-hidden rounded-md border border-line">
        {shapes.map((shape) => {
          const quadrant = marks.quadrants.find(({ id }) => id === shape)
          const isChosen = chosen?.shape === shape
          const name = names.get(shape)!
          return (
            <li
              key={shape}
              className={`border-b border-line last:border-0 ${isChosen ? 'bg-accent-soft' : ''}`}
            >
              <div className="flex min-h-8 items-center">
                <button
                  type="button"
                  aria-pressed={isChosen}
                  className="flex min-h-8 min-w-0 flex-1 items-center gap-2 px-2.5 text-left -outline-offset-2"
                  onClick={() => dispatch({ do: 'choose', shape: isChosen ? null : shape })}
                >
                  {quadrant ? (
                    <Swatch colour={brandOf(brands, quadrant.brandId).colour} />
                  ) : (
                    <SquareDashed aria-hidden size={14} className="shrink-0 text-muted" />
                  )}
                  <span className="min-w-0 flex-1 truncate">{name}</span>
                  {quadrant && (
                    <span className="text-muted tabular-nums">
                      {shareWords(shares.blocks.get(shape) ?? 0)}
                    </span>
                  )}
                </button>
                {!readOnly && (
                  <Button
                    look="icon"
                    aria-label={`Remove ${name}`}
                    title="Remove (Del)"
                    onClick={() => {
                      dispatch({ do: 'choose', shape })
                      dispatch({ do: 'remove' })
                    }}
                  >
                    <Trash2 aria-hidden size={14} />
                  </Button>
                )}
              </div>
              {problems.has(shape) && (
                <p role="alert" className="px-2.5 pb-1.5 text-sm text-bad">
                  {problems.get(shape)} It is not saved.
                </p>
              )}
              {isChosen && !readOnly && quadrant && (
                <div className="flex flex-wrap gap-2 px-2.5 pb-2">
                  <select
                    aria-label={`Brand of ${name}`}
                    className="control min-w-0 flex-1"
                    value={quadrant.brandId}
                    onChange={({ target }) => dispatch({ do: 'brand', id: shape, brandId: target.value })}
                  >
                    {[...brands.values()]
                      .filter(({ id, active }) => active || id === quadrant.brandId)
                      .map(({ id, name: brandName }) => (
                        <option key={id} value={id}>
                          {brandName}
                        </option>
                      ))}
                  </select>
                </div>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** What each shape is called; several blocks of one brand are counted. */
export function shapeNames(marks: Marking['marks'], brands: ReadonlyMap<string, Brand>): Map<string, string> {
  const counts = Map.groupBy(marks.quadrants, ({ brandId }) => brandId)
  return new Map(
    shapesOf(marks).map((shape) => {
      const quadrant = marks.quadrants.find(({ id }) => id === shape)
      if (!quadrant) return [shape, 'Outline of the shelf']
      const same = counts.get(quadrant.brandId)!
      const { name } = brandOf(brands, quadrant.brandId)
      return [shape, same.length > 1 ? `${name}, block ${same.indexOf(quadrant) + 1}` : name]
    }),
  )
}

/** The shares in a sentence, for who does not see the photo. */
export function sharesSentence(
  { brands: shares, unmarked }: Shares,
  brands: ReadonlyMap<string, Brand>,
): string {
  const parts = shares.map(({ brandId, share }) => `${brandOf(brands, brandId).name} ${shareWords(share)}`)
  if (unmarked !== null) parts.push(`not marked ${shareWords(unmarked)}`)
  return parts.join(', ')
}
