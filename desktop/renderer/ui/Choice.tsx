/** One of a few conditions a list can be narrowed to, or none of them. */
export function Choice<T extends string>({
  label,
  none,
  value,
  options,
  onChange,
}: {
  label: string
  none: string
  value: T | null
  options: readonly (readonly [T, string])[]
  onChange: (value: T | null) => void
}) {
  return (
    <select
      className={`control w-auto max-w-52 ${value === null ? '' : 'border-accent'}`}
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange((event.target.value || null) as T | null)}
    >
      <option value="">{none}</option>
      {options.map(([option, words]) => (
        <option key={option} value={option}>
          {words}
        </option>
      ))}
    </select>
  )
}
