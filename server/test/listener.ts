import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import WebSocket from 'ws'
import type { ErrorBody } from '#common/contract/errors'
import type { App } from '../shared/app.ts'

/** The address of an application that listens, on a free port unless it does already. */
export async function addressOf(app: App): Promise<string> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  return `127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

export interface Refusal {
  status: number
  error: ErrorBody['error'] | undefined
}

/** A device that listens for live updates, as soon as it is let in; a refusal is thrown. */
export async function listenTo(
  app: App,
  token: string | undefined,
  { path = '/api/v1/sync/live', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
) {
  const socket = new WebSocket(`ws://${await addressOf(app)}${path}`, {
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
  })
  const heard: string[] = []
  const closed = once(socket, 'close').then(([code]) => code as number)
  socket.on('message', (data: Buffer) => heard.push(data.toString()))
  await new Promise<void>((opened, refuse) => {
    socket.on('open', opened)
    socket.on('error', refuse)
    socket.on('unexpected-response', (_, answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => (text += part))
      answer.on('end', () => {
        const body = JSON.parse(text) as ErrorBody
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        refuse({ status: answer.statusCode!, error: body.error } satisfies Refusal)
      })
    })
  })
  return {
    socket,
    heard,
    /** The code it was closed with. */
    closed,
    /** What was sent to it before this moment has been heard. */
    async roundTrip(): Promise<void> {
      const answered = once(socket, 'pong')
      socket.ping()
      await answered
    },
    async nextMessage(): Promise<void> {
      await once(socket, 'message')
    },
  }
}

/** The server's end of a socket, as far as live updates use it. */
export class FakeSocket extends EventEmitter {
  bufferedAmount = 0
  readonly log: string[] = []
  send = (text: string) => this.log.push(text)
  ping = () => this.log.push('ping')
  close = (code: number) => this.#end(`closed ${code}`)
  terminate = () => this.#end('terminated')

  #end(how: string) {
    this.log.push(how)
    this.emit('close')
  }
}
