import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Options, Part } from './part.ts'
import { parts, realParts } from './parts.ts'
import { replaceGenerated, reportOf } from './report.ts'

/**
 * `npm run test:sync`: every part in full. `-- simulation planted` runs these, `-- real` those with real servers, and
 * `--histories=…`, `--seed=…`, `--count=…` say how much. With `--write` the figures go into docs/reliability.md.
 */
const report = resolve(import.meta.dirname, '..', 'docs', 'reliability.md')

const { positionals, values } = parseArgs({ allowPositionals: true, strict: false })
const asked = positionals.flatMap((name) => (name === 'real' ? Object.keys(realParts) : name))
const unknown = asked.filter((name) => !parts[name])
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join()}; there are ${Object.keys(parts).join(', ')}, and real.`)
  process.exit(2)
}

const done: Part[] = []
for (const name of asked.length > 0 ? asked : Object.keys(parts)) {
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
  const text = await readFile(report, 'utf8')
  await writeFile(
    report,
    done.reduce((page, part) => replaceGenerated(page, part.name, reportOf(part)), text),
  )
}
process.exit(done.some(({ failures }) => failures.length > 0) ? 1 : 0)
