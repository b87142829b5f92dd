import { Lock } from 'lucide-react'

/** Beside what the person cannot change, as IT has settled it. */
export const SetByIt = ({ className = '' }: { className?: string }) => (
  <span className={`inline-flex items-center gap-1 text-sm text-muted ${className}`}>
    <Lock aria-hidden size={12} className="shrink-0" /> Set by your organisation
  </span>
)
