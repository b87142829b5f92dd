/**
 * Text that a spreadsheet would run as a formula when it opens a CSV file is written behind an apostrophe. Text that
 * looks as if it had been gets one more, so that taking one off gives every text back as it was.
 */

const runs = /^'*[=+\-@\t\r\n＝＋－＠]/
const guarded = /^'+[=+\-@\t\r\n＝＋－＠]/

export const guard = (text: string): string => (runs.test(text) ? `'${text}` : text)

/** The text as it was before `guard`. */
export const unguard = (text: string): string => (guarded.test(text) ? text.slice(1) : text)
