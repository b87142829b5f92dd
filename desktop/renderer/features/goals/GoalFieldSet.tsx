import { X } from 'lucide-react'
import { goalMetrics, type GoalMetric } from '#common/contract/goals'
import { AssigneeIcon, assigneeKey, AssigneeSearch } from '../../app/AssigneeSearch.tsx'
import { Button } from '../../ui/Button.tsx'
import { Combobox } from '../../ui/Combobox.tsx'
import { DayField } from '../../ui/DayField.tsx'
import { Field } from '../../ui/Field.tsx'
import type { FieldErrors } from '../../ui/field-errors.ts'
import { metricWords } from '../../ui/goal-words.ts'
import { type Days, monthAt, quarterOf, today } from '../../ui/periods.ts'
import { timeZones } from '../../ui/time-zones.ts'
import { metricUnits } from './goal-rows.ts'
import type { GoalTarget, GoalValues } from './goal-values.ts'

const quickDays: readonly (readonly [words: string, days: (day: string) => Days])[] = [
  ['This month', (day) => monthAt(day)],
  ['Next month', (day) => monthAt(day, 1)],
  ['This quarter', (day) => quarterOf(day)],
]

export function GoalFieldSet({
  values,
  errors,
  brands,
  autoFocus,
  onChange,
}: {
  values: GoalValues
  errors: FieldErrors<GoalTarget>
  brands: readonly { id: string; name: string }[]
  autoFocus: boolean
  onChange: (typed: Partial<GoalValues>) => void
}) {
  const { metric, assignees } = values
  return (
    <div className="space-y-3.5">
      <Field label="Name" error={errors.name}>
        {(control) => (
          <input
            type="text"
            {...control}
            autoFocus={autoFocus}
            autoComplete="off"
            maxLength={200}
            value={values.name}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="What counts" error={errors.metric} hint={metricUnits[metric]}>
        {(control) => (
          <select
            {...control}
            value={metric}
            onChange={(event) => onChange({ metric: event.target.value as GoalMetric })}
          >
            {goalMetrics.map((each) => (
              <option key={each} value={each}>
                {metricWords[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        {metric === 'shelf_share' && (
          <Field label="Brand" error={errors.brandId}>
            {(control) => (
              <select
                {...control}
                value={values.brandId ?? ''}
                onChange={(event) => onChange({ brandId: event.target.value || null })}
              >
                <option value="">Choose a brand</option>
                {brands.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Field label={metric === 'shelf_share' ? 'Target in percent' : 'Target'} error={errors.target}>
          {(control) => (
            <input
              type="text"
              inputMode="decimal"
              {...control}
              autoComplete="off"
              maxLength={12}
              value={values.target}
              onChange={(event) => onChange({ target: event.target.value })}
            />
          )}
        </Field>
      </div>
      <div>
        <div className="grid grid-cols-2 gap-3">
          <DayField
            label="First day"
            empty="Choose a day"
            value={values.startsOn}
            error={errors.startsOn}
            onChange={(startsOn) => onChange({ startsOn })}
          />
          <DayField
            label="Last day"
            empty="Choose a day"
            value={values.endsOn}
            error={errors.endsOn}
            onChange={(endsOn) => onChange({ endsOn })}
          />
        </div>
        <div role="group" aria-label="Quick choices of days" className="mt-1.5 flex flex-wrap gap-1.5">
          {quickDays.map(([words, daysOf]) => {
            const { from, to } = daysOf(today())
            const isOn = from === values.startsOn && to === values.endsOn
            return (
              <button
                key={words}
                type="button"
                aria-pressed={isOn}
                className="rounded-full border border-line px-2.5 py-0.5 text-sm text-muted hover:bg-surface-2 aria-pressed:border-transparent aria-pressed:bg-accent-soft aria-pressed:text-accent"
                onClick={() => onChange({ startsOn: from, endsOn: to })}
              >
                {words}
              </button>
            )
          })}
        </div>
      </div>
      <Field
        label="Time zone"
        error={errors.timezone}
        hint="Says when a day begins; a visit counts on the day where it was made."
      >
        {(control) => (
          <Combobox
            {...control}
            value={values.timezone}
            suggestions={timeZones}
            onChange={(timezone) => onChange({ timezone })}
          />
        )}
      </Field>
      <div>
        <AssigneeSearch
          label="Assigned to"
          hint="People and teams. Each has the whole target to reach; a team reaches it together."
          error={errors.assignees}
          without={assignees.map(assigneeKey)}
          onChoose={(each) => onChange({ assignees: [...assignees, each] })}
        />
        {assignees.length > 0 && (
          <ul aria-label="Assigned to" className="mt-2 divide-y divide-line border-y border-line">
            {assignees.map((each) => (
              <li key={assigneeKey(each)} className="flex h-9 items-center gap-2 pl-1">
                <AssigneeIcon assignee={each} />
                <span className="min-w-0 flex-1 truncate">{each.name}</span>
                <Button
                  look="icon"
                  aria-label={`Take it from ${each.name}`}
                  onClick={() =>
                    onChange({
                      assignees: assignees.filter((other) => assigneeKey(other) !== assigneeKey(each)),
                    })
                  }
                >
                  <X aria-hidden size={14} />
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}
