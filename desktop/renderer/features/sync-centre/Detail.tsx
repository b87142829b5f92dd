import type { ReactNode } from 'react'

/** A page about one edit: what it is, why it is here, then what it changes and what can be done. */
export function Detail({ title, intro, children }: { title: string; intro: ReactNode; children: ReactNode }) {
  return (
    <article aria-label={title} className="max-w-[60rem]">
      <h2 className="text-xl font-semibold tracking-tight break-words">{title}</h2>
      <div className="mt-1 max-w-[46rem] space-y-1 text-pretty text-muted">{intro}</div>
      {children}
    </article>
  )
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mt-7">
      <h3 className="font-semibold">{title}</h3>
      {children}
    </section>
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
