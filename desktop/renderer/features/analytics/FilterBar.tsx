import type { Answer } from '#desktop/bridge/channels'
import { TextButton } from '../../ui/Button.tsx'
import { Choice } from '../../ui/Choice.tsx'
import { DateInput } from '../../ui/DateInput.tsx'
import { dayRangeWords } from '../../ui/date-words.ts'
import type { Days } from '../../ui/periods.ts'
import { type PeriodName, periodNames, periodWords, putFilters, useFilters } from './analytics-filters.ts'

type Choices = Answer<'analytics.choices'>

/** What figures are about: days, a site, a team, a person and a brand. */
export function FilterBar({
  days,
  problem,
  choices,
  hasVisits,
}: {
  days: Days
  /** What is wrong with one's own days. */
  problem: string | null
  choices: Choices | null
  /** There are figures of visits, which teams, people and brands are for. */
  hasVisits: boolean
}) {
  const { period, own, site, team, agent, brand } = useFilters()
  const isNarrow = site !== null || team !== null || agent !== null || brand !== null
  const among = (
    name: 'site' | 'team' | 'agent' | 'brand',
    list: readonly { id: string; name: string }[],
  ) => {
    return (id: string | null) => {
      const one = list.find((each) => each.id === id)
      putFilters({ [name]: one ? { id: one.id, name: one.name } : null })
    }
  }
  const options = (list: readonly { id: string; name: string }[]) =>
    list.map(({ id, name }) => [id, name] as const)
  return (
    <div role="group" aria-label="What the figures are about" className="flex flex-wrap items-center gap-2">
      <select
        aria-label="Days"
        className="control w-auto"
        value={period}
        onChange={({ target }) => {
          const next = target.value as PeriodName
          putFilters({ period: next, ...(next === 'own' && { own: days }) })
        }}
      >
        {periodNames.map((name) => (
          <option key={name} value={name}>
            {periodWords[name]}
          </option>
        ))}
      </select>
      {period === 'own' ? (
        <>
          <OwnDay
            label="First day"
            value={own.from}
            isWrong={problem !== null}
            onChange={(from) => putFilters({ own: { ...own, from } })}
          />
          <OwnDay
            label="Last day"
            value={own.to}
            isWrong={problem !== null}
            onChange={(to) => putFilters({ own: { ...own, to } })}
          />
        </>
      ) : (
        <span className="mr-1 text-muted tabular-nums">{dayRangeWords(days.from, days.to)}</span>
      )}
      {choices && choices.sites.length > 1 && (
        <Choice
          label="Site"
          none="All sites"
          value={site?.id ?? null}
          options={options(choices.sites)}
          onChange={among('site', choices.sites)}
        />
      )}
      {hasVisits && choices && choices.teams.length > 0 && (
        <Choice
          label="Team"
          none="All teams"
          value={team?.id ?? null}
          options={options(choices.teams)}
          onChange={among('team', choices.teams)}
        />
      )}
      {hasVisits && choices && choices.agents.length > 1 && (
        <Choice
          label="Person"
          none="Everybody"
          value={agent?.id ?? null}
          options={options(choices.agents)}
          onChange={among('agent', choices.agents)}
        />
      )}
      {hasVisits && choices && choices.brands.length > 0 && (
        <Choice
          label="Brand"
          none="All brands"
          value={brand?.id ?? null}
          options={options(choices.brands)}
          onChange={among('brand', choices.brands)}
        />
      )}
      {isNarrow && (
        <TextButton
          look="faint"
          className="text-sm"
          onClick={() => putFilters({ site: null, team: null, agent: null, brand: null })}
        >
          Clear filters
        </TextButton>
      )}
      {problem && (
        <p role="alert" className="text-bad">
          {problem}
        </p>
      )}
    </div>
  )
}

const OwnDay = ({
  label,
  value,
  isWrong,
  onChange,
}: {
  label: string
  value: string
  isWrong: boolean
  onChange: (day: string) => void
}) => (
  <span className="control flex w-36 items-center pr-1">
    <DateInput
      aria-label={label}
      aria-invalid={isWrong}
      value={value}
      className="flex-1"
      onChange={({ target }) => onChange(target.value)}
    />
  </span>
)
