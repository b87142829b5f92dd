/** A number as people type it, with a comma or a point before the decimals; null for what is none. */
export function numberOf(text: string): number | null {
  const typed = text.trim().replace(',', '.')
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(typed) && Number.isFinite(Number(typed)) ? Number(typed) : null
}
