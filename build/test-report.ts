import type { JSONReport, JSONReportSuite } from '@playwright/test/reporter'
import type { JsonTestResults } from 'vitest/node'

/** A test that failed: where it is, what it is called, and the first lines of why. */
export type Failure = { file: string; name: string; why: string }

/** What a run came to. `second`: the names of tests that failed at first and passed when they were run again. */
export type Outcome = { passed: number; failed: Failure[]; second: string[] }

const colours = /\u001b\[[\d;]*m/g
const linesOfWhy = 12

function why(message: string | undefined) {
  const lines = (message ?? '').replace(colours, '').trim().split('\n')
  return lines.slice(0, linesOfWhy).join('\n') || 'No reason was given.'
}

/** The files of a run that failed, to be run again. */
export function failedFiles(results: JsonTestResults) {
  return results.testResults.filter((file) => failuresOf(file).length).map((file) => file.name)
}

/** A run, and the run of those files alone that had failed: what a file came to the second time is what counts. */
export function readUnits(first: JsonTestResults, again?: JsonTestResults): Outcome {
  const lately = new Map(again?.testResults.map((file) => [file.name, file]))
  const files = first.testResults.map((file) => lately.get(file.name) ?? file)
  const tests = files.flatMap((file) => file.assertionResults)
  const failed = files.flatMap(failuresOf)
  const failsYet = new Set(failed.map((failure) => failure.file))
  const second = first.testResults.flatMap(failuresOf).filter((failure) => !failsYet.has(failure.file))
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed,
    second: second.map(told),
  }
}

function failuresOf(file: JsonTestResults['testResults'][number]): Failure[] {
  const failed = file.assertionResults.filter((test) => test.status === 'failed')
  if (failed.length) {
    return failed.map((test) => ({
      file: file.name,
      name: test.fullName,
      why: why(test.failureMessages?.join('\n')),
    }))
  }
  // A file that fails before its first test has no failed test of its own.
  return file.status === 'failed' ? [{ file: file.name, name: '(the file)', why: why(file.message) }] : []
}

function told({ file, name, why }: Failure) {
  return `${file} › ${name}\n${why}`
}

export function readJourneys({ stats, errors, suites }: JSONReport): Outcome {
  const failed: Failure[] = errors.map((error) => ({
    file: error.location?.file ?? '',
    name: '(the journeys)',
    why: why(error.message),
  }))
  const second: string[] = []
  const read = (suite: JSONReportSuite) => {
    for (const spec of suite.specs) {
      for (const test of spec.tests) {
        const failure = { file: spec.file, name: spec.title, why: why(test.results[0]?.error?.message) }
        if (test.status === 'flaky') second.push(told(failure))
        if (test.status === 'unexpected') failed.push(failure)
      }
    }
    suite.suites?.forEach(read)
  }
  suites.forEach(read)
  return { passed: stats.expected + stats.flaky, failed, second }
}

/** What stands at the end of everything, where it is read: every failure, every second attempt, the count. */
export function closingWords({ passed, failed, second }: Outcome): string {
  const part = (title: string, entries: string[]) =>
    entries.length ? [`\n${title}`, ...entries.map((entry) => `- ${entry.replaceAll('\n', '\n  ')}`)] : []
  return [
    ...part('Passed only when run a second time; each is a fault to be found:', second),
    ...part('Failed:', failed.map(told)),
    `\n${passed} passed, ${failed.length} failed`,
  ].join('\n')
}
