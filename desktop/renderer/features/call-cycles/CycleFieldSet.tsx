import { cycleUnits } from '#common/contract/call-cycles'
import { AssigneeIcon, AssigneeSearch } from '../../app/AssigneeSearch.tsx'
import { TextButton } from '../../ui/Button.tsx'
import { Combobox } from '../../ui/Combobox.tsx'
import { DayField } from '../../ui/DayField.tsx'
import { dayWords } from '../../ui/date-words.ts'
import { Field, FieldNotes } from '../../ui/Field.tsx'
import type { FieldErrors } from '../../ui/field-errors.ts'
import { Notice } from '../../ui/Notice.tsx'
import { timeZones } from '../../ui/time-zones.ts'
import { recurrenceWords, weekdayOf } from './cycle-words.ts'
import type { CycleTarget, CycleValues } from './cycle-values.ts'

/** What a cycle is, but for its shops. What its past hangs on cannot be changed once it has begun, and says so. */
export function CycleFieldSet({
  values,
  errors,
  isFixed,
  autoFocus,
  onChange,
}: {
  values: CycleValues
  errors: FieldErrors<CycleTarget>
  isFixed: boolean
  autoFocus: boolean
  onChange: (typed: Partial<CycleValues>) => void
}) {
  const { owner, startsOn, endsOn } = values
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
      {isFixed ? (
        <Notice>
          <div className="w-full">
            <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
              <dt className="text-muted">Made by</dt>
              <dd className="truncate font-[550]">{owner?.name}</dd>
              <dt className="text-muted">How often</dt>
              <dd className="font-[550]">
                {recurrenceWords({ every: Number(values.every), unit: values.unit })}
              </dd>
              <dt className="text-muted">Began</dt>
              <dd className="font-[550]">
                {weekdayOf(startsOn)} {dayWords(startsOn)}
              </dd>
            </dl>
            <p className="mt-2 text-sm text-muted">
              These stay, since visits of the past hang on them. Make a copy where they are to be others;
              shops come and go from today on.
            </p>
          </div>
        </Notice>
      ) : (
        <>
          {owner ? (
            <div role="group" aria-label="Made by">
              <p className="mb-1 font-[550]">Made by</p>
              <p className="control flex items-center gap-2">
                <AssigneeIcon assignee={owner} />
                <span className="min-w-0 flex-1 truncate">{owner.name}</span>
                <TextButton className="text-sm" onClick={() => onChange({ owner: null })}>
                  Somebody else
                </TextButton>
              </p>
              <FieldNotes
                id="cycle-owner"
                error={errors.owner}
                hint={owner.teamId && 'Together: its people and those of teams below'}
              />
            </div>
          ) : (
            <AssigneeSearch
              label="Made by"
              hint="A person, or a team together. Type a name and choose."
              error={errors.owner}
              without={[]}
              onChoose={(each) => onChange({ owner: each })}
            />
          )}
          <fieldset>
            <legend className="mb-1 font-[550]">How often</legend>
            <div className="flex items-center gap-2">
              <span>Every</span>
              <input
                type="text"
                inputMode="numeric"
                aria-label="Every so many"
                aria-invalid={Boolean(errors.every)}
                autoComplete="off"
                maxLength={3}
                className="control w-16"
                value={values.every}
                onChange={(event) => onChange({ every: event.target.value })}
              />
              <select
                aria-label="Days, weeks or months"
                className="control w-auto"
                value={values.unit}
                onChange={(event) => onChange({ unit: event.target.value as CycleValues['unit'] })}
              >
                {cycleUnits.map((unit) => (
                  <option key={unit} value={unit}>
                    {values.every.trim() === '1' ? unit : `${unit}s`}
                  </option>
                ))}
              </select>
            </div>
            {errors.every && (
              <p role="alert" className="mt-1 text-sm text-bad">
                {errors.every}
              </p>
            )}
          </fieldset>
          <DayField
            label="First day"
            empty="Choose a day"
            value={startsOn}
            error={errors.startsOn}
            hint="Every period begins on its weekday, or day of the month."
            onChange={(day) => onChange({ startsOn: day })}
          />
        </>
      )}
      <DayField
        label="Last day"
        value={endsOn}
        error={errors.endsOn}
        hint="Left empty, it goes on."
        empty="None"
        onChange={(day) => onChange({ endsOn: day })}
      />
      <Field
        label="Time zone"
        error={errors.timezone}
        hint="Says which day it is today; it moves no visit to another day."
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
    </div>
  )
}
