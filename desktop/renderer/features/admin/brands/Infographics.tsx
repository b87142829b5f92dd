import { ImagePlus, Trash2 } from 'lucide-react'
import { useRef, useState } from 'react'
import type { Brand, Infographic } from '#common/contract/brands'
import { pictureTypes } from '#common/contract/pictures'
import { PhotoError } from '#common/rules/image-bytes'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { drawFile } from '../../../app/draw-photo.ts'
import { tell } from '../../../app/workspace.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button } from '../../../ui/Button.tsx'
import { InfographicPicture, ShownInfographic } from '../../../ui/Infographic.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { asSentence } from '../../../ui/field-errors.ts'
import { InfographicAddDialog, type NewInfographic } from './InfographicAddDialog.tsx'

/** The pictures of a brand that show what to look for on a shelf. */
export function Infographics({
  brand,
  disabled,
  onChanged,
}: {
  brand: Brand
  disabled: boolean
  onChanged: () => Promise<unknown>
}) {
  const file = useRef<HTMLInputElement>(null)
  const [adding, setAdding] = useState<NewInfographic | null>(null)
  const [removing, setRemoving] = useState<Infographic | null>(null)
  const [shown, setShown] = useState<Infographic | null>(null)
  const [problem, setProblem] = useState<Omit<Problem, 'code'> | null>(null)
  const [reading, setReading] = useState(false)

  const choose = async (chosen: File) => {
    setProblem(null)
    setReading(true)
    try {
      const { picture } = await drawFile(chosen)
      setAdding({ picture, title: chosen.name.replace(/\.[^.]+$/, '').slice(0, 200) })
    } catch (error) {
      setProblem(
        error instanceof PhotoError
          ? { message: `${chosen.name}: ${error.message}`, reference: null, details: [] }
          : asSentence(problemOf(error)),
      )
    } finally {
      setReading(false)
    }
  }
  const remove = async (infographic: Infographic) => {
    setRemoving(null)
    setProblem(null)
    try {
      await ask('brands.removeInfographic', { id: infographic.id })
      tell(`“${infographic.title}” is removed.`)
    } catch (error) {
      setProblem(problemOf(error))
    }
    await onChanged()
  }
  return (
    <section aria-label="Infographics" className="mt-6 border-t border-line pt-4">
      <div className="mb-2 flex items-center gap-2">
        <h3 className="font-semibold">Infographics</h3>
        <span className="flex-1" />
        <Button disabled={disabled || reading} onClick={() => file.current?.click()}>
          <ImagePlus aria-hidden size={14} /> {reading ? 'Reading…' : 'Add picture…'}
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          aria-label="Picture of the brand"
          accept={pictureTypes.join()}
          onChange={(event) => {
            const [chosen] = event.target.files ?? []
            if (chosen) void choose(chosen)
            event.target.value = ''
          }}
        />
      </div>
      {problem && <ProblemNotice problem={problem} className="mb-2" />}
      {brand.infographics.length === 0 ? (
        <p className="text-muted">
          None yet. Pictures that show the brand’s packs and how they should stand help to tell them on a
          shelf.
        </p>
      ) : (
        <ul className="grid grid-cols-2 gap-2.5">
          {brand.infographics.map((infographic) => (
            <li
              key={infographic.id}
              className="group relative overflow-hidden rounded-lg border border-line bg-surface"
            >
              <button
                type="button"
                className="block w-full rounded-lg text-left -outline-offset-2"
                aria-label={`Show ${infographic.title}`}
                onClick={() => setShown(infographic)}
              >
                <InfographicPicture
                  infographic={infographic}
                  alt=""
                  className="aspect-4/3 w-full object-cover"
                />
                <span className="block truncate px-2.5 py-1.5 pr-9 font-[550]" title={infographic.title}>
                  {infographic.title}
                </span>
              </button>
              <Button
                look="icon"
                className="absolute right-0 bottom-0"
                aria-label={`Remove ${infographic.title}`}
                title="Remove"
                disabled={disabled}
                onClick={() => setRemoving(infographic)}
              >
                <Trash2 aria-hidden size={14} />
              </Button>
            </li>
          ))}
        </ul>
      )}
      {adding && (
        <InfographicAddDialog
          brand={brand}
          infographic={adding}
          onClose={() => setAdding(null)}
          onAdded={async (title) => {
            tell(`“${title}” is added to ${brand.name}.`)
            await onChanged()
            setAdding(null)
          }}
        />
      )}
      {shown && <ShownInfographic infographic={shown} onClose={() => setShown(null)} />}
      <Ask
        open={removing !== null}
        title={`Remove “${removing?.title}”?`}
        no="Keep it"
        onNo={() => setRemoving(null)}
        actions={
          <Button look="danger-solid" onClick={() => removing && void remove(removing)}>
            Remove
          </Button>
        }
      >
        <p>The picture is gone from {brand.name} for everybody.</p>
      </Ask>
    </section>
  )
}
