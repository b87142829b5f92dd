/** The classes of a plain table's cells. */
export const cell = 'border-b border-line px-3 py-2 align-middle'
export const head = 'border-b border-line px-3 py-2 text-left text-sm font-semibold text-muted'
