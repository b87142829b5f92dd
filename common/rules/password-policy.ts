import { commonStems } from './common-passwords.ts'

/** What a person chooses has at least so many characters. */
export const shortestPassword = 8
/** bcrypt leaves out what comes after so many bytes of UTF-8. */
export const longestPasswordBytes = 72
/** So many passwords before the next one must differ from it: the one in use and those before it. */
export const passwordsRemembered = 5

/**
 * Each rule of a password that is looked at on its own, with the words that tell it. Whether it was used before only the
 * server knows.
 */
export const passwordRules = {
  length: `At least ${shortestPassword} characters`,
  upper: 'An upper-case letter',
  lower: 'A lower-case letter',
  digit: 'A digit',
  symbol: 'A symbol, such as ! ? . - or #',
  bytes: `No longer than ${longestPasswordBytes} letters, digits and common symbols`,
  uncommon: 'Not one that many people use',
  name: 'Without your user name',
} as const
export type PasswordRule = keyof typeof passwordRules

/** The rules that a password breaks, in the order they are listed; `username` where it is known. */
export function brokenPasswordRules(password: string, username = ''): PasswordRule[] {
  const broken: Record<PasswordRule, boolean> = {
    length: [...password].length < shortestPassword,
    upper: !/\p{Lu}/u.test(password),
    lower: !/\p{Ll}/u.test(password),
    digit: !/\p{Nd}/u.test(password),
    symbol: !/[^\p{L}\p{N}\p{M}\p{C}]/u.test(password),
    bytes: new TextEncoder().encode(password).length > longestPasswordBytes,
    uncommon: isCommon(password),
    name: username.length > 2 && password.toLowerCase().includes(username.toLowerCase()),
  }
  return (Object.keys(passwordRules) as PasswordRule[]).filter((rule) => broken[rule])
}

const lookalikes: Record<string, string> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
}

/**
 * Whether nothing is left of it but a common word, with the digits and symbols around it taken off and those within
 * read as the letters they stand for; or nothing at all.
 */
function isCommon(password: string): boolean {
  const lower = password.toLowerCase()
  const edges = /^[^\p{L}]+|[^\p{L}]+$/gu
  const read = (text: string) =>
    text.replace(/[@4310!$57]/g, (sign) => lookalikes[sign]!).replace(/[^\p{L}]/gu, '')
  const stems = [lower.replace(edges, ''), lower.replace(/[\d!?.]+$/, '')].flatMap((core) => [
    core.replace(/[^\p{L}]/gu, ''),
    read(core),
  ])
  return stems.some((stem) => stem === '' || commonStems.has(stem))
}
