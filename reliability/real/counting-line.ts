import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What happens on the line once so many bytes have left the device. */
export interface Cut {
  /** Of all bytes that left the device. */
  at: number
  /** The server gets what came up to there. With `answer` it gets all of it, and what it answers does not arrive. */
  kind: 'line' | 'answer' | 'server' | 'app'
}

/**
 * A line from a device to the server, on which every byte that leaves the device is counted, and which is cut at places
 * that are given. Bytes that had left the device and were lost on their way are counted too.
 */
export class CountingLine {
  readonly url: string
  sent = 0
  /** Where connections lead; null: nobody answers. */
  target: string | null = null
  readonly cuts: Cut[]
  readonly made: Cut[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #onCut: (cut: Cut) => void

  private constructor(server: Server, cuts: Cut[], onCut: (cut: Cut) => void) {
    this.#server = server
    this.cuts = cuts.toSorted((one, other) => one.at - other.at)
    this.#onCut = onCut
    this.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    server.on('connection', (near) => this.#serve(near))
  }

  static async open(cuts: Cut[], onCut: (cut: Cut) => void): Promise<CountingLine> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new CountingLine(server, cuts, onCut)
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#cutAll()
    await closed
  }

  #cutAll() {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  #keep(socket: Socket) {
    this.#sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
  }

  #serve(near: Socket) {
    this.#keep(near)
    if (this.target === null) {
      near.resetAndDestroy()
      return
    }
    const far = connect(Number(new URL(this.target).port), '127.0.0.1')
    this.#keep(far)
    let answers = true
    // What has reached the line reaches the server.
    near.on('close', () => far.end())
    far.on('close', () => near.destroy())
    far.on('data', (part) => {
      if (!answers) near.resetAndDestroy()
      else if (!near.write(part)) far.pause()
    })
    near.on('drain', () => far.resume())
    far.on('drain', () => near.resume())
    near.on('data', (part) => {
      this.sent += part.length
      const cut = this.cuts[0]
      const isCut = cut !== undefined && this.sent >= cut.at
      if (!isCut || cut.kind === 'answer') {
        if (isCut) answers = false
        if (!far.write(part)) near.pause()
      } else {
        // As far as it goes, the server has it before the connection ends.
        far.end(part.subarray(0, part.length - (this.sent - cut.at)))
        near.resetAndDestroy()
      }
      if (!isCut) return
      this.made.push(this.cuts.shift()!)
      this.#onCut(cut)
    })
  }
}
