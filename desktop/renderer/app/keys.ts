/** Every shortcut there is: what the handlers listen for and what the help lists are the same table. */

/** `anywhere`, or the part of the screen that has the keyboard. */
export type Place = 'anywhere' | 'list' | 'columns' | 'form' | 'survey' | 'cycle' | 'shelf'

interface Shortcut {
  /** As on the keyboard: `mod` is Ctrl, or Command on a Mac. The first is the one that is shown beside buttons. */
  keys: readonly string[]
  words: string
  place: Place
}

export const shortcuts = {
  palette: { keys: ['mod+k'], words: 'Find a command, a screen or a record', place: 'anywhere' },
  search: { keys: ['/', 'mod+f'], words: 'Search', place: 'anywhere' },
  add: { keys: ['n', 'mod+n'], words: 'New interaction', place: 'anywhere' },
  finder: { keys: ['mod+1'], words: 'Go to Finder', place: 'anywhere' },
  syncCentre: { keys: ['mod+2'], words: 'Go to Sync centre', place: 'anywhere' },
  help: { keys: ['?', 'F1'], words: 'Show the shortcuts', place: 'anywhere' },

  walk: { keys: ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'], words: 'Move', place: 'list' },
  page: { keys: ['PageUp', 'PageDown', 'Home', 'End'], words: 'Move far', place: 'list' },
  open: { keys: ['Enter'], words: 'Open the record', place: 'list' },
  tick: { keys: [' '], words: 'Choose the record, or not', place: 'list' },
  tickUpTo: { keys: ['shift+ '], words: 'Choose all up to here', place: 'list' },
  tickOn: { keys: ['shift+ArrowUp', 'shift+ArrowDown'], words: 'Choose and move on', place: 'list' },
  tickPage: { keys: ['mod+a'], words: 'Choose the whole page, or nothing of it', place: 'list' },
  untick: { keys: ['Escape'], words: 'Choose nothing', place: 'list' },
  actions: { keys: ['shift+F10', 'ContextMenu'], words: 'Actions of the record', place: 'list' },

  sort: { keys: ['Enter'], words: 'Sort by the column', place: 'columns' },
  sortToo: { keys: ['shift+Enter'], words: 'Sort by it after the others', place: 'columns' },
  filter: { keys: ['alt+ArrowDown'], words: 'Filter by the column', place: 'columns' },
  moveColumn: { keys: ['shift+ArrowLeft', 'shift+ArrowRight'], words: 'Move the column', place: 'columns' },
  sizeColumn: {
    keys: ['alt+ArrowLeft', 'alt+ArrowRight'],
    words: 'Make it narrower or wider',
    place: 'columns',
  },

  save: { keys: ['mod+s'], words: 'Save', place: 'form' },
  close: { keys: ['Escape'], words: 'Close the record', place: 'form' },

  moveQuestion: { keys: ['alt+ArrowUp', 'alt+ArrowDown'], words: 'Move the question', place: 'survey' },

  moveStop: { keys: ['alt+ArrowUp', 'alt+ArrowDown'], words: 'Move the shop', place: 'cycle' },

  drawTool: { keys: ['d'], words: 'Draw', place: 'shelf' },
  moveTool: { keys: ['m'], words: 'Move', place: 'shelf' },
  brand: { keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], words: 'Draw a brand', place: 'shelf' },
  outline: { keys: ['s'], words: 'Draw the outline of the shelf', place: 'shelf' },
  closeShape: { keys: ['Enter'], words: 'Close the shape', place: 'shelf' },
  dropCorner: { keys: ['Escape'], words: 'Drop the last corner, or choose nothing', place: 'shelf' },
  nextShape: { keys: ['Tab', 'shift+Tab'], words: 'Next shape', place: 'shelf' },
  corner: { keys: ['c'], words: 'Its corners, one after the other', place: 'shelf' },
  addCorner: { keys: ['Insert'], words: 'Add a corner', place: 'shelf' },
  moveShape: { keys: ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'], words: 'Move it', place: 'shelf' },
  moveFar: {
    keys: ['shift+ArrowUp', 'shift+ArrowDown', 'shift+ArrowLeft', 'shift+ArrowRight'],
    words: 'Move it further',
    place: 'shelf',
  },
  removeShape: { keys: ['Delete', 'Backspace'], words: 'Remove it', place: 'shelf' },
  undo: { keys: ['mod+z'], words: 'Undo', place: 'shelf' },
  redo: { keys: ['mod+shift+z', 'mod+y'], words: 'Redo', place: 'shelf' },
  zoomIn: { keys: ['+', '='], words: 'Nearer', place: 'shelf' },
  zoomOut: { keys: ['-'], words: 'Further off', place: 'shelf' },
  zoomWhole: { keys: ['0'], words: 'The whole photo', place: 'shelf' },
  pan: { keys: [' '], words: 'Move the photo while it is held', place: 'shelf' },
} as const satisfies Record<string, Shortcut>

export type ShortcutName = keyof typeof shortcuts

type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

/** Shift is part of a sign such as `?`, and told apart only for keys that say so. */
function matches(press: Press, combination: string): boolean {
  const parts = combination.split('+')
  const key = parts.at(-1)!
  const named = key.length > 1 || key === ' '
  return (
    press.key.toLowerCase() === key.toLowerCase() &&
    (press.ctrlKey || press.metaKey) === parts.includes('mod') &&
    press.altKey === parts.includes('alt') &&
    (press.shiftKey === parts.includes('shift') || (!named && !parts.includes('mod')))
  )
}

export const isPressed = (press: Press, name: ShortcutName): boolean =>
  shortcuts[name].keys.some((combination) => matches(press, combination))
