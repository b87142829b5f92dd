import { CircleAlert } from 'lucide-react'
import type { ImportOptions } from '#common/contract/imports'
import type { InteractionFields } from '#common/contract/interactions'
import { readRow } from '#common/rules/import-rows'
import type { TableFile } from '#desktop/bridge/channels'
import { momentWords, shortEndWords } from '../../ui/date-words.ts'
import { fieldLabel } from '../../ui/field-labels.ts'
import { Pill, typeTone } from '../../ui/Pill.tsx'
import { StatusPill } from '../../ui/StatusPill.tsx'

const mostShown = 8

/** The first rows as the records they would be, with what is wrong in its place. */
export function ImportPreview({
  file,
  options,
  types,
}: {
  file: TableFile
  options: ImportOptions
  types: readonly string[]
}) {
  if (options.columns.length !== file.headers.length) return null
  const context = { headers: file.headers, options, types }
  const rows = file.sample.slice(0, mostShown).map((cells) => readRow(cells, context, null))
  return (
    <section aria-labelledby="import-preview" className="mt-7 pb-6">
      <h3 id="import-preview" className="mb-2 font-semibold">
        The first records would be
      </h3>
      <table className="w-full table-fixed border-separate border-spacing-0 border-t border-line">
        <thead>
          <tr>
            <th scope="col" className={head}>
              Title
            </th>
            <th scope="col" className={`${head} w-24`}>
              Type
            </th>
            <th scope="col" className={`${head} w-36`}>
              Lead
            </th>
            <th scope="col" className={`${head} w-40`}>
              Start
            </th>
            <th scope="col" className={`${head} w-24`}>
              End
            </th>
            <th scope="col" className={`${head} w-36`}>
              Location
            </th>
            <th scope="col" className={`${head} w-28`}>
              Status
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ fields, problems }, index) => (
            <Row key={index} fields={fields} problems={problems} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

const head = 'border-b border-line px-3 py-2 text-left text-sm font-semibold text-muted'

function Row({ fields, problems }: ReturnType<typeof readRow>) {
  const { title, type, lead, startDateTime, endDateTime, timezone, location, status } = fields
  const isBad = problems.length > 0
  const cell = `truncate px-3 pt-1.5 ${isBad ? 'pb-0.5' : 'border-b border-line pb-1.5'}`
  const wrong = (...names: (keyof InteractionFields)[]) =>
    problems.some(({ field }) => (names as string[]).includes(field)) ? 'text-bad' : ''
  const nothing = <span className="text-muted">–</span>
  return (
    <>
      <tr>
        <th
          scope="row"
          className={`${cell} text-left font-[550] ${wrong('title')}`}
          title={title ?? undefined}
        >
          {title ?? <span className="font-normal text-muted">No title</span>}
        </th>
        <td className={`${cell} ${wrong('type')}`}>
          {type ? (
            <span className="flex">
              <Pill tone={typeTone(type)}>{type}</Pill>
            </span>
          ) : (
            nothing
          )}
        </td>
        <td className={`${cell} ${wrong('lead')}`} title={lead ?? undefined}>
          {lead ?? nothing}
        </td>
        <td className={`${cell} tabular-nums ${wrong('startDateTime', 'timezone')}`}>
          {startDateTime && timezone ? momentWords(startDateTime, timezone) : nothing}
        </td>
        <td className={`${cell} tabular-nums ${wrong('endDateTime')}`}>
          {startDateTime && endDateTime && timezone
            ? shortEndWords(startDateTime, endDateTime, timezone)
            : nothing}
        </td>
        <td className={`${cell} ${wrong('location')}`} title={location || undefined}>
          {location || nothing}
        </td>
        <td className={cell}>
          <span className="flex">
            <StatusPill status={status} />
          </span>
        </td>
      </tr>
      {isBad && (
        <tr>
          <td colSpan={7} className="border-b border-line px-3 pb-1.5 text-sm text-bad">
            <span className="flex items-start gap-1.5">
              <CircleAlert aria-hidden size={13} className="mt-0.5 shrink-0" />
              <span className="min-w-0">
                {problems.map(({ field, message }) => `${fieldLabel(field)}: ${message}`).join(' · ')}
              </span>
            </span>
          </td>
        </tr>
      )}
    </>
  )
}
