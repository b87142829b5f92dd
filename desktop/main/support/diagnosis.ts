import { performance } from 'node:perf_hooks'
import type { Check } from '#desktop/bridge/support'
import { CertificateRefused } from '../api/failures.ts'
import type { Network } from '../network/network.ts'

/** Milliseconds. */
const patience = 10_000
const noticeableOffset = 60_000

const seconds = (milliseconds: number) => `${Math.round(milliseconds / 1000).toLocaleString('en-GB')} s`

/** What is between here and the server, one thing after the other, in words for people. */
export async function diagnose(
  server: string,
  network: Pick<Network, 'fetch' | 'proxyFor'>,
  now: () => number = Date.now,
): Promise<Check[]> {
  const proxy = await network.proxyFor(server).catch(() => 'not known')
  const checks: Check[] = [
    { name: 'Server', state: 'plain', words: server },
    { name: 'Proxy', state: 'plain', words: proxy === 'DIRECT' ? 'None' : proxy },
  ]
  const isTls = server.startsWith('https:')
  const add = (name: string, state: Check['state'], words: string) => checks.push({ name, state, words })
  const began = performance.now()
  try {
    const answer = await network.fetch(new URL('/health', server).href, {
      redirect: 'error',
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(patience),
    })
    const took = performance.now() - began
    const isFieldbook = answer.headers.get('x-request-id') !== null
    await answer.arrayBuffer()
    if (isFieldbook && answer.ok) add('Connection', 'ok', `It answered in ${Math.round(took)} ms.`)
    else if (isFieldbook)
      add('Connection', 'bad', `It answers with ${answer.status}: it is about to end, or not well.`)
    else
      add(
        'Connection',
        'bad',
        `Something else answered, with ${answer.status}: a proxy’s page, or another server.`,
      )
    add('Certificate', isTls ? 'ok' : 'plain', isTls ? 'Trusted' : 'None, as the address is not https.')
    const date = Date.parse(answer.headers.get('date') ?? '')
    if (!Number.isNaN(date)) {
      const offset = now() - took / 2 - date
      const isFar = Math.abs(offset) > noticeableOffset
      add(
        'Clock',
        isFar ? 'bad' : 'ok',
        isFar
          ? `This computer is ${seconds(Math.abs(offset))} ${offset > 0 ? 'ahead of' : 'behind'} the server.`
          : 'As that of the server, give or take a minute.',
      )
    }
  } catch (error) {
    if (error instanceof CertificateRefused) {
      add('Connection', 'bad', 'Something answers, and could not prove that it is the server.')
      add('Certificate', 'bad', error.message)
    } else add('Connection', 'bad', `Nothing answers (${codeOf(error)}).`)
  }
  return checks
}

/** Chromium's own name for it, such as ERR_NAME_NOT_RESOLVED. */
const codeOf = (error: unknown) =>
  error instanceof Error
    ? (/net::(ERR_[A-Z_]+)/.exec(error.message)?.[1] ??
      (error.name === 'TimeoutError' ? `no answer in ${seconds(patience)}` : error.name))
    : 'unknown'
