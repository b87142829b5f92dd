const isMac = globalThis.navigator?.userAgent?.includes('Mac') ?? false

const signs: Record<string, string> = {
  ' ': 'Space',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageUp: 'Page Up',
  PageDown: 'Page Down',
  Escape: 'Esc',
  ContextMenu: 'Menu',
  mod: isMac ? '⌘' : 'Ctrl',
  shift: isMac ? '⇧' : 'Shift',
  alt: isMac ? '⌥' : 'Alt',
}

/** A combination key by key, as printed on them: Ctrl, K. */
export const keySigns = (combination: string): string[] =>
  combination.split('+').map((key) => signs[key] ?? (key.length === 1 ? key.toUpperCase() : key))
