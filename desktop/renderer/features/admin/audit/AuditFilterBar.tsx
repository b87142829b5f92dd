import { useEffect, useRef, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import { ask } from '../../../app/bridge.ts'
import { useLookups } from '../../../app/lookups.ts'
import { useSession } from '../../../app/session.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { Combobox } from '../../../ui/Combobox.tsx'
import { DayField } from '../../../ui/DayField.tsx'
import { Field } from '../../../ui/Field.tsx'
import { FiltersPopover } from '../../../ui/FiltersPopover.tsx'
import { usePause } from '../../../ui/pause.ts'
import { Tags } from '../../../ui/Tags.tsx'
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
  site: SiteMembership | null
  ofAll: boolean
  filters: AuditFilters
  isNarrowed: boolean
  onChange: (changes: Partial<AuditFilters>) => void
  onClear: () => void
}) {
  const sites = useSites(site !== null)
  const siteName = ofAll ? (sites.find(({ id }) => id === filters.siteId)?.name ?? null) : null
  const tags = auditTags(filters, siteName)
  const trigger = useRef<HTMLButtonElement>(null)
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2.5">
      <FiltersPopover
        trigger={trigger}
        count={tags.length}
        canClear={isNarrowed}
        onClear={onClear}
        align="start"
        className="w-[min(30rem,calc(100vw-1rem))]"
      >
        {ofAll && sites.length > 0 && (
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
          <DayField
            label="From"
            value={filters.from}
            max={filters.until}
            onChange={(from) => onChange({ from })}
          />
          <DayField
            label="Until"
            value={filters.until}
            min={filters.from}
            onChange={(until) => onChange({ until })}
          />
        </div>
      </FiltersPopover>
      <Tags
        tags={tags.map(({ key, words, without }) => ({ key, words, onRemove: () => onChange(without) }))}
        onClear={onClear}
        chosenAt={trigger}
      />
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

/** Those of the person; who has none, as a super admin, chooses among all. */
function useSites(hasOwn: boolean): readonly { id: string; name: string }[] {
  const own = useSession(({ user }) => user?.sites)
  const { value } = useAnswer(`${hasOwn}`, async () => (hasOwn ? null : (await ask('sites.list', {})).sites))
  return value ?? own ?? []
}

/** Whose names can be chosen: those this device knows or, where it knows nobody, those the server finds. */
function usePeople(site: SiteMembership | null, typed: string): readonly { id: string; name: string }[] {
  const { people } = useLookups(site?.id ?? null)
  const [search, setSearch] = useState('')
  const { after } = usePause(250)
  useEffect(() => {
    if (!site) after(() => setSearch(typed.trim()))
  }, [after, site, typed])
  const { value } = useAnswer(search, async () => (site ? [] : (await ask('people.find', { search })).people))
  const known = site
    ? Object.entries(people).map(([id, name]) => ({ id, name }))
    : (value ?? []).map(({ id, displayName }) => ({ id, name: displayName }))
  return known.toSorted((a, b) => a.name.localeCompare(b.name))
}

/** A person by their name; half a name asks for nobody. */
function Who({
  site,
  filters,
  onChange,
}: {
  site: SiteMembership | null
  filters: AuditFilters
  onChange: (changes: Partial<AuditFilters>) => void
}) {
  const [typed, setTyped] = useState(filters.actor?.name ?? '')
  const people = usePeople(site, typed)
  return (
    <Field label="Who" className={'sm:col-span-2'}>
      {(control) => (
        <Combobox
          {...control}
          value={typed}
          suggestions={[...new Set(people.map(({ name }) => name))]}
          onChange={(text) => {
            setTyped(text)
            onChange({ actor: people.find(({ name }) => name === text) ?? null })
          }}
        />
      )}
    </Field>
  )
}
