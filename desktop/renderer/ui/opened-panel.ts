/**
 * Changes what stands in the panel, or with null closes it, where that is still what was opened then: an answer of the
 * server may come when something else has been opened.
 */
export const ifStill =
  <P extends { key: string }>({ key }: P, change: (panel: P) => P | null) =>
  (now: P | null): P | null =>
    now?.key === key ? change(now) : now
