import type { Tenant, TenantStatus } from '#common/contract/tenants'
import { numberWords } from '../../../ui/date-words.ts'
import { Pill } from '../../../ui/Pill.tsx'
import { cell, head } from '../../../ui/table.ts'
import { stepThrough } from '../../../ui/step-through.ts'

export const organisationRowId = (id: string) => `organisation-${id}`

export const TenantStatePill = ({ status }: { status: TenantStatus }) => (
  <span className="flex shrink-0">
    <Pill tone={status === 'active' ? 'green' : 'orange'}>
      {status === 'active' ? 'Active' : 'Suspended'}
    </Pill>
  </span>
)

/** A page of organisations. A name opens one; arrows go from one to the next. */
export function OrganisationsTable({
  tenants,
  opened,
  onOpen,
}: {
  tenants: readonly Tenant[]
  opened: string | undefined
  onOpen: (tenant: Tenant, focus: boolean) => void
}) {
  return (
    <div className="@container">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">Organisations</caption>
        <thead>
          <tr>
            <th scope="col" className={head}>
              Name
            </th>
            <th scope="col" className={`${head} w-[30%] @max-[44rem]:hidden`}>
              Short name
            </th>
            <th scope="col" className={`${head} w-24 text-right`}>
              People
            </th>
            <th scope="col" className={`${head} w-20 text-right`}>
              Sites
            </th>
            <th scope="col" className={`${head} w-32`}>
              State
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={stepThrough}>
          {tenants.map((tenant) => (
            <tr
              key={tenant.id}
              className={`cursor-pointer ${tenant.id === opened ? 'bg-accent-soft [&_.pill]:bg-surface' : 'hover:bg-surface-2'}`}
              onClick={(event) => onOpen(tenant, event.detail === 0)}
            >
              <th scope="row" className={`${cell} text-left font-[550]`}>
                <button
                  type="button"
                  id={organisationRowId(tenant.id)}
                  aria-current={tenant.id === opened ? 'true' : undefined}
                  className="block w-full truncate rounded-sm text-left"
                  title={tenant.name}
                >
                  {tenant.name}
                </button>
              </th>
              <td className={`${cell} truncate text-muted @max-[44rem]:hidden`} title={tenant.slug}>
                {tenant.slug}
              </td>
              <td className={`${cell} text-right tabular-nums`}>{numberWords(tenant.users)}</td>
              <td className={`${cell} text-right tabular-nums`}>{numberWords(tenant.sites)}</td>
              <td className={cell}>
                <TenantStatePill status={tenant.status} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
