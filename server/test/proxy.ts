import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A wire between the application and its database that can be cut. */
export async function createProxy(target: string) {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const listen = async (at: number) => {
    const server = createServer((near) => {
      const far = connect(Number(port), hostname)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from)
        from.pipe(to)
        from
          .on('error', () => to.destroy())
          .on('close', () => {
            to.destroy()
            sockets.delete(from)
          })
      }
    })
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  let server = await listen(0)
  const at = (server.address() as { port: number }).port
  const url = new URL(target)
  url.host = `127.0.0.1:${at}`

  async function cut(): Promise<void> {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    url: url.href,
    cut,
    async mend(): Promise<void> {
      server = await listen(at)
    },
  }
}
