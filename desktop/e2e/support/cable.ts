import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * The network cable between a device and the server, to be pulled and plugged in. Pulled, it refuses connections. It
 * can also swallow answers: the server does what it is asked, and the device never hears of it.
 */
export class Cable {
  readonly url: string
  readonly #serverPort: number
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  #listener: Server
  #swallowed: string | null = null
  #onSwallow: (() => void) | null = null

  constructor(listener: Server, port: number, serverPort: number) {
    this.#listener = listener
    this.#port = port
    this.#serverPort = serverPort
    this.url = `http://127.0.0.1:${port}`
  }

  static async to(serverUrl: string): Promise<Cable> {
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as { port: number }
    const cable = new Cable(listener, port, Number(new URL(serverUrl).port))
    listener.on('connection', (socket) => cable.#join(socket))
    return cable
  }

  async pull(): Promise<void> {
    const closed = once(this.#listener, 'close')
    this.#listener.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async plugIn(): Promise<void> {
    this.#listener = createServer((socket) => this.#join(socket)).listen(this.#port, '127.0.0.1')
    await once(this.#listener, 'listening')
  }

  /** Swallows the answer to the next request for `path`; resolves when it has. */
  swallowAnswerTo(path: string): Promise<void> {
    this.#swallowed = path
    return new Promise((done) => {
      this.#onSwallow = done
    })
  }

  #join(near: Socket): void {
    const far = connect(this.#serverPort, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    let swallow = false
    near.on('data', (chunk: Buffer) => {
      swallow ||= this.#swallowed !== null && chunk.subarray(0, 200).includes(this.#swallowed)
      far.write(chunk)
    })
    far.on('data', (chunk: Buffer) => {
      if (!swallow) {
        near.write(chunk)
        return
      }
      this.#swallowed = null
      near.destroy()
      this.#onSwallow?.()
    })
    near.on('end', () => far.end())
    far.on('end', () => near.end())
  }
}
