import { Plus, Tag } from 'lucide-react'
import { useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { Brand } from '#common/contract/brands'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useCommands } from '../../../app/commands.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { whenClean } from '../../../app/workspace.ts'
import { Button } from '../../../ui/Button.tsx'
import { numberWords } from '../../../ui/date-words.ts'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { State } from '../../../ui/State.tsx'
import { stepThrough } from '../../../ui/step-through.ts'
import { cell, head } from '../../../ui/table.ts'
import { focusPanel, WithPanel } from '../../../ui/SidePanel.tsx'
import { ifStill } from '../../../ui/opened-panel.ts'
import { nextColour } from './brand-colours.ts'
import { BrandPanel, BrandStatePill } from './BrandPanel.tsx'

const rowId = (id: string) => `brand-${id}`

/** The brands whose share of shelves is measured. */
export function Brands() {
  const online = useSync((sync) => sync.online)
  const { value, problem, reload } = useAnswer(`${online}`, () => ask('brands.list', {}))
  const [opened, setOpened] = useState<{ key: string; id: string | null; focus: boolean } | null>(null)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const brands = value?.brands ?? []
  const brand = brands.find(({ id }) => id === opened?.id) ?? null

  const open = (id: string, focus: boolean) =>
    id === opened?.id ? focus && focusPanel() : whenClean(() => setOpened({ key: id, id, focus }))
  const close = () =>
    whenClean(() => {
      setOpened(null)
      if (opened?.id) document.getElementById(rowId(opened.id))?.focus()
    })
  const add = () => whenClean(() => setOpened({ key: uuidv7(), id: null, focus: true }))
  useCommands('brands', () => (online ? [{ id: 'brands.add', words: 'Add a brand', run: add }] : []))
  return (
    <WithPanel isOpen={opened !== null} onClose={close}>
      <AdminScreen
        title="Brands"
        about="Whose share of the shelf is measured on visits. Agents mark their blocks on shelf photos, in these colours; the pictures help to tell them apart."
        actions={
          <Button look="primary" disabled={!online} onClick={add}>
            <Plus aria-hidden size={15} /> Add brand
          </Button>
        }
      >
        {failed && (
          <Failed problem={failed} title="The brands could not be read" onRetry={() => void reload()} />
        )}
        {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
        {!value && !problem && <Loading words="Reading the brands" />}
        {value && !failed && brands.length === 0 && (
          <State icon={Tag} title="There are no brands yet">
            <p>Add those that are to be found on shelves: your own, and those beside them.</p>
          </State>
        )}
        {value && !failed && brands.length > 0 && (
          <BrandsTable brands={brands} opened={opened?.id} onOpen={open} />
        )}
      </AdminScreen>
      {opened && (opened.id === null || brand) && (
        <BrandPanel
          key={opened.key}
          brand={brand}
          colour={nextColour(brands.map(({ colour }) => colour))}
          focus={opened.focus}
          onChanged={async (added) => {
            await reload()
            if (added) setOpened(ifStill(opened, (panel) => ({ ...panel, id: added })))
          }}
          onDeleted={() => {
            setOpened(ifStill(opened, () => null))
            void reload()
          }}
          onClose={close}
        />
      )}
    </WithPanel>
  )
}

function BrandsTable({
  brands,
  opened,
  onOpen,
}: {
  brands: readonly Brand[]
  opened: string | null | undefined
  onOpen: (id: string, focus: boolean) => void
}) {
  return (
    <div className="@container">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">Brands</caption>
        <thead>
          <tr>
            <th scope="col" className={`${head} w-72 @max-[44rem]:w-auto`}>
              Name
            </th>
            <th scope="col" className={`${head} @max-[44rem]:hidden`}>
              Description
            </th>
            <th scope="col" className={`${head} w-28 text-right`}>
              Infographics
            </th>
            <th scope="col" className={`${head} w-28`}>
              State
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={stepThrough}>
          {brands.map(({ id, name, description, colour, infographics, active }) => (
            <tr
              key={id}
              className={`cursor-pointer ${id === opened ? 'bg-accent-soft [&_.pill]:bg-surface' : 'hover:bg-surface-2'}`}
              onClick={(event) => onOpen(id, event.detail === 0)}
            >
              <th scope="row" className={`${cell} text-left font-[550]`}>
                <span className="flex items-center gap-2.5">
                  <span
                    aria-hidden
                    className="size-4 shrink-0 rounded-sm border border-line"
                    style={{ background: colour }}
                  />
                  <button
                    type="button"
                    id={rowId(id)}
                    aria-current={id === opened ? 'true' : undefined}
                    className="block min-w-0 flex-1 truncate rounded-sm text-left"
                    title={name}
                  >
                    {name}
                  </button>
                </span>
              </th>
              <td className={`${cell} truncate text-muted @max-[44rem]:hidden`} title={description}>
                {description}
              </td>
              <td className={`${cell} text-right tabular-nums`}>
                {infographics.length === 0 ? (
                  <span className="text-muted">–</span>
                ) : (
                  numberWords(infographics.length)
                )}
              </td>
              <td className={cell}>
                <BrandStatePill active={active} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
