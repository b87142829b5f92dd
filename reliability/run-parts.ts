import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Options, Part } from './part.ts'
import { replaceGenerated, reportOf } from './report.ts'

export type Load = () => Promise<{ run(options: Options): Promise<Part> }>

/**
 * Runs the parts the command line names, or all, and prints what came of them; `groups` are names for several. With
 * `--write` the figures go into `page`. Ends the process: with 1 where something failed, with 2 where there is no such part.
 */
export async function runParts(
  parts: Readonly<Record<string, Load>>,
  page: string,
  groups: Readonly<Record<string, readonly string[]>> = {},
): Promise<never> {
  const { positionals, values } = parseArgs({ allowPositionals: true, strict: false })
  const asked = positionals.flatMap((name) => groups[name] ?? name)
  const unknown = asked.filter((name) => !parts[name])
  if (unknown.length > 0) {
    const known = [...Object.keys(parts), ...Object.keys(groups)]
    console.error(`There is no part ${unknown.join()}; there are ${known.join(', ')}.`)
    process.exit(2)
  }

  const names = asked.length > 0 ? asked : Object.keys(parts)
  // Throws where the page has no place for them: before they run, not after.
  if (values.write) {
    names.reduce((text, name) => replaceGenerated(text, name, ''), await readFile(page, 'utf8'))
  }

  const done: Part[] = []
  for (const name of names) {
    const start = Date.now()
    const { run } = await parts[name]!()
    const part = await run(values as Options)
    part.figures.seconds = Math.round((Date.now() - start) / 1000)
    done.push(part)
    console.log(`\n${part.name}`)
    for (const [what, figure] of Object.entries(part.figures)) console.log(`  ${what}: ${figure}`)
    if (part.table) console.log(`\n${part.table}\n`)
    for (const { what, replay } of part.failures) console.error(`  FAILED ${what}\n    ${replay}`)
  }
  if (values.write) {
    const text = await readFile(page, 'utf8')
    await writeFile(
      page,
      done.reduce((text, part) => replaceGenerated(text, part.name, reportOf(part)), text),
    )
  }
  process.exit(done.some(({ failures }) => failures.length > 0) ? 1 : 0)
}
