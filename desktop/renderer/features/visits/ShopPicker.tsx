import { MapPin, Search, SearchX, Store } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import type { Answer } from '#desktop/bridge/channels'
import { Failed, Loading } from '../../app/AdminScreen.tsx'
import { ask } from '../../app/bridge.ts'
import { useDataChanges } from '../../app/data-changes.ts'
import { useMay } from '../../app/session.ts'
import { useIsFetching } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { TextButton } from '../../ui/Button.tsx'
import { numberWords, readerZone, recentWords } from '../../ui/date-words.ts'
import { State } from '../../ui/State.tsx'
import { stepThrough } from '../../ui/step-through.ts'
import { findPlace, usePlace } from './place.ts'
import { distanceWords } from '../../ui/place-words.ts'

export type FoundShop = Answer<'shops.find'>['shops'][number]

export const shopSearchId = 'shop-search'

/** More than this nobody looks through; typing narrows it down. */
const mostShown = 50

/** The shops of the site, the nearest first where it is known where one is; choosing one starts a visit. */
export function ShopPicker({
  site,
  onChoose,
  onAlone,
}: {
  site: SiteMembership
  onChoose: (shop: FoundShop) => void
  onAlone: () => void
}) {
  const [search, setSearch] = useState('')
  const position = usePlace((place) => place.position)
  const near = position && { latitude: position.latitude, longitude: position.longitude }
  const { value, problem, reload } = useAnswer(`${site.id} ${search} ${JSON.stringify(near)}`, () =>
    ask('shops.find', { siteId: site.id, search: search.trim(), near, limit: mostShown }).then((found) => ({
      ...found,
      search,
    })),
  )
  useDataChanges(site.id, () => void reload())
  useEffect(() => void findPlace(), [])
  return (
    <section aria-label="Start a visit" className="min-w-0">
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-2">
        <h2 className="font-semibold">Start a visit</h2>
        <PlaceWords />
      </div>
      <search className="relative mb-2 block">
        <Search
          aria-hidden
          size={14}
          className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-muted"
        />
        <input
          id={shopSearchId}
          type="search"
          aria-label="Find a shop"
          placeholder="Find a shop by name, address or reference"
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          className="control pl-8"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => {
            const first = value?.search === search ? value.shops[0] : undefined
            if (event.key === 'Enter' && first) onChoose(first)
          }}
        />
      </search>
      {problem && !value && (
        <Failed problem={problem} title="The shops could not be read" onRetry={() => void reload()} />
      )}
      {!value && !problem && <Loading words="Reading the shops" />}
      {value && value.shops.length === 0 && <NoShop site={site} search={value.search} />}
      {value && value.shops.length > 0 && (
        <>
          <ul
            aria-label="Shops"
            className="divide-y divide-line overflow-hidden rounded-md border border-line"
            onKeyDown={stepThrough}
          >
            {value.shops.map((shop) => (
              <li key={shop.id}>
                <ShopRow shop={shop} onChoose={() => onChoose(shop)} />
              </li>
            ))}
          </ul>
          {value.total > value.shops.length && (
            <p className="mt-2 text-sm text-muted">
              {numberWords(value.shops.length)} of {numberWords(value.total)} shops. Type to find another one.
            </p>
          )}
        </>
      )}
      <p className="mt-3 text-muted">
        Somewhere else? <TextButton onClick={onAlone}>Start without a shop</TextButton>
      </p>
    </section>
  )
}

function ShopRow({ shop, onChoose }: { shop: FoundShop; onChoose: () => void }) {
  const { name, address, metres, lastVisitAt } = shop
  return (
    <button
      type="button"
      className="flex w-full items-center gap-4 px-3 py-2 text-left -outline-offset-2 hover:bg-surface-2"
      onClick={onChoose}
    >
      <span className="min-w-0 flex-1">
        <span className="block truncate font-[550]">{name}</span>
        <span className="block truncate text-muted">{address || 'No address'}</span>
      </span>
      <span className="shrink-0 text-right text-muted tabular-nums">
        {metres !== null && <span className="block text-text">{distanceWords(metres)}</span>}
        <span className="block text-sm">
          {lastVisitAt ? `Visited ${recentWords(lastVisitAt, readerZone(), new Date())}` : 'Not visited yet'}
        </span>
      </span>
    </button>
  )
}

/** Whether the list is in the order of distance, and what to do where it is not. */
function PlaceWords() {
  const { state } = usePlace()
  if (state === 'unknown') return null
  if (state === 'asking') return <span className="text-sm text-muted">Finding where you are…</span>
  if (state === 'known')
    return (
      <span className="flex items-center gap-1 text-sm text-muted">
        <MapPin aria-hidden size={13} /> Nearest first
      </span>
    )
  return (
    <span className="text-sm text-muted">
      By name; this device does not say where it is.{' '}
      <TextButton look="faint" className="underline" onClick={() => void findPlace()}>
        Ask again
      </TextButton>
    </span>
  )
}

function NoShop({ site, search }: { site: SiteMembership; search: string }) {
  const isFetching = useIsFetching()
  const mayManage = useMay('shop.manage')
  if (search.trim() !== '')
    return (
      <State icon={SearchX} title="No shop found">
        <p>There is no such shop at {site.name}. Try fewer or other words.</p>
      </State>
    )
  if (isFetching) return <Loading words="Fetching the shops" />
  return (
    <State icon={Store} title={`There are no shops at ${site.name} yet`}>
      <p>
        {mayManage
          ? 'Add them one by one, or import a list, on the screen Shops.'
          : 'An administrator of the site can add them. A visit can also start without a shop.'}
      </p>
    </State>
  )
}
