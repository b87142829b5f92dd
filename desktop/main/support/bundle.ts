import { strToU8, zipSync } from 'fflate/browser'

export interface Piece {
  name: string
  /** What it is, for the person who decides whether to hand it on. */
  about: string
  text: string
}

/** Writes what is in a bundle, and in its first file what each of the others is. */
export function writeBundle(pieces: readonly Piece[], madeAt: Date): Uint8Array {
  const readme = [
    'Fieldbook support bundle',
    `Made on ${madeAt.toISOString()}`,
    '',
    'It holds figures, codes and times. It holds no records, notes, searches, names, photos, passwords or keys,',
    'and no dumps of memory. Each file is text; look before you hand it on.',
    '',
    ...pieces.map(({ name, about }) => `${name}\n    ${about}`),
    '',
  ].join('\n')
  return zipSync(
    Object.fromEntries(
      [{ name: 'README.txt', text: readme }, ...pieces].map(({ name, text }) => [
        name,
        [strToU8(text), { mtime: madeAt }],
      ]),
    ),
  )
}

export const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
