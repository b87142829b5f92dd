import type { ReactNode } from 'react'

const tones = {
  blue: 'bg-blue-soft text-blue',
  green: 'bg-green-soft text-green',
  violet: 'bg-violet-soft text-violet',
  orange: 'bg-orange-soft text-orange',
  accent: 'bg-accent-soft text-accent',
  plain: 'bg-surface-2 text-muted',
}
export type Tone = keyof typeof tones

const known: Record<string, Tone> = {
  Meeting: 'blue',
  Call: 'green',
  Visit: 'violet',
  Review: 'orange',
  Update: 'plain',
  Training: 'plain',
  Email: 'accent',
  Other: 'plain',
}

const others: readonly Tone[] = ['blue', 'violet', 'green', 'orange', 'accent']

/** A type keeps its colour everywhere; types an organisation made itself get one from their name. */
export function typeTone(type: string): Tone {
  const sum = [...type].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0)
  return known[type] ?? others[sum % others.length] ?? 'plain'
}

export function Pill({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span
      className={`pill inline-block max-w-full truncate rounded-full px-2 py-px text-sm leading-[17px] font-[550] ${tones[tone]}`}
    >
      {children}
    </span>
  )
}
