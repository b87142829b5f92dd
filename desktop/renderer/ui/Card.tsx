import type { ReactNode } from 'react'
import { Logo } from './Logo.tsx'

/** The calm page before the work begins: one card in the middle of the window. */
export function Card({ title, children, below }: { title: string; children: ReactNode; below?: ReactNode }) {
  return (
    <main className="grid h-full place-items-center overflow-y-auto p-6">
      <div className="w-full max-w-[23rem] pb-10">
        <div className="mb-5 flex items-center justify-center gap-2.5">
          <Logo size={26} />
          <span className="text-2xl font-semibold tracking-tight">Fieldbook</span>
        </div>
        <section
          aria-label={title}
          className="rounded-lg border border-line bg-surface p-6 shadow-[0_1px_3px_rgb(24_32_43/0.05)]"
        >
          <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
          {children}
        </section>
        {below}
      </div>
    </main>
  )
}
