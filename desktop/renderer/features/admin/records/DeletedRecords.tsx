import { RotateCcw, SearchX, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { type DeletedInteraction, restorableDays } from '#common/contract/record-keeping'
import type { SiteMembership } from '#common/contract/sites'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useLookups } from '../../../app/lookups.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { hideTold, tell } from '../../../app/workspace.ts'
import { Button } from '../../../ui/Button.tsx'
import { dayWords, momentWords, readerZone } from '../../../ui/date-words.ts'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { Pages } from '../../../ui/Pages.tsx'
import { Pill, typeTone } from '../../../ui/Pill.tsx'
import { SearchBox } from '../../../ui/SearchBox.tsx'
import { State } from '../../../ui/State.tsx'
import { cell, head } from '../../../ui/table.ts'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'

/** The records of the site that were deleted and can still be brought back. */
export function DeletedRecords({ site }: { site: SiteMembership }) {
  const online = useSync((sync) => sync.online)
  const [query, setQuery] = useState({ search: '', page: 1 })
  const answer = useAnswer(`${online} ${JSON.stringify(query)}`, () =>
    ask('deleted.list', { siteId: site.id, ...query }),
  )
  const { value, problem, reload } = answer
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  return (
    <AdminScreen
      title="Deleted records"
      about={`What was deleted in ${site.name} can be brought back for ${restorableDays} days. After that it is gone for good.`}
      actions={
        <SearchBox label="Search deleted records" onSearch={(search) => setQuery({ search, page: 1 })} />
      }
    >
      {failed && (
        <Failed
          problem={failed}
          title="The deleted records could not be read"
          onRetry={() => void reload()}
        />
      )}
      {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
      {!value && !problem && <Loading words="Reading the deleted records" />}
      {value && !failed && value.total === 0 && <Nothing search={query.search} />}
      {value && !failed && value.total > 0 && (
        <>
          <DeletedTable records={value.interactions} site={site} onRestored={() => void reload()} />
          <Pages
            page={query.page}
            pageSize={value.pageSize}
            total={value.total}
            onPage={(page) => setQuery({ ...query, page })}
          />
        </>
      )}
    </AdminScreen>
  )
}

function Nothing({ search }: { search: string }) {
  if (search.trim() !== '')
    return (
      <State icon={SearchX} title="Nothing found">
        <p>No deleted record matches this search. Try fewer or other words.</p>
      </State>
    )
  return (
    <State icon={Trash2} title="Nothing has been deleted">
      <p>Records that somebody deletes come here, and can be restored.</p>
    </State>
  )
}

const day = 86_400_000

function DeletedTable({
  records,
  site,
  onRestored,
}: {
  records: readonly DeletedInteraction[]
  site: SiteMembership
  onRestored: () => void
}) {
  const { people } = useLookups(site.id)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState<string | null>(null)
  const restore = async ({ id, title }: DeletedInteraction) => {
    setProblem(null)
    setBusy(id)
    hideTold()
    try {
      await ask('deleted.restore', { siteId: site.id, id })
      tell(`“${title ?? 'No title yet'}” is back in Finder.`)
      onRestored()
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(null)
    }
  }
  return (
    <>
      {problem && <ProblemNotice problem={problem} className="mb-3" />}
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">Deleted records</caption>
        <thead>
          <tr>
            <th scope="col" className={head}>
              Title
            </th>
            <th scope="col" className={`${head} w-28`}>
              Type
            </th>
            <th scope="col" className={`${head} w-44`}>
              Deleted
            </th>
            <th scope="col" className={`${head} w-36`}>
              By
            </th>
            <th scope="col" className={`${head} w-32`}>
              Gone after
            </th>
            <th scope="col" className={`${head} w-28`}>
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => {
            const title = record.title ?? 'No title yet'
            const last = new Date(Date.parse(record.deletedAt) + restorableDays * day).toISOString()
            return (
              <tr key={record.id} className="hover:bg-surface-2">
                <th scope="row" className={`${cell} truncate text-left font-[550]`} title={title}>
                  {title}
                </th>
                <td className={cell}>
                  {record.type && (
                    <span className="flex">
                      <Pill tone={typeTone(record.type)}>{record.type}</Pill>
                    </span>
                  )}
                </td>
                <td className={`${cell} tabular-nums`}>{momentWords(record.deletedAt, readerZone())}</td>
                <td className={`${cell} truncate`}>{people[record.deletedBy] ?? 'Somebody'}</td>
                <td className={`${cell} text-muted tabular-nums`}>{dayWords(last)}</td>
                <td className={`${cell} text-right`}>
                  <Button
                    aria-label={`Restore ${title}`}
                    disabled={busy === record.id}
                    onClick={() => void restore(record)}
                  >
                    <RotateCcw aria-hidden size={13} /> Restore
                  </Button>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </>
  )
}
