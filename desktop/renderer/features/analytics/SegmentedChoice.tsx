/** One of a few ways to look at the same figures. */
export const SegmentedChoice = <T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: T
  options: readonly (readonly [T, string])[]
  onChange: (value: T) => void
}) => (
  <div role="group" aria-label={label} className="flex rounded-md bg-surface-2 p-0.5">
    {options.map(([option, words]) => (
      <button
        key={option}
        type="button"
        aria-pressed={option === value}
        className="h-6 rounded-[5px] px-2 text-sm font-[550] text-muted hover:text-text aria-pressed:bg-surface aria-pressed:text-text aria-pressed:shadow-[0_0_0_1px_var(--line)]"
        onClick={() => onChange(option)}
      >
        {words}
      </button>
    ))}
  </div>
)
