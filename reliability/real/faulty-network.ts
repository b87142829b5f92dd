import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Random } from '#desktop/main/test/random'

/**
 * The network between a device and the server, at its worst. Each request meets one fault, or none, as the seed has
 * it: what goes through is what was sent, byte by byte.
 */

const faults = {
  /** The connection is refused, in effect: closed before a byte is read. */
  refused: 3,
  'reset within the request': 3,
  'reset after the request': 4,
  'answer swallowed': 5,
  'answer cut': 5,
  delayed: 6,
  'stalled for ever': 2,
  'byte by byte': 2,
  'sent again later': 5,
  garbage: 2,
  'portal page': 3,
  '503': 3,
  '503 with Retry-After': 2,
  '429 with Retry-After': 2,
  '502 of a gateway': 2,
} as const
export type Fault = keyof typeof faults

const cannedAnswers: Partial<Record<Fault, string>> = {
  garbage: '\u0000\u0001 this is no HTTP \r\n\r\n',
  'portal page': http('200 OK', 'text/html', '<html><body>Welcome! Room number?</body></html>'),
  '503': http('503 Service Unavailable', 'text/plain', 'later'),
  '502 of a gateway': http('502 Bad Gateway', 'text/html', '<h1>502</h1>'),
  '503 with Retry-After': refusal('503 Service Unavailable', 'SERVICE_UNAVAILABLE'),
  '429 with Retry-After': refusal('429 Too Many Requests', 'RATE_LIMITED'),
}

function http(status: string, type: string, body: string, more = ''): string {
  const length = Buffer.byteLength(body)
  return `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n${more}connection: close\r\n\r\n${body}`
}

function refusal(status: string, code: string): string {
  const error = { code, message: 'Later, please', requestId: 'proxy' }
  return http(status, 'application/json', JSON.stringify({ status: 'error', error }), 'retry-after: 1\r\n')
}

const lottery = Object.entries(faults).flatMap(([fault, tickets]) =>
  Array<Fault>(tickets).fill(fault as Fault),
)

export class FaultyNetwork {
  readonly url: string
  /** How many faults there were, by kind. */
  readonly counts: Map<Fault, number>
  /** From 0 to 1: the share of requests that meet a fault. */
  severity = 0
  /** Nobody gets through. */
  isDown = false
  readonly #server: Server
  readonly #target: number
  readonly #random: Random
  readonly #sockets = new Set<Socket>()
  readonly #later = new Set<NodeJS.Timeout>()

  private constructor(server: Server, target: string, seed: number, counts: Map<Fault, number>) {
    this.#server = server
    this.#target = Number(new URL(target).port)
    this.#random = new Random(seed)
    this.counts = counts
    this.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    server.on('connection', (near) => this.#serve(near))
  }

  static async to(target: string, seed: number, counts = new Map<Fault, number>()): Promise<FaultyNetwork> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new FaultyNetwork(server, target, seed, counts)
  }

  /** From now on all is well; what is under way is cut, and what was to be sent again is not. */
  heal(): void {
    this.severity = 0
    this.isDown = false
    this.#cut()
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#cut()
    await closed
  }

  #cut() {
    for (const timer of this.#later) clearTimeout(timer)
    this.#later.clear()
    for (const socket of this.#sockets) socket.destroy()
  }

  #count(fault: Fault) {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1)
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    return socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
  }

  /** One request after the other, each over a connection of its own to the server. */
  #serve(near: Socket) {
    this.#keep(near)
    if (this.isDown) {
      this.#count('refused')
      near.resetAndDestroy()
      return
    }
    let received = Buffer.alloc(0)
    let busy = false
    const next = () => {
      const length = requestLength(received)
      if (busy || length === null || received.length < length) return
      const request = received.subarray(0, length)
      received = received.subarray(length)
      busy = true
      this.#answer(near, request, () => {
        busy = false
        next()
      })
    }
    near.on('data', (part: Buffer) => {
      received = Buffer.concat([received, part])
      next()
    })
  }

  #answer(near: Socket, request: Buffer, done: () => void) {
    const fault = this.#random.chance(this.severity) ? this.#random.pick(lottery)! : null
    if (fault) this.#count(fault)
    const soon = (milliseconds: number, work: () => void) => {
      const timer = setTimeout(() => {
        this.#later.delete(timer)
        work()
      }, milliseconds)
      this.#later.add(timer)
    }
    const through = (onAnswer: (answer: Buffer) => void, sent = request) => {
      const far = this.#keep(connect(this.#target, '127.0.0.1'))
      const parts: Buffer[] = []
      far.on('data', (part: Buffer) => parts.push(part))
      far.on('end', () => onAnswer(Buffer.concat(parts)))
      far.on('error', () => near.destroy())
      far.write(closing(sent))
    }
    const pass = (answer: Buffer) => {
      near.end(answer)
      done()
    }
    const canned = fault && cannedAnswers[fault]
    if (canned) return pass(Buffer.from(canned))
    switch (fault) {
      case 'refused':
        near.resetAndDestroy()
        return
      case 'reset within the request':
        // The server gets a part of it.
        this.#keep(connect(this.#target, '127.0.0.1')).end(
          request.subarray(0, this.#random.below(request.length)),
        )
        near.resetAndDestroy()
        return
      case 'reset after the request':
        through(() => {})
        near.resetAndDestroy()
        return
      case 'answer swallowed':
        through(() => near.destroy())
        return
      case 'answer cut':
        through((answer) => near.end(answer.subarray(0, this.#random.below(answer.length))))
        return
      case 'delayed':
        soon(this.#random.below(60), () => through(pass))
        return
      case 'stalled for ever':
        if (this.#random.chance(0.5)) through(() => {})
        return
      case 'byte by byte':
        through((answer) => drip(near, answer, soon))
        return
      case 'sent again later':
        through(pass)
        soon(this.#random.below(300), () => through(() => {}))
        return
      default:
        through(pass)
    }
  }
}

/** The head in single bytes, the rest in pieces. */
function drip(near: Socket, answer: Buffer, soon: (milliseconds: number, work: () => void) => void) {
  let at = 0
  const piece = () => {
    if (at >= answer.length) {
      near.end()
      return
    }
    const size = at < 30 ? 1 : Math.ceil(answer.length / 10)
    near.write(answer.subarray(at, at + size))
    at += size
    soon(1, piece)
  }
  near.setNoDelay(true)
  piece()
}

/** Null while the head is not complete. */
function requestLength(received: Buffer): number | null {
  const head = received.indexOf('\r\n\r\n')
  if (head < 0) return null
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.subarray(0, head).toString('latin1'))
  return head + 4 + Number(length?.[1] ?? 0)
}

/** The end of the connection tells the end of the answer. */
function closing(request: Buffer): Buffer {
  const head = request.indexOf('\r\n\r\n')
  const text = request
    .subarray(0, head)
    .toString('latin1')
    .replace(/\r\nconnection: [^\r]*/i, '')
  return Buffer.concat([Buffer.from(`${text}\r\nconnection: close`, 'latin1'), request.subarray(head)])
}
