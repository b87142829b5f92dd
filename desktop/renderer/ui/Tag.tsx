import { X } from 'lucide-react'

/** A condition in force, with a way to take it away. */
export function Tag({ children, onRemove }: { children: string; onRemove: () => void }) {
  return (
    <span className="inline-flex max-w-72 items-center gap-1 rounded-full bg-accent-soft py-0.5 pr-1 pl-2.5 text-sm font-[550] text-accent">
      <span className="truncate">{children}</span>
      <button
        type="button"
        aria-label={`Remove filter ${children}`}
        className="grid size-4 place-items-center rounded-full hover:bg-accent hover:text-on-accent"
        onClick={onRemove}
      >
        <X aria-hidden size={11} strokeWidth={2.5} />
      </button>
    </span>
  )
}
