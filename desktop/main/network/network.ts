import { net, type Session } from 'electron'
import { HttpsProxyAgent } from 'https-proxy-agent'
import type { Agent } from 'node:http'
import type { Policy } from '#desktop/bridge/policy'
import { CertificateRefused } from '../api/failures.ts'
import type { OpenSocket } from '../api/live-socket.ts'
import { openWebSocket } from '../api/web-socket.ts'
import { log } from '../log.ts'
import { isVouchedFor, readAuthorities, refusalWords } from './certificates.ts'
import { type ProxySignIn, proxyUrl } from './proxy-sign-in.ts'
import { proxyConfig } from './proxy.ts'

/** What carries requests and WebSockets to the server, through whatever IT has put in between. */
export interface Network {
  fetch: typeof fetch
  openSocket: OpenSocket
  /** As “PROXY proxy.example.com:3128” or “DIRECT”. */
  proxyFor(address: string): Promise<string>
  /** What of the policy could not be carried out. */
  problems: string[]
}

/** Chromium knows no authority that leads there; everything else that may be wrong has a code of its own. */
const unknownAuthority = -202
const asChromiumSays = -3
const trusted = 0

/**
 * Sets a session up as the policy says. Certificates are checked by Chromium, against the authorities of the system; with
 * a file of further ones, those that no authority of the system vouches for are checked against these as strictly.
 * Nothing lets a certificate pass that neither does.
 */
export function openNetwork(session: Session, policy: Policy, signIn: ProxySignIn): Network {
  const problems: string[] = []
  const authorities = authoritiesOf(policy, problems)
  const refusals = new Map<string, string>()
  // Chromium would fetch dictionaries from elsewhere.
  session.setSpellCheckerEnabled(false)
  session.setCertificateVerifyProc(({ hostname, certificate, errorCode }, answer) => {
    const refuse = () => {
      if (errorCode !== 0) refusals.set(hostname, refusalWords(hostname, certificate))
      answer(asChromiumSays)
    }
    if (errorCode !== unknownAuthority || authorities.length === 0) return refuse()
    isVouchedFor(hostname, certificate, authorities).then(
      (vouched) => (vouched ? answer(trusted) : refuse()),
      refuse,
    )
  })
  if (policy.integratedAuthHosts) session.allowNTLMCredentialsForDomains(policy.integratedAuthHosts)
  const config = proxyConfig(policy, problems)
  const ready = config ? session.setProxy(config) : Promise.resolve()
  ready.catch((error: unknown) => log('the proxy could not be set', error))

  const isReachable = (address: string) =>
    new Promise<boolean>((resolve) => {
      const request = net.request({ url: address, session, redirect: 'manual' })
      request.on('login', ({ isProxy, host, port }, give) => {
        if (!isProxy) return give()
        void signIn
          .credentialsFor({ host, port })
          .then((known) => (known ? give(known.username, known.password) : give()))
      })
      request.on('response', (response) => {
        response.on('data', () => {})
        resolve(response.statusCode !== 407)
      })
      request.on('redirect', () => (resolve(true), request.abort()))
      request.on('error', () => resolve(false))
      request.end()
    })

  const send: typeof fetch = async (input, init) => {
    await ready
    const address = new URL(input)
    try {
      return await session.fetch(address.href, init)
    } catch (error) {
      const { message } = error as Error
      if (!/net::ERR_(CERT|SSL)_/.test(message)) throw error
      const words =
        refusals.get(address.hostname.replace(/^\[|\]$/g, '')) ??
        `${address.host} has no usable certificate (${message}).`
      throw new CertificateRefused(words)
    }
  }
  /** Neither has reached the server, so that it may be sent again. */
  const isStopped = (outcome: Response | Error) =>
    outcome instanceof Error
      ? /net::ERR_(TUNNEL_CONNECTION_FAILED|PROXY_AUTH)/.test(outcome.message)
      : outcome.status === 407

  return {
    problems,
    fetch: async (input, init) => {
      const outcome = await send(input, init).catch((error: Error) => error)
      const again =
        isStopped(outcome) &&
        (await signIn.inTurn(() => isReachable(new URL('/health', input as string).href)))
      if (again) return send(input, init)
      if (outcome instanceof Error) throw outcome
      return outcome
    },
    proxyFor: async (address) => {
      await ready
      return session.resolveProxy(address)
    },
    openSocket: (address, token, events) => {
      let socket: { close(): void } | null = null
      let isClosed = false
      const open = async () => {
        await ready
        const agent = agentFor(await session.resolveProxy(address.replace(/^ws/, 'http')), signIn)
        if (isClosed) return
        socket = openWebSocket(address, token, events, { ...(agent && { agent }), authorities })
      }
      // Without it everything else goes on, and the server is asked now and then.
      open().catch(() => events.closed(0))
      return {
        close: () => {
          isClosed = true
          socket?.close()
        },
      }
    },
  }
}

function agentFor(resolved: string, signIn: ProxySignIn): Agent | null {
  const [kind, place] = (resolved.split(';')[0] ?? '').trim().split(/\s+/)
  if (!kind || kind === 'DIRECT' || !place) return null
  if (kind !== 'PROXY' && kind !== 'HTTPS') throw new Error(`No live updates through ${kind}`)
  return new HttpsProxyAgent(proxyUrl(kind === 'HTTPS' ? 'https' : 'http', place, signIn.known(place)))
}

function authoritiesOf({ caFile }: Policy, problems: string[]): string[] {
  if (caFile === undefined) return []
  try {
    return readAuthorities(caFile)
  } catch (error) {
    problems.push(`caFile: ${(error as Error).message}`)
    return []
  }
}
