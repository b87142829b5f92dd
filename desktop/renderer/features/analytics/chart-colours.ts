import { useMemo, useSyncExternalStore } from 'react'

const names = [
  'surface',
  'surface-2',
  'line',
  'line-strong',
  'text',
  'muted',
  'faint',
  'accent',
  'accent-soft',
  'warn',
  'bad',
  'good',
  'blue',
  'violet',
  'orange',
  'green',
] as const

export type Colours = Record<(typeof names)[number], string>

const dark = matchMedia('(prefers-color-scheme: dark)')

function subscribe(onChange: () => void) {
  dark.addEventListener('change', onChange)
  return () => dark.removeEventListener('change', onChange)
}

/** The colours of the app as a canvas needs them, in the theme that is worn. */
export function useColours(): Colours {
  const isDark = useSyncExternalStore(subscribe, () => dark.matches)
  return useMemo(() => {
    // Read anew where the theme is another one.
    void isDark
    const style = getComputedStyle(document.documentElement)
    return Object.fromEntries(
      names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
    ) as Colours
  }, [isDark])
}

/** Those that are told apart side by side, where what is drawn has none of its own. */
export const seriesColours = (colours: Colours): string[] => [
  colours.accent,
  colours.orange,
  colours.blue,
  colours.violet,
  colours.green,
  colours.warn,
]
