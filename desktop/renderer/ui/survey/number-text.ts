/** A number as people type it, with a comma or a point before the decimals; null for what is none. */
export function numberOf(text: string): number | null {
  const typed = text.trim().replace(',', '.')
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(typed) && Number.isFinite(Number(typed)) ? Number(typed) : null
}

/** What is typed as a number: that number, null for nothing, and what is none as it stands. */
export const typedNumber = (text: string): number | string | null =>
  text.trim() === '' ? null : (numberOf(text) ?? text)
