import { expect } from '@playwright/test'
import type { TestServer } from './server.ts'

/** The code of the latest mail to them that has one. */
export async function mailedCode(server: TestServer, username: string): Promise<string> {
  const [person] = await server.sql<{ email: string }>('SELECT email FROM users WHERE username = $1', [
    username,
  ])
  let code: string | undefined
  await expect
    .poll(
      async () => {
        for (const mail of await server.mailsTo(person!.email)) {
          code = /^ {4}([\w-]{40,})\s*$/m.exec(mail.replaceAll('=\r\n', ''))?.[1] ?? code
        }
        return code
      },
      { message: 'a mail with a code arrives', timeout: 30_000 },
    )
    .toBeTruthy()
  return code!
}
