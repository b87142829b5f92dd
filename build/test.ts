import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import type { JSONReport } from '@playwright/test/reporter'
import type { JsonTestResults } from 'vitest/node'
import { buildDesktop } from './desktop-process.ts'
import { electronBinary } from './electron-binary.ts'
import { prepareTestEnvironment, runOnDesktop } from './test-environment.ts'
import { closingWords, failedFiles, readJourneys, readUnits, type Outcome } from './test-report.ts'

/**
 * `npm test`: every test there is. `npm run test:e2e` (argument `e2e`) the journeys alone; further arguments go to
 * Playwright. Ends with what failed and one line, `N passed, M failed`, from the runners' own reports, and fails when
 * anything failed, when a runner broke, or when no test ran. What failed is run a second time, alone: what passes
 * then is counted as passed and named at the end (docs/decisions/0030).
 */
const project = resolve(import.meta.dirname, '..')
const reports = join(project, 'out', 'test')
const [only, ...playwrightArguments] = process.argv.slice(2)

/** A journey waits more than it reckons: two at once, each lane on a desktop of its own, fill two cores. */
const lanes = playwrightArguments.length ? 1 : Math.min(2, availableParallelism())

/** More files than this failing at once is no accident of a busy machine: they are not run again. */
const filesWorthASecondRun = 5

try {
  const ok = await runTests()
  process.exit(ok ? 0 : 1)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

async function runTests() {
  prepareTestEnvironment()
  rmSync(reports, { recursive: true, force: true })
  mkdirSync(reports, { recursive: true })
  const outcomes = [...(only === 'e2e' ? [] : [runUnits()]), ...(await runJourneys())]
  const outcome: Outcome = {
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failed: outcomes.flatMap(({ failed }) => failed),
    second: outcomes.flatMap(({ second }) => second),
  }
  console.log(closingWords(outcome))
  return outcome.failed.length === 0 && outcome.passed > 0
}

function runUnits() {
  const first = runVitest('vitest.json', [])
  const files = first.results ? failedFiles(first.results) : []
  if (!first.results || !files.length || files.length > filesWorthASecondRun) {
    return concluded('vitest', first.status, first.results && readUnits(first.results))
  }
  console.log(`\nA second time, alone: ${files.join(', ')}`)
  const again = runVitest('vitest-again.json', files)
  return readUnits(first.results, again.results)
}

function runVitest(name: string, files: string[]) {
  const report = join(reports, name)
  const vitest = join(project, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...files], {
    stdio: 'inherit',
    cwd: project,
  })
  return { status: status ?? 1, results: read<JsonTestResults>(report) }
}

async function runJourneys(): Promise<Outcome[]> {
  try {
    await buildDesktop()
    await electronBinary()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return [{ passed: 0, failed: [{ file: 'build', name: '(the build)', why }], second: [] }]
  }
  return Promise.all(Array.from({ length: lanes }, (_, index) => runLane(index + 1)))
}

/** A share of the journeys, by their files. */
async function runLane(lane: number): Promise<Outcome> {
  const report = join(reports, `playwright-${lane}.json`)
  const playwright = join(project, 'node_modules', '@playwright', 'test', 'cli.js')
  const config = join(project, 'desktop', 'e2e', 'playwright.config.ts')
  const share = ['--shard', `${lane}/${lanes}`, '--output', join(project, 'out', 'journeys', `${lane}`)]
  const status = await runOnDesktop(
    process.execPath,
    [playwright, 'test', '--config', config, '--reporter=list,json', ...share, ...playwrightArguments],
    { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  )
  const results = read<JSONReport>(report)
  return concluded('Playwright', status, results && readJourneys(results))
}

function read<Report>(file: string) {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined
}

/** A runner that ended badly without naming a failure broke: that counts as one. */
function concluded(runner: string, status: number, outcome?: Outcome): Outcome {
  const found = outcome ?? { passed: 0, failed: [], second: [] }
  if (status === 0 || found.failed.length) return found
  const why = `ended with code ${status} without a failed test; its output is above`
  return { ...found, failed: [{ file: runner, name: '(the runner)', why }] }
}
