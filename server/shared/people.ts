import { AppError } from '#common/contract/errors'
import { brokenPasswordRules, passwordRules } from '#common/rules/password-policy'

/** What holds for people wherever they are added or changed. */

/** A field that cannot be as it is, with what to do about it. */
export const refused = (field: string, message: string) =>
  new AppError('VALIDATION_ERROR', message, { details: [{ field, message }] })

interface Names {
  username: string
  email: string
  displayName: string
}

export const namesOf = ({ username, email, displayName }: Names) => ({
  username: username.trim(),
  email: email.trim(),
  displayName: displayName.trim(),
})

/** Of a password that somebody chooses for somebody, or that registers with an organisation. */
export function assertPassword(field: string, password: string | undefined, username: string): void {
  if (password === undefined) return
  const broken = brokenPasswordRules(password, username)
  if (broken.length === 0) return
  throw new AppError('VALIDATION_ERROR', 'The password is not good enough', {
    details: broken.map((rule) => ({ field, message: passwordRules[rule] })),
  })
}

/** The same words whoever has the name, in whatever organisation: an answer is not to tell who is where. */
const taken: Record<string, [field: string, message: string]> = {
  users_username: ['username', 'This user name cannot be used. Choose another one.'],
  users_email: ['email', 'This e-mail address cannot be used. Choose another one.'],
  users_pkey: ['id', 'This id cannot be used. Send another one.'],
  users_id_key: ['id', 'This id cannot be used. Send another one.'],
}

/** `prefix` stands before the names of the fields, where the person is part of something. */
export async function unlessTaken<T>(work: Promise<T>, prefix = ''): Promise<T> {
  try {
    return await work
  } catch (error) {
    const { constraint = '' } = error as { constraint?: string }
    const problem = taken[constraint]
    if (!problem) throw error
    const [field, message] = problem
    throw refused(prefix + field, message)
  }
}
