import type { Site } from '#common/contract/sites'
import { numberWords } from '../../../ui/date-words.ts'
import { Pill } from '../../../ui/Pill.tsx'
import { cell, head } from '../../../ui/table.ts'
import { stepThrough } from '../../../ui/step-through.ts'

export const siteRowId = (id: string) => `site-${id}`

export const SiteStatePill = ({ active }: { active: boolean }) => (
  <span className="flex shrink-0">
    <Pill tone={active ? 'green' : 'plain'}>{active ? 'In use' : 'Out of use'}</Pill>
  </span>
)

export function SitesTable({
  sites,
  opened,
  onOpen,
}: {
  sites: readonly Site[]
  opened: string | undefined
  onOpen: (id: string, focus: boolean) => void
}) {
  const hasCounts = sites.some(({ users }) => users !== undefined)
  return (
    <div className="@container">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">Sites</caption>
        <thead>
          <tr>
            <th scope="col" className={`${head} w-64 @max-[44rem]:w-auto`}>
              Name
            </th>
            <th scope="col" className={`${head} @max-[44rem]:hidden`}>
              Description
            </th>
            {hasCounts && (
              <th scope="col" className={`${head} w-24 text-right`}>
                People
              </th>
            )}
            <th scope="col" className={`${head} w-28`}>
              State
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={stepThrough}>
          {sites.map((site) => (
            <tr
              key={site.id}
              className={`cursor-pointer ${site.id === opened ? 'bg-accent-soft [&_.pill]:bg-surface' : 'hover:bg-surface-2'}`}
              onClick={(event) => onOpen(site.id, event.detail === 0)}
            >
              <th scope="row" className={`${cell} text-left font-[550]`}>
                <button
                  type="button"
                  id={siteRowId(site.id)}
                  aria-current={site.id === opened ? 'true' : undefined}
                  className="block w-full truncate rounded-sm text-left"
                  title={site.name}
                >
                  {site.name}
                </button>
              </th>
              <td
                className={`${cell} truncate text-muted @max-[44rem]:hidden`}
                title={site.description ?? undefined}
              >
                {site.description}
              </td>
              {hasCounts && (
                <td className={`${cell} text-right tabular-nums`}>
                  {site.users === undefined ? '' : numberWords(site.users)}
                </td>
              )}
              <td className={cell}>
                <SiteStatePill active={site.active} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
