import type { ReactNode } from 'react'

/** A page about one edit: what it is, why it is here, then what it changes and what can be done. */
export function Detail({ title, intro, children }: { title: string; intro: ReactNode; children: ReactNode }) {
  return (
    <article aria-label={title} className="max-w-[46rem]">
      <h2 className="text-xl font-semibold tracking-tight break-words">{title || 'No title yet'}</h2>
      <p className="mt-1 text-muted">{intro}</p>
      {children}
    </article>
  )
}

/** What can be done; `end` stands apart from the rest. */
export function Actions({ children, end }: { children?: ReactNode; end?: ReactNode }) {
  return (
    <div className="mt-3.5 flex flex-wrap items-center gap-2">
      {children}
      <span className="flex-1" />
      {end}
    </div>
  )
}
