import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { AppError } from '#common/contract/errors'
import { Email, Username } from '#common/contract/users'
import { type Outcome, runCommand } from './command.ts'
import { createPasswords } from './modules/auth/passwords.ts'
import { journal } from './modules/journal/journal.service.ts'
import { createSuperAdmin } from './modules/users/super-admin.service.ts'
import { createPool } from './shared/pool.ts'
import { createTransact } from './shared/transaction.ts'

/**
 * `npm run admin:create-superadmin`: adds somebody who keeps the organisations. What the environment does not say is
 * asked for, or read line by line where nobody is there to be asked; never an argument, which others could see.
 */

const questions = [
  ['username', 'SUPERADMIN_USERNAME', 'User name'],
  ['email', 'SUPERADMIN_EMAIL', 'E-mail address'],
  ['password', 'SUPERADMIN_PASSWORD', 'Password'],
] as const

async function ask(): Promise<Record<(typeof questions)[number][0], string>> {
  let hidden = false
  const output = new Writable({
    write(text: Buffer, _, done) {
      if (!hidden) process.stderr.write(text)
      done()
    },
  })
  const terminal = process.stdin.isTTY
  const reader = createInterface({ input: process.stdin, output, terminal })
  const lines = reader[Symbol.asyncIterator]()
  const answers = { username: '', email: '', password: '' }
  try {
    for (const [name, variable, words] of questions) {
      const given = process.env[variable]
      if (given !== undefined) {
        answers[name] = given
        continue
      }
      process.stderr.write(`${words}: `)
      hidden = name === 'password'
      const line = await lines.next()
      hidden = false
      process.stderr.write(terminal && name !== 'password' ? '' : '\n')
      if (line.done) throw new Error(`Say the ${words.toLowerCase()} by ${variable} or on a line of its own`)
      answers[name] = line.value
    }
  } finally {
    reader.close()
  }
  return answers
}

const keeps = (schema: TSchema, text: string): boolean => Value.Check(schema, text)

await runCommand(async (databaseUrl): Promise<Outcome> => {
  const { username, email, password } = await ask()
  if (!keeps(Username, username)) {
    return { ok: false, words: 'A user name is neither empty nor longer than 64, and has no spaces and no @' }
  }
  if (!keeps(Email, email)) return { ok: false, words: `“${email}” is no e-mail address` }
  const pool = createPool(databaseUrl, 1)
  const passwords = createPasswords()
  try {
    await createSuperAdmin(createTransact(pool), journal, passwords, { username, email, password })
    return { ok: true, words: `${username} is a super admin` }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const details = error.details?.map(({ message }) => message) ?? []
    return {
      ok: false,
      words: details.length > 1 ? `${error.message}: ${details.join('; ')}` : error.message,
    }
  } finally {
    await passwords.close()
    await pool.destroy()
  }
})
