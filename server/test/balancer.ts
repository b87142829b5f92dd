import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** Milliseconds between two looks at the health of a server. */
const lookEvery = 100

/**
 * A balancer as stands in front of servers: it sends each request to the next one whose `/health` is well, and to
 * another where one takes no connection. A request that was sent is not sent again: its answer is 502 if it is lost.
 */
export async function startBalancer() {
  const servers = new Map<string, { well: boolean }>()
  let turn = 0

  const look = async (url: string) => {
    const well = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1000) }).then(
      ({ ok }) => ok,
      () => false,
    )
    const server = servers.get(url)
    if (server) server.well = well
  }
  const looking = setInterval(() => [...servers.keys()].forEach((url) => void look(url)), lookEvery)

  function pass(
    url: string,
    { method, url: path, headers }: IncomingMessage,
    body: Buffer,
  ): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    ask(`${url}${path}`, { method: method!, headers: { ...headers, connection: 'close' }, agent: false })
      .on('response', resolve)
      .on('error', reject)
      .end(body)
    return promise
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    const well = [...servers].filter(([, server]) => server.well).map(([url]) => url)
    for (let tried = 0; tried < well.length; tried++) {
      const url = well[turn++ % well.length]!
      try {
        const answered = await pass(url, request, body)
        const content = await buffer(answered)
        response.writeHead(answered.statusCode!, answered.headers).end(content)
        return
      } catch (error) {
        if ((error as { code?: string }).code === 'ECONNREFUSED') continue
        response.writeHead(502).end()
        return
      }
    }
    response.writeHead(503).end()
  }

  const balancer = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  await once(balancer, 'listening')
  return {
    url: `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`,
    /** Resolves once it is sent requests. */
    async add(url: string): Promise<void> {
      servers.set(url, { well: false })
      while (!servers.get(url)?.well) await look(url)
    },
    remove: (url: string) => servers.delete(url),
    async close(): Promise<void> {
      clearInterval(looking)
      balancer.closeAllConnections()
      balancer.close()
      await once(balancer, 'close')
    },
  }
}
