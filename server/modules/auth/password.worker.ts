import { compareSync, hashSync } from 'bcryptjs'
import type { PasswordTask } from './passwords.ts'

/** At least 12 (SECURITY.md): about a quarter of a second on one core. */
const cost = 12

export default (task: PasswordTask): string | boolean =>
  task.kind === 'hash' ? hashSync(task.password, cost) : compareSync(task.password, task.hash)
