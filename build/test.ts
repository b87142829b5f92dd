import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import type { JSONReport } from '@playwright/test/reporter'
import type { JsonTestResults } from 'vitest/node'
import { buildDesktop } from './desktop-process.ts'
import { electronBinary } from './electron-binary.ts'
import { prepareTestEnvironment, runOnDesktop } from './test-environment.ts'

/**
 * `npm test`: every test there is. `npm run test:e2e` (argument `e2e`) the journeys alone; further arguments go to
 * Playwright. Ends with one line, `N passed, M failed`, counted from the runners' own reports, and fails when
 * anything failed, when a runner broke, or when no test ran.
 */
const project = resolve(import.meta.dirname, '..')
const reports = join(project, 'out', 'test')
const [only, ...playwrightArguments] = process.argv.slice(2)

type Count = { passed: number; failed: number }

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
  const counts = [...(only === 'e2e' ? [] : [runUnits()]), await runJourneys()]
  const passed = counts.reduce((sum, count) => sum + count.passed, 0)
  const failed = counts.reduce((sum, count) => sum + count.failed, 0)
  console.log(`\n${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0
}

function runUnits() {
  const report = join(reports, 'vitest.json')
  const vitest = join(project, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters], {
    stdio: 'inherit',
    cwd: project,
  })
  return count<JsonTestResults>('vitest', report, status ?? 1, (results) => ({
    passed: results.numPassedTests,
    // A file that fails before its first test has no failed test of its own.
    failed: results.testResults.reduce(
      (sum, file) =>
        sum +
        (file.assertionResults.filter((test) => test.status === 'failed').length ||
          Number(file.status === 'failed')),
      0,
    ),
  }))
}

async function runJourneys() {
  try {
    await buildDesktop()
    await electronBinary()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return { passed: 0, failed: 1 }
  }
  const report = join(reports, 'playwright.json')
  const playwright = join(project, 'node_modules', '@playwright', 'test', 'cli.js')
  const config = join(project, 'desktop', 'e2e', 'playwright.config.ts')
  const status = runOnDesktop(
    process.execPath,
    [playwright, 'test', '--config', config, '--reporter=list,json', ...playwrightArguments],
    { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  )
  return count<JSONReport>('Playwright', report, status, ({ stats, errors }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
  }))
}

/** A runner that ended badly without naming a failure broke: that counts as one. */
function count<Report>(runner: string, file: string, status: number, read: (report: Report) => Count): Count {
  const found = existsSync(file)
    ? read(JSON.parse(readFileSync(file, 'utf8')) as Report)
    : { passed: 0, failed: 0 }
  if (status === 0 || found.failed > 0) return found
  console.error(`\n${runner} ended with code ${status} without a failed test; its output is above.`)
  return { ...found, failed: 1 }
}
