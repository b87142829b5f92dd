import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import S3rver from 's3rver'
import type { S3Settings } from '../shared/s3-blob-store.ts'
import { createFolder } from './folder.ts'

/** A real S3 server on loopback, with one bucket; it keeps what it has while it is stopped. */
export async function startS3Server() {
  const folder = await createFolder()
  const bucket = 'photos'
  const run = async (port: number) => {
    const server = new S3rver({
      address: '127.0.0.1',
      port,
      silent: true,
      directory: folder.path,
      configureBuckets: [{ name: bucket, configs: [] }],
    }) as S3rver & { httpServer: Server }
    await server.run()
    return server
  }
  let server = await run(0)
  const { port } = server.httpServer.address() as AddressInfo
  const settings: S3Settings = {
    bucket,
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    forcePathStyle: true,
  }

  async function stop(): Promise<void> {
    const closed = server.close()
    server.httpServer.closeAllConnections()
    await closed
  }
  return {
    settings,
    stop,
    async restart(): Promise<void> {
      server = await run(port)
    },
    async close(): Promise<void> {
      if (server.httpServer.listening) await stop()
      await folder.remove()
    },
  }
}
