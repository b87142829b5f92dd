import Fastify from 'fastify'
import { database } from '../plugins/database.ts'
import { jobs, type JobsOptions } from '../plugins/jobs.ts'
import type { App } from '../shared/app.ts'
import type { JobKind, SendJob } from '../shared/jobs.ts'

export interface Numbered {
  n: number
}

/** A server that does nothing but jobs of the queue `test`. */
export async function createJobServer(
  url: string,
  kind: JobKind<Numbered>,
  {
    logger = false,
    poolSize = 4,
    ...options
  }: JobsOptions & { logger?: object | false; poolSize?: number } = {},
): Promise<{ app: App; send: SendJob<Numbered> }> {
  const app: App = Fastify({ logger })
  await app.register(database, { url, poolSize })
  await app.register(jobs, { superviseSeconds: 1, ...options })
  const send = app.jobs.define('test', kind)
  await app.ready()
  return { app, send }
}

// As a process of its own it takes up one job, says so, and never ends it.
if (process.argv[1] === import.meta.filename) {
  await createJobServer(process.env.DATABASE_URL!, {
    work: async ({ n }) => {
      process.stdout.write(`at ${n}\n`)
      await new Promise<void>(() => {})
    },
  })
}
