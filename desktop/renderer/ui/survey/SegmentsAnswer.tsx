import { highestRating } from '#common/rules/survey-flow'
import type { AnswerControl } from './answer-control.ts'

export const YesNoAnswer = (control: AnswerControl) => (
  <Segments
    {...control}
    choices={[
      [true, 'Yes'],
      [false, 'No'],
    ]}
    width="w-20"
  />
)

export const RatingAnswer = (control: AnswerControl) => (
  <Segments
    {...control}
    choices={Array.from({ length: highestRating(control.question) }, (_, index) => [
      index + 1,
      String(index + 1),
    ])}
    width="w-10"
  />
)

/** One of a few short choices beside each other; arrow keys go from one to the next. */
function Segments<T extends number | boolean>({
  question,
  value,
  onChange,
  labelledBy,
  describedBy,
  invalid,
  choices,
  width,
}: AnswerControl & { choices: [T, string][]; width: string }) {
  return (
    <div
      role="radiogroup"
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      aria-invalid={invalid}
      aria-required={question.required}
      className="inline-flex max-w-full flex-wrap gap-1"
    >
      {choices.map(([choice, words]) => (
        <label
          key={words}
          className={`relative grid h-8 ${width} place-items-center rounded-md border border-line-strong bg-surface tabular-nums hover:bg-surface-2 has-checked:border-accent has-checked:bg-accent has-checked:font-[550] has-checked:text-on-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-focus`}
        >
          <input
            type="radio"
            name={labelledBy}
            className="absolute inset-0 m-0 opacity-0"
            checked={value === choice}
            onChange={() => onChange(choice)}
          />
          {words}
        </label>
      ))}
    </div>
  )
}
