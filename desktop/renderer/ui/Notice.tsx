import type { ReactNode } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { fieldLabel } from './field-labels.ts'

const tones = {
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  plain: 'bg-surface-2 text-text',
}

/** A line that stays until what it says is no longer so. A `bad` one is announced at once. */
export function Notice({
  tone = 'plain',
  className = '',
  children,
}: {
  tone?: keyof typeof tones
  className?: string
  children: ReactNode
}) {
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className={`flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md px-3 py-2 ${tones[tone]} ${className}`}
    >
      {children}
    </div>
  )
}

/** What went wrong, field by field where that is known, and the reference to tell whoever runs the server. */
export function ProblemNotice({
  problem,
  className = '',
}: {
  problem: Omit<Problem, 'code'>
  className?: string
}) {
  return (
    <Notice tone="bad" className={className}>
      {/* Fingerprints are long words. */}
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p>{problem.message}</p>
        {problem.details.length > 0 && (
          <ul className="mt-1 list-disc pl-5">
            {problem.details.map(({ field, message }) => (
              <li key={field}>
                {fieldLabel(field)}: {message}
              </li>
            ))}
          </ul>
        )}
      </div>
      {problem.reference && <span className="text-sm select-text">Reference {problem.reference}</span>}
    </Notice>
  )
}
