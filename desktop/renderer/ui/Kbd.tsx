import { keySigns } from './key-signs.ts'

const isMac = navigator.userAgent.includes('Mac')

/** A key as printed on it; `mod` is Ctrl, or Command on a Mac. Decoration: the control's own name says what it does. */
export function Kbd({ keys, onAccent = false }: { keys: string; onAccent?: boolean }) {
  const tone = onAccent ? 'border-on-accent/45 text-on-accent' : 'border-line-strong text-muted bg-surface'
  return (
    <kbd
      aria-hidden
      className={`inline-flex h-[17px] items-center rounded-sm border border-b-2 px-1 font-sans text-xs leading-none ${tone}`}
    >
      {keys.replace('mod+', isMac ? '⌘' : 'Ctrl ')}
    </kbd>
  )
}

/** A combination of keys, each as its own; read aloud as one. */
export function KeyCombination({ keys, className = '' }: { keys: string; className?: string }) {
  const signs = keySigns(keys)
  return (
    <span className={`inline-flex shrink-0 items-center gap-0.5 ${className}`}>
      <span className="sr-only">{signs.join(' ')}</span>
      {signs.map((sign) => (
        <Kbd key={sign} keys={sign} />
      ))}
    </span>
  )
}
