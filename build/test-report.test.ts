import { describe, expect, test } from 'vitest'
import type { JsonTestResults } from 'vitest/node'
import { closingWords, failedFiles, readUnits } from './test-report.ts'

/** `tests`: for each test of a file, whether it passed; a file without any failed before its first. */
function run(files: Record<string, boolean[]>) {
  return {
    testResults: Object.entries(files).map(([name, tests]) => ({
      name,
      status: tests.length && tests.every(Boolean) ? 'passed' : 'failed',
      message: tests.length ? '' : 'cannot be loaded',
      assertionResults: tests.map((passed, index) => ({
        fullName: `test ${index + 1}`,
        status: passed ? 'passed' : 'failed',
        failureMessages: passed ? [] : ['expected 1 to be 2'],
      })),
    })),
  } as unknown as JsonTestResults
}

const names = (failures: { file: string; name: string }[]) =>
  failures.map(({ file, name }) => `${file} ${name}`)

describe('a second run', () => {
  const first = run({ a: [true, true], b: [true, false, true], c: [], d: [false, false] })

  test('is of the files that failed', () => expect(failedFiles(first)).toEqual(['b', 'c', 'd']))

  test('counts in place of the first, and names what passed only then', () => {
    const outcome = readUnits(first, run({ b: [true, true, true], c: [true, true], d: [true, false] }))
    expect(outcome.passed).toBe(2 + 3 + 2 + 1)
    expect(names(outcome.failed)).toEqual(['d test 2'])
    expect(outcome.second.map((entry) => entry.split('\n')[0])).toEqual(['b › test 2', 'c › (the file)'])
  })

  test('that broke leaves the failures of the first', () => {
    expect(names(readUnits(first, undefined).failed)).toEqual([
      'b test 2',
      'c (the file)',
      'd test 1',
      'd test 2',
    ])
    expect(readUnits(first, undefined).second).toEqual([])
  })
})

test('what failed stands above the last line, which counts', () => {
  const lines = closingWords(readUnits(run({ a: [true], c: [] }))).split('\n')
  expect(lines.at(-1)).toBe('1 passed, 1 failed')
  expect(lines).toContain('- c › (the file)')
  expect(lines).toContain('  cannot be loaded')
})
