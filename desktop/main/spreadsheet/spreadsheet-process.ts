import type {} from 'electron'
import { answerCalls } from '../calls.ts'
import { readCommands } from './read-commands.ts'
import { writeCommands } from './write-commands.ts'

/** The process for spreadsheets: files are written and read here, so that nothing else waits for them. */

const commands: Record<string, (...args: never[]) => unknown> = { ...readCommands(), ...writeCommands() }

answerCalls(
  {
    postMessage: (message) => process.parentPort.postMessage(message),
    onMessage: (listener) => process.parentPort.on('message', ({ data }) => listener(data)),
  },
  (method, args) => {
    const command = Object.hasOwn(commands, method) && commands[method]
    if (!command) throw new Error(`The spreadsheet process cannot ${method}`)
    return command(...(args as never[]))
  },
)
