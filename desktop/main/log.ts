import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import electronLog from 'electron-log/node'
import { type LogLevel, logLevels } from '#desktop/bridge/policy'

/**
 * Notes for whoever looks after the app, on stderr and, once `logToFiles` was told where, in files. Errors are noted by
 * kind, place and the codes of the system; their messages may quote what a person typed, so those of unknown origin are
 * left out. Words of a note are written here in the app: none of them comes from a record or a person.
 */
export function log(message: string, error?: unknown): void {
  write('error', `${message}${error === undefined ? '' : ` (${describe(error)})`}`)
}

export const note = (level: LogLevel, message: string): void => write(level, message)

/** Bytes of a file, and how many there are: the one being written, and those before it. */
const fileSize = 1024 * 1024
const fileCount = 5
const fileName = (age: number) => (age === 0 ? 'fieldbook.log' : `fieldbook.${age}.log`)
const isOurs = (name: string) => /^fieldbook(\.\d+)?\.log$/.test(name)

const logger = electronLog.create({ logId: 'fieldbook' })
logger.transports.console.level = false
logger.transports.file.level = false

let level: LogLevel = 'info'

/** From now on notes are kept in `folder` too; those of less importance than `least` are left out. */
export function logToFiles(folder: string, least: LogLevel): void {
  const { file } = logger.transports
  mkdirSync(folder, { recursive: true })
  level = least
  file.resolvePathFn = () => join(folder, fileName(0))
  file.maxSize = fileSize
  file.format = '{iso} {level} {text}'
  file.writeOptions = { flag: 'a', mode: 0o600, encoding: 'utf8' }
  file.archiveLogFn = () => {
    for (let age = fileCount - 1; age > 0; age--)
      ifThere(() => renameSync(join(folder, fileName(age - 1)), join(folder, fileName(age))))
  }
  file.level = least
  // What a version of the app that kept more has left.
  for (const name of readdirSync(folder).filter(isOurs))
    if (Number(/\d+/.exec(name)?.[0] ?? 0) >= fileCount) ifThere(() => rmSync(join(folder, name)))
}

/** The log files there are, the one being written first. */
export function logFiles(folder: string): { name: string; text: string }[] {
  const names = Array.from({ length: fileCount }, (_, age) => fileName(age))
  return names.flatMap(
    (name) => ifThere(() => [{ name, text: readFileSync(join(folder, name), 'utf8') }]) ?? [],
  )
}

function write(importance: LogLevel, message: string) {
  if (logLevels.indexOf(importance) > logLevels.indexOf(level)) return
  const text = withoutHome(message)
  process.stderr.write(`fieldbook: ${text}\n`)
  logger[importance](text)
}

const home = homedir()

/** Where the person's folder is tells who they are. */
export const withoutHome = (text: string) => (home.length > 1 ? text.replaceAll(home, '~') : text)

function ifThere<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { code } = error as { code?: unknown }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const cause = error.cause === undefined ? '' : ` caused by ${describe(error.cause)}`
  return (
    [error.name, typeof code === 'string' ? code : '', ...frames.slice(0, 3).map((line) => line.trim())]
      .filter(Boolean)
      .join(' ') + cause
  )
}
