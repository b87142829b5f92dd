import { useState } from 'react'
import { mostLocations } from '#common/contract/call-cycles'
import type { Shop } from '#common/contract/shops'
import { ask } from '../../app/bridge.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { TextButton } from '../../ui/Button.tsx'
import { countWords } from '../../ui/date-words.ts'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Pages } from '../../ui/Pages.tsx'
import { SearchBox } from '../../ui/SearchBox.tsx'

/** Finds shops of the site and puts many of them into a cycle at once. */
export function AddShops({
  siteId,
  there,
  onAdd,
  onClose,
}: {
  siteId: string
  /** Ids of those that are in it already. */
  there: ReadonlySet<string>
  onAdd: (shops: readonly Shop[]) => void
  onClose: () => void
}) {
  const [search, setSearch] = useState('')
  const [page, setPage] = useState(1)
  const { value, problem } = useAnswer(`${page} ${search}`, () =>
    ask('shops.list', {
      siteId,
      active: 'true',
      page,
      pageSize: 50,
      ...(search.trim() && { search: search.trim() }),
    }),
  )
  const [chosen, setChosen] = useState<ReadonlyMap<string, Shop>>(new Map())
  const shops = value?.shops ?? []
  const free = shops.filter(({ id }) => !there.has(id))
  const room = mostLocations - there.size
  const put = (some: readonly Shop[], on: boolean) => {
    const next = new Map(chosen)
    for (const shop of some) {
      if (!on) next.delete(shop.id)
      else if (next.size < room) next.set(shop.id, shop)
    }
    setChosen(next)
  }
  const areAll = free.length > 0 && free.every(({ id }) => chosen.has(id))
  return (
    <FormDialog
      title="Add shops"
      intro={<p>They come after those that are in it, due on any day, once in each period.</p>}
      send={chosen.size === 0 ? 'Add' : `Add ${countWords(chosen.size, 'shop')}`}
      busy={chosen.size === 0}
      unsaved={chosen.size === 0 ? null : 'The shops you chose are not added yet.'}
      onSend={() => onAdd([...chosen.values()])}
      onClose={onClose}
    >
      <div className="mt-4 flex items-center gap-3">
        <SearchBox
          label="Find shops by name, address or reference"
          className="min-w-0 flex-1"
          onSearch={(words) => {
            setSearch(words)
            setPage(1)
          }}
        />
        {free.length > 0 && (
          <TextButton onClick={() => put(free, !areAll)}>{areAll ? 'Choose none' : 'Choose all'}</TextButton>
        )}
      </div>
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <p role="status" className="mt-2 text-muted">
        {value &&
          (value.total === 0
            ? 'No shop in use fits this.'
            : `${countWords(value.total, 'shop')}${search.trim() ? ' found' : ''}`)}
      </p>
      {shops.length > 0 && (
        <ul aria-label="Shops to choose" className="mt-1 max-h-72 overflow-y-auto border-y border-line">
          {shops.map((shop) => {
            const isThere = there.has(shop.id)
            return (
              <li key={shop.id} className="border-b border-line last:border-b-0">
                <label
                  className={`flex items-center gap-2.5 px-2 py-1.5 ${isThere ? 'text-muted' : 'hover:bg-surface-2'}`}
                >
                  <input
                    type="checkbox"
                    className="size-[15px] shrink-0 accent-accent"
                    checked={isThere || chosen.has(shop.id)}
                    disabled={isThere}
                    onChange={(event) => put([shop], event.target.checked)}
                  />
                  <span className="min-w-0 flex-1">
                    <span className="block truncate">{shop.name}</span>
                    <span className="block truncate text-sm text-muted">{shop.address || 'No address'}</span>
                  </span>
                  {isThere && <span className="shrink-0 text-sm">In it</span>}
                </label>
              </li>
            )
          })}
        </ul>
      )}
      {value && <Pages {...value} page={page} onPage={setPage} />}
    </FormDialog>
  )
}
