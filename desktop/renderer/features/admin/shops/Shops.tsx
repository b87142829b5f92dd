import { FileUp, MapPin, Plus, SearchX } from 'lucide-react'
import { useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { Shop } from '#common/contract/shops'
import type { SiteMembership } from '#common/contract/sites'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useCommands } from '../../../app/commands.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { whenClean } from '../../../app/workspace.ts'
import { Button } from '../../../ui/Button.tsx'
import { Choice } from '../../../ui/Choice.tsx'
import { countWords, numberWords } from '../../../ui/date-words.ts'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { Pages } from '../../../ui/Pages.tsx'
import { SearchBox } from '../../../ui/SearchBox.tsx'
import { State } from '../../../ui/State.tsx'
import { focusPanel, WithPanel } from '../../../ui/SidePanel.tsx'
import { ifStill } from '../../../ui/opened-panel.ts'
import { chooseTable, useShopImport } from './shop-import.ts'
import { ShopPanel } from './ShopPanel.tsx'
import { ShopsImport } from './ShopsImport.tsx'
import { shopRowId, ShopsTable } from './ShopsTable.tsx'

interface Query {
  search: string
  /** Null: those in use. */
  state: 'false' | 'all' | null
  page: number
}

/** The places of the site that are visited. */
export function Shops({ site }: { site: SiteMembership }) {
  const isImporting = useShopImport(({ step }) => step !== null)
  return isImporting ? <ShopsImport site={site} /> : <ShopsList site={site} />
}

function ShopsList({ site }: { site: SiteMembership }) {
  const online = useSync((sync) => sync.online)
  const { busy, problem: unread } = useShopImport()
  const [query, setQuery] = useState<Query>({ search: '', state: null, page: 1 })
  const { value, problem, reload } = useAnswer(`${online} ${JSON.stringify(query)}`, () =>
    ask('shops.list', {
      siteId: site.id,
      page: query.page,
      pageSize: 50,
      active: query.state ?? 'true',
      ...(query.search.trim() && { search: query.search }),
    }),
  )
  const [opened, setOpened] = useState<{ key: string; shop: Shop | null; focus: boolean } | null>(null)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const isAll = query.search.trim() === '' && query.state === null

  const open = (shop: Shop, focus: boolean) =>
    shop.id === opened?.shop?.id
      ? focus && focusPanel()
      : whenClean(() => setOpened({ key: shop.id, shop, focus }))
  const close = () =>
    whenClean(() => {
      setOpened(null)
      if (opened?.shop) document.getElementById(shopRowId(opened.shop.id))?.focus()
    })
  const add = () => whenClean(() => setOpened({ key: uuidv7(), shop: null, focus: true }))
  const importTable = () => whenClean(() => void chooseTable())
  useCommands('shops', () =>
    online
      ? [
          { id: 'shops.add', words: 'Add a shop', run: add },
          { id: 'shops.import', words: 'Import shops from a file…', run: importTable },
        ]
      : [],
  )
  return (
    <WithPanel isOpen={opened !== null} onClose={close}>
      <AdminScreen
        title="Shops"
        actions={
          <>
            <SearchBox
              label="Search shops"
              className="w-56"
              onSearch={(search) => setQuery((before) => ({ ...before, search, page: 1 }))}
            />
            <Button disabled={!online || busy} onClick={importTable}>
              <FileUp aria-hidden size={14} /> Import…
            </Button>
            <Button look="primary" disabled={!online} onClick={add}>
              <Plus aria-hidden size={15} /> Add shop
            </Button>
          </>
        }
      >
        <div className="mb-2 flex flex-wrap items-center gap-2">
          <Choice
            label="State"
            none="In use"
            value={query.state}
            options={[
              ['false', 'Out of use'],
              ['all', 'In use or not'],
            ]}
            onChange={(state) => setQuery((before) => ({ ...before, state, page: 1 }))}
          />
          <span role="status" className="ml-auto text-muted tabular-nums">
            {value &&
              !failed &&
              (isAll ? countWords(value.total, 'shop') : `${numberWords(value.total)} found`)}
          </span>
        </div>
        {unread && <ProblemNotice problem={unread} className="mb-3" />}
        {failed && (
          <Failed problem={failed} title="The shops could not be read" onRetry={() => void reload()} />
        )}
        {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
        {!value && !problem && <Loading words="Reading the shops" />}
        {value && !failed && value.shops.length === 0 && (
          <Nothing site={site} isAll={isAll} online={online} onImport={importTable} />
        )}
        {value && !failed && value.shops.length > 0 && (
          <ShopsTable
            shops={value.shops}
            opened={opened?.shop?.id}
            showsState={query.state === 'all'}
            onOpen={open}
          />
        )}
        {value && !failed && (
          <Pages {...value} page={query.page} onPage={(page) => setQuery({ ...query, page })} />
        )}
      </AdminScreen>
      {opened && (
        <ShopPanel
          key={opened.key}
          site={site}
          shop={opened.shop}
          focus={opened.focus}
          onSaved={(shop) => {
            setOpened(ifStill(opened, (panel) => ({ ...panel, shop })))
            void reload()
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

function Nothing({
  site,
  isAll,
  online,
  onImport,
}: {
  site: SiteMembership
  isAll: boolean
  online: boolean
  onImport: () => void
}) {
  if (!isAll)
    return (
      <State icon={SearchX} title="No shop found">
        <p>Try fewer or other words, or look among those out of use too.</p>
      </State>
    )
  return (
    <State icon={MapPin} title="There are no shops in use">
      <p>Visits in {site.name} begin at a shop. Add one, or take in the list you have as CSV or Excel.</p>
      <Button className="mt-2" disabled={!online} onClick={onImport}>
        Import a file…
      </Button>
    </State>
  )
}
