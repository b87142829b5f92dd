import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { createDatabase, type TestDatabase } from '../../test/database.ts'
import { codeIn, readMail, startSmtpServer } from '../../test/smtp-server.ts'

type SmtpServer = Awaited<ReturnType<typeof startSmtpServer>>

const credentials = { user: 'fieldbook', pass: 'p@ss:word/1' }
const addressOf = (name: string) => `${name}@harbour-vale.example`

let database: TestDatabase
let smtp: SmtpServer
const closing: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  smtp = await startSmtpServer({ credentials, refuse: (to) => (to.startsWith('viewer') ? 550 : null) })
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await smtp.close()
  await database.owner.query('DELETE FROM pgboss.job')
  await database.owner.query('DELETE FROM mails')
  await database.owner.query('DELETE FROM password_resets')
})

interface Serving {
  work?: boolean
  smtpUrl?: string | null
  mailFolder?: string
  logger?: object
}

async function serve({ work = true, smtpUrl = smtp.url, mailFolder = '', logger = {} }: Serving = {}) {
  const server = await createTestApp({
    database,
    config: {
      smtpUrl,
      mailFrom: 'Harbour Fieldbook <post@fieldbook.example>',
      mailFolder,
      publicUrl: 'https://fieldbook.example',
    },
    jobs: { work, superviseSeconds: 1 },
    ...(Object.keys(logger).length > 0 && { logger }),
  })
  closing.push(() => server.close())
  return server
}

const ask = (server: TestApp, account: string) =>
  server.anonymous().post('/auth/forgot-password', { account })

const states = async () =>
  (
    await database.owner.query(
      `SELECT u.username, m.kind, m.sent_at IS NOT NULL AS sent, m.refused_at IS NOT NULL AS refused
     FROM mails m JOIN users u ON u.id = m.user_id ORDER BY u.username`,
    )
  ).rows as object[]
const queued = async (count: number) => expect.poll(async () => (await states()).length).toBe(count)

/** Once no mail waits, is sent or is to be tried again. */
const noneLeft = () =>
  expect
    .poll(
      async () =>
        (
          await database.owner.query(
            `SELECT name FROM pgboss.job WHERE name IN ('mail', 'failed') AND state IN ('created', 'retry', 'active')`,
          )
        ).rows as object[],
      { timeout: 50_000, interval: 50 },
    )
    .toEqual([])

test('a mail goes to the person’s address, from the one that is set, with a code and no other secret', async () => {
  const server = await serve()
  await ask(server, 'editor')
  await expect.poll(() => smtp.mails.length, { timeout: 10_000 }).toBe(1)
  const [mail] = smtp.mails
  expect(mail).toMatchObject({
    from: 'post@fieldbook.example',
    to: [addressOf('editor')],
    headers: {
      from: 'Harbour Fieldbook <post@fieldbook.example>',
      to: 'Edith Vale <editor@harbour-vale.example>',
      subject: 'Choose a new password for Fieldbook',
    },
  })
  expect(mail!.headers['message-id']).toMatch(/^<[0-9a-f-]{36}@fieldbook.example>$/)
  expect(codeIn(mail!)).toBeTruthy()
  expect(mail!.text).toContain('Hello Edith Vale,')
  expect(mail!.text).toContain('“editor” at Harbour & Vale')
  expect(mail!.text).toContain('https://fieldbook.example')
  await noneLeft()
  expect(await states()).toEqual([{ username: 'editor', kind: 'passwordReset', sent: true, refused: false }])
  // Whoever reads the database or a backup of it has no code.
  const { rows } = await database.owner.query(
    `SELECT row_to_json(m)::text FROM mails m UNION ALL SELECT row_to_json(r)::text FROM password_resets r
     UNION ALL SELECT data::text || coalesce(output::text, '') FROM pgboss.job UNION ALL SELECT row_to_json(a)::text FROM audit_logs a`,
  )
  expect(JSON.stringify(rows)).not.toContain(codeIn(mail!)!.slice(-22))
})

test('a mail waits while the mail server is away, and one that came when it was back is sent once', async () => {
  await smtp.close()
  const logged: string[] = []
  const server = await serve({
    logger: { level: 'error', stream: { write: (line: string) => logged.push(line) } },
  })
  await ask(server, 'editor')
  await expect.poll(() => logged.length, { timeout: 10_000 }).toBeGreaterThan(0)
  expect(await states()).toMatchObject([{ sent: false, refused: false }])
  smtp = await startSmtpServer({ credentials, port: smtp.port })
  await noneLeft()
  expect(smtp.mails.map(({ to }) => to)).toEqual([[addressOf('editor')]])
  expect(await states()).toMatchObject([{ sent: true }])
  expect(logged.join()).toContain('The mail server did not take a mail')
  expect(logged.join()).not.toMatch(/editor@|Edith|p@ss/)
})

test('a mail outlives the server that promised it, and the tries a job has', async () => {
  const promising = await serve({ work: false })
  await ask(promising, 'editor')
  await queued(1)
  await promising.close()
  closing.pop()
  await database.owner.query('UPDATE pgboss.job SET retry_limit = 0')
  await smtp.close()
  await serve()
  const failed = async () =>
    (await database.owner.query(`SELECT FROM pgboss.job WHERE name = 'failed' AND state = 'completed'`))
      .rowCount
  await expect.poll(failed, { timeout: 20_000 }).toBe(1)
  smtp = await startSmtpServer({ credentials, port: smtp.port })
  await noneLeft()
  expect(smtp.mails).toHaveLength(1)
  expect(await states()).toMatchObject([{ sent: true }])
})

test('one that the mail server refuses for good is given up, one whose time is over is not sent', async () => {
  const server = await serve({ work: false })
  await ask(server, 'viewer')
  await ask(server, 'colleague')
  await ask(server, 'manager')
  await queued(3)
  await database.owner.query(
    `UPDATE mails SET give_up_at = now() WHERE user_id = (SELECT id FROM users WHERE username = 'colleague')`,
  )
  // What was mailed to an address counts for that address.
  await database.owner.query(
    `UPDATE users SET email = 'mona@harbour-vale.example' WHERE username = 'manager'`,
  )
  await serve()
  await noneLeft()
  expect(smtp.mails).toEqual([])
  expect(await states()).toEqual([
    { username: 'colleague', kind: 'passwordReset', sent: false, refused: false },
    { username: 'manager', kind: 'passwordReset', sent: false, refused: false },
    { username: 'viewer', kind: 'passwordReset', sent: false, refused: true },
  ])
})

test('without a mail server it is written into a folder, for nobody else to read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-mail-'))
  closing.push(() => rm(folder, { recursive: true }))
  const mailFolder = join(folder, 'mail')
  const server = await serve({ smtpUrl: null, mailFolder })
  await ask(server, 'admin@harbour-vale.example')
  await queued(1)
  await noneLeft()
  const [file, ...more] = await readdir(mailFolder)
  expect(more).toEqual([])
  expect(file).toMatch(/^[0-9a-f-]{36}\.eml$/)
  const path = join(mailFolder, file!)
  expect((await stat(path)).mode & 0o077).toBe(0)
  const mail = readMail(await readFile(path))
  expect(mail.headers.to).toBe('Ada Harbour <admin@harbour-vale.example>')
  expect(codeIn(mail)).toBeTruthy()
})

test('a name cannot add anything to a mail', async () => {
  const name = 'Eve\r\nBcc: everybody@example.org\r\n\r\nHi <eve@example.org>, "x"'
  await database.owner.query(`UPDATE users SET display_name = $1 WHERE username = 'editor'`, [name])
  const server = await serve()
  await ask(server, 'editor')
  await expect.poll(() => smtp.mails.length, { timeout: 10_000 }).toBe(1)
  const [mail] = smtp.mails
  expect(mail!.to).toEqual([addressOf('editor')])
  expect(Object.keys(mail!.headers)).not.toContain('bcc')
})
