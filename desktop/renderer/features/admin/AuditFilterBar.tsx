import { ListFilter } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import { useLookups } from '../../app/lookups.ts'
import { useSession } from '../../app/session.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Combobox } from '../../ui/Combobox.tsx'
import { DateInput } from '../../ui/DateInput.tsx'
import { Field } from '../../ui/Field.tsx'
import { Tag } from '../../ui/Tag.tsx'
import { actionGroups, type AuditFilters, auditTags } from './audit-words.ts'

/** What the audit is narrowed to, each condition with a way to take it away, and where to choose others. */
export function AuditFilterBar({
  site,
  ofAll,
  filters,
  isNarrowed,
  onChange,
  onClear,
}: {
  site: SiteMembership
  ofAll: boolean
  filters: AuditFilters
  isNarrowed: boolean
  onChange: (changes: Partial<AuditFilters>) => void
  onClear: () => void
}) {
  const sites = useSession(({ user }) => user?.sites) ?? []
  const siteName = ofAll ? (sites.find(({ id }) => id === filters.siteId)?.name ?? null) : null
  const tags = auditTags(filters, siteName)
  return (
    <div className="mb-3 flex flex-wrap items-center gap-1.5">
      <Popover.Root>
        <Popover.Trigger asChild>
          <Button className="mr-1">
            <ListFilter aria-hidden size={14} /> Filters
            {tags.length > 0 && (
              <span className="rounded-full bg-accent-soft px-1.5 text-sm text-accent">{tags.length}</span>
            )}
          </Button>
        </Popover.Trigger>
        <Popover.Portal container={document.querySelector('main')}>
          <Popover.Content
            aria-label="Filters"
            align="start"
            sideOffset={6}
            collisionPadding={8}
            className="floating z-30 w-[min(30rem,calc(100vw-1rem))]"
          >
            <div className="grid gap-x-5 gap-y-3.5 p-4 sm:grid-cols-2">
              {ofAll && (
                <Choice
                  label="Where"
                  value={filters.siteId ?? ''}
                  all="Everywhere"
                  options={sites.map(({ id, name }) => [id, name])}
                  onChange={(siteId) => onChange({ siteId })}
                />
              )}
              <Choice
                label="What"
                value={filters.action ?? ''}
                all="Anything"
                options={actionGroups.map(({ action, words }) => [action, words])}
                onChange={(action) => onChange({ action })}
              />
              <Who site={site} filters={filters} onChange={onChange} />
              <div role="group" aria-label="When" className="grid grid-cols-2 gap-2.5 sm:col-span-2">
                <Day
                  label="From"
                  value={filters.from}
                  max={filters.until}
                  onChange={(from) => onChange({ from })}
                />
                <Day
                  label="Until"
                  value={filters.until}
                  min={filters.from}
                  onChange={(until) => onChange({ until })}
                />
              </div>
            </div>
            <div className="flex justify-between border-t border-line px-4 py-2.5">
              <Button look="quiet" className="-ml-3" onClick={onClear} disabled={!isNarrowed}>
                Clear all
              </Button>
              <Popover.Close asChild>
                <Button look="primary">Done</Button>
              </Popover.Close>
            </div>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {tags.length > 0 && (
        <div role="group" aria-label="Filters in force" className="flex flex-wrap items-center gap-1.5">
          {tags.map(({ key, words, without }) => (
            <Tag key={key} onRemove={() => onChange(without)}>
              {words}
            </Tag>
          ))}
          <TextButton look="faint" className="ml-1 text-sm" onClick={onClear}>
            Clear all
          </TextButton>
        </div>
      )}
    </div>
  )
}

function Choice({
  label,
  value,
  all,
  options,
  onChange,
}: {
  label: string
  value: string
  all: string
  options: readonly (readonly [value: string, words: string])[]
  onChange: (value: string | null) => void
}) {
  return (
    <Field label={label}>
      {(control) => (
        <select {...control} value={value} onChange={(event) => onChange(event.target.value || null)}>
          <option value="">{all}</option>
          {options.map(([id, words]) => (
            <option key={id} value={id}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** A person by their name; half a name asks for nobody. */
function Who({
  site,
  filters,
  onChange,
}: {
  site: SiteMembership
  filters: AuditFilters
  onChange: (changes: Partial<AuditFilters>) => void
}) {
  const { people } = useLookups(site.id)
  const [typed, setTyped] = useState(filters.actor?.name ?? '')
  const byName = Object.entries(people).toSorted(([, a], [, b]) => a.localeCompare(b))
  return (
    <Field label="Who" className={'sm:col-span-2'}>
      {(control) => (
        <Combobox
          {...control}
          value={typed}
          suggestions={[...new Set(byName.map(([, name]) => name))]}
          onChange={(text) => {
            setTyped(text)
            const found = byName.find(([, name]) => name === text)
            onChange({ actor: found ? { id: found[0], name: found[1] } : null })
          }}
        />
      )}
    </Field>
  )
}

function Day({
  label,
  value,
  onChange,
  ...limits
}: {
  label: string
  value: string
  min?: string
  max?: string
  onChange: (day: string) => void
}) {
  const bounds = Object.fromEntries(Object.entries(limits).filter(([, day]) => day))
  return (
    <Field label={label} className="min-w-0">
      {({ className, ...control }) => (
        <span className={`${className} flex items-center pr-1`}>
          <DateInput
            {...control}
            {...bounds}
            value={value}
            empty="Any day"
            className="flex-1"
            onChange={(event) => onChange(event.target.value)}
          />
        </span>
      )}
    </Field>
  )
}
