import { EventEmitter } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { answerCalls, type ChildPort } from '../calls.ts'
import { readCommands } from '../spreadsheet/read-commands.ts'
import { writeCommands } from '../spreadsheet/write-commands.ts'

/** Everything a process that writes a file is, but the process: messages are copied across, and it can end. */
export function spreadsheetProcess(): ChildPort & { die(): void } {
  const { port1: near, port2: far } = new MessageChannel()
  const life = new EventEmitter()
  const commands: Record<string, (...args: never[]) => unknown> = { ...readCommands(), ...writeCommands() }
  answerCalls(
    {
      postMessage: (message) => far.postMessage(message),
      onMessage: (listener) => void far.on('message', listener),
    },
    (method, args) => commands[method]!(...(args as never[])),
  )
  const end = () => {
    near.close()
    life.emit('exit')
  }
  return {
    postMessage: (message) => near.postMessage(message),
    onMessage: (listener) => void near.on('message', listener),
    onExit: (listener) => void life.on('exit', listener),
    kill: end,
    die: end,
  }
}
