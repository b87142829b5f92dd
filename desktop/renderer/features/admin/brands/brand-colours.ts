/** Colours of brands: each can be told from the others, and white words on it can be read. */
export const brandColours: readonly (readonly [colour: string, words: string])[] = [
  ['#0d6e6e', 'Teal'],
  ['#1f5fbf', 'Blue'],
  ['#7132a8', 'Violet'],
  ['#c2255c', 'Pink'],
  ['#b3261e', 'Red'],
  ['#b45309', 'Orange'],
  ['#8a6100', 'Ochre'],
  ['#1e7a3c', 'Green'],
  ['#6b4226', 'Brown'],
  ['#475569', 'Slate'],
]

/** The first that no brand has, for one that is new. */
export const nextColour = (taken: readonly string[]): string =>
  (brandColours.find(([colour]) => !taken.includes(colour)) ??
    brandColours[taken.length % brandColours.length])![0]

/** A colour as people type it, `#ABC` or `aabbcc`, as it is kept; null for what is none. */
export function colourOf(text: string): string | null {
  const [, digits] = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/.exec(text.trim().toLowerCase()) ?? []
  if (digits === undefined) return null
  return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`
}

/** How well white words can be read on it: WCAG's contrast. */
export function contrastWithWhite(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}
