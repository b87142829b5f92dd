import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createFolder } from './test/folder.ts'
import { run, runServer } from './test/process.ts'

/** What docs/api-guide.md tells people to write, run in order against a server with the demo in it. */

const guide = resolve(import.meta.dirname, '../docs/api-guide.md')

/** The examples, each with the values it is said to show. */
async function examples(): Promise<{ code: string; answers: unknown[] }[]> {
  const text = await readFile(guide, 'utf8')
  const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, kind, body]) => ({
    kind,
    body: body!,
  }))
  return blocks.flatMap(({ kind, body }, index) => {
    if (kind !== 'js') return []
    const next = blocks[index + 1]
    return [{ code: body, answers: next?.kind === 'json' ? valuesIn(next.body) : [] }]
  })
}

/** JSON values one after another, each beginning on a line of its own. */
const valuesIn = (text: string): unknown[] =>
  text
    .trimEnd()
    .split(/\n(?=[^\s\]}])/)
    .map((value) => JSON.parse(value) as unknown)

/** The same with what the guide leaves open: `"…"` is any text. */
const expected = (value: unknown): unknown =>
  value === '…'
    ? (expect.any(String) as unknown)
    : Array.isArray(value)
      ? value.map(expected)
      : value !== null && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([key, of]) => [key, expected(of)]))
        : value

test('every example of the guide does what the guide says', async () => {
  const folder = await createFolder()
  const server = runServer({
    DATA_DIR: join(folder.path, 'data'),
    DEMO_DATA: 'on',
    // A folder without the real meetings: the same generated records everywhere.
    DEMO_MEETINGS: folder.path,
  })
  const url = await server.url

  const told = await examples()
  expect(told.length).toBeGreaterThan(10)
  const end = '--- end of example ---'
  const script = join(folder.path, 'guide.mjs')
  await writeFile(script, told.map(({ code }) => `${code}\nconsole.log(${JSON.stringify(end)})\n`).join(''))
  const guided = run(script, { FIELDBOOK_SERVER_URL: url })
  const code = await guided.ended
  const shown = guided.said.out.split(`${end}\n`).slice(0, -1)
  for (const [index, values] of shown.entries())
    expect(values.trim() ? valuesIn(values) : [], told[index]!.code).toEqual(
      told[index]!.answers.map(expected),
    )
  expect(shown, guided.said.err).toHaveLength(told.length)
  expect(code).toBe(0)
  server.child.kill('SIGTERM')
  expect(await server.ended).toBe(0)
  await folder.remove()
}, 120_000)
