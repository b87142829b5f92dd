import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { globSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { boundaries } from './boundary-rules.ts'

/**
 * Holds the tree against the boundary rules, and the rules against their canaries: a check that sees no files,
 * or no longer understands an import, passes everything, which is worse than having none.
 */
const project = resolve(import.meta.dirname, '..')
const rooms = ['common', 'server', 'db', 'desktop', 'reliability']

const problems = [...(await strayImports()), ...(await silentRules())]
for (const problem of problems) console.error(problem)
if (problems.length) process.exit(1)

async function strayImports() {
  const { modules, summary } = await inspect(project)
  const seen = new Set(modules.map((module) => module.source))
  const unseen = sourcesIn(project).filter((file) => !seen.has(file))
  console.log(`${seen.size} modules, ${summary.totalDependenciesCruised} imports, ${boundaries.length} rules`)
  return [
    ...unseen.map((file) => `${file}: not seen by the boundary check`),
    ...summary.violations.map(({ rule, from, to }) => `${from}: must not import ${to} (${rule.name})`),
  ]
}

async function silentRules() {
  const cage = join(project, 'out', 'boundary-canaries')
  await rm(cage, { recursive: true, force: true })
  const silent = []
  for (const { rule, canary } of boundaries) {
    const tree = join(cage, rule.name!)
    const files = { ...canary, 'package.json': readFileSync(join(project, 'package.json'), 'utf8') }
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, file)), { recursive: true })
      await writeFile(join(tree, file), text)
    }
    const { violations } = (await inspect(tree)).summary
    if (!violations.some((violation) => violation.rule.name === rule.name)) silent.push(rule.name)
  }
  return silent.map(
    (name) => `The boundary rule "${name}" did not catch its canary (build/boundary-rules.ts)`,
  )
}

function sourcesIn(folder: string) {
  return globSync(`{${rooms.join(',')}}/**/*.{ts,tsx}`, { cwd: folder })
}

async function inspect(folder: string): Promise<ICruiseResult> {
  const { output } = await cruise(
    sourcesIn(folder),
    {
      baseDir: folder,
      ruleSet: { forbidden: boundaries.map(({ rule }) => rule) },
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules/' },
    },
    {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js'],
    },
  )
  return output as ICruiseResult
}
