import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import { fold } from '#common/rules/folding'
import type { FoundPerson } from '#desktop/bridge/people'
import { ask } from '../../../app/bridge.ts'
import { useSession, useWhole } from '../../../app/session.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { afterDrawing } from '../../../ui/after-drawing.ts'
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
  const [open, setOpen] = useState(false)
  const who = useWho(open, filters, onChange)
  // Who is on the platform is told nowhere.
  const hasPeople = useWhole() !== 'the platform'
  const clear = () => {
    who.forget()
    onClear()
  }
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2.5">
      <FiltersPopover
        trigger={trigger}
        count={tags.length}
        canClear={isNarrowed || who.text !== ''}
        onClear={clear}
        open={open}
        onOpenChange={setOpen}
        align="start"
        className="w-[min(30rem,calc(100vw-1rem))]"
      >
        {ofAll && sites.length > 0 && (
          <SelectField
            label="Where"
            value={filters.siteId ?? ''}
            all="Everywhere"
            options={sites.map(({ id, name }) => [id, name])}
            onChange={(siteId) => onChange({ siteId })}
          />
        )}
        <SelectField
          label="What"
          value={filters.action ?? ''}
          all="Anything"
          options={actionGroups.map(({ action, words }) => [action, words])}
          onChange={(action) => onChange({ action })}
        />
        {hasPeople && (
          <Field label="Who" className="sm:col-span-2">
            {(control) => (
              <Combobox {...control} value={who.text} suggestions={who.suggestions} onChange={who.type} />
            )}
          </Field>
        )}
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
        onClear={clear}
        chosenAt={trigger}
      />
      <span role="status" className="text-warn">
        {!open && who.note}
      </span>
    </div>
  )
}

function SelectField({
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

/** People, each under words that are theirs alone: with the address where others have the same name. */
function inWords(people: readonly FoundPerson[]): { id: string; name: string }[] {
  const times = Map.groupBy(people, ({ displayName }) => fold(displayName))
  return people
    .map(({ id, displayName, detail }) => ({
      id,
      name: times.get(fold(displayName))!.length > 1 && detail ? `${displayName} · ${detail}` : displayName,
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name))
}

/**
 * A person by their name, which counts as soon as it is known whose it is: it may be typed, and the filters closed,
 * before. Half a name asks for nobody.
 */
function useWho(open: boolean, { actor }: AuditFilters, onChange: (changes: Partial<AuditFilters>) => void) {
  // As long as it is nobody's.
  const [typed, setTyped] = useState('')
  const [search, setSearch] = useState('')
  const { after, cancel } = usePause(250)
  const isAsked = open || typed !== ''
  const { value, problem } = useAnswer(isAsked ? `for ${search}` : '', async () =>
    isAsked ? { search, people: inWords((await ask('people.find', { search })).people) } : null,
  )
  const people = value?.people ?? []
  const meant = typed === '' ? undefined : people.find(({ name }) => fold(name) === fold(typed))
  const forget = () => {
    cancel()
    setTyped('')
    setSearch('')
  }
  const choose = useEffectEvent(() => {
    if (!meant) return
    forget()
    onChange({ actor: meant })
  })
  useEffect(() => afterDrawing(() => choose()), [meant?.id])
  const isKnown = problem !== null || value?.search === typed.trim()
  return {
    text: actor?.name ?? typed,
    suggestions: people.map(({ name }) => name),
    note:
      typed !== '' && isKnown && !meant
        ? (problem?.message ??
          `“${typed.trim()}” is nobody’s whole name, or more than one person’s: everybody is shown.`)
        : null,
    type: (text: string) => {
      setTyped(text)
      after(() => setSearch(text.trim()))
      if (actor) onChange({ actor: null })
    },
    forget,
  }
}
