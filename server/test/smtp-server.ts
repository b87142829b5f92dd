import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  from: string
  to: string[]
  headers: Record<string, string>
  text: string
}

/** A real SMTP server on loopback that keeps what it is sent. `refuse` answers with a status for some recipients. */
export async function startSmtpServer({
  port = 0,
  credentials,
  refuse = () => null,
}: {
  port?: number
  credentials?: { user: string; pass: string }
  refuse?: (recipient: string) => number | null
} = {}) {
  const mails: ReceivedMail[] = []
  const server = new SMTPServer({
    authOptional: !credentials,
    disabledCommands: credentials ? ['STARTTLS'] : ['STARTTLS', 'AUTH'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _, done) => {
      const right = username === credentials?.user && password === credentials?.pass
      done(right ? null : new Error('Wrong'), { user: username })
    },
    onRcptTo: ({ address }, _, done) => {
      const status = refuse(address)
      done(status ? Object.assign(new Error(`No ${address} here`), { responseCode: status }) : null)
    },
    onData: (stream, { envelope }, done) => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        mails.push({
          from: (envelope.mailFrom as { address: string }).address,
          to: envelope.rcptTo.map(({ address }) => address),
          ...readMail(Buffer.concat(parts)),
        })
        done()
      })
    },
  })
  // A client that goes away is no failure of the test.
  server.on('error', () => {})
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
  const at = (server.server.address() as AddressInfo).port
  const user = credentials ? `${credentials.user}:${encodeURIComponent(credentials.pass)}@` : ''
  return {
    url: `smtp://${user}127.0.0.1:${at}`,
    port: at,
    mails,
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  }
}

/** One of a single part of text, as all of ours are. */
export function readMail(bytes: Buffer): Pick<ReceivedMail, 'headers' | 'text'> {
  const [head, ...body] = bytes.toString('latin1').split('\r\n\r\n')
  const headers = Object.fromEntries(
    head!
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
  const text = body.join('\r\n\r\n')
  const encoding = headers['content-transfer-encoding']
  const decoded =
    encoding === 'base64'
      ? Buffer.from(text, 'base64')
      : encoding === 'quoted-printable'
        ? Buffer.from(
            text
              .replace(/=\r\n/g, '')
              .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
            'latin1',
          )
        : Buffer.from(text, 'latin1')
  return { headers, text: decoded.toString('utf8').replaceAll('\r\n', '\n') }
}

/** What is to be pasted. */
export const codeIn = ({ text }: Pick<ReceivedMail, 'text'>) => /^ {4}([\w-]{64})$/m.exec(text)?.[1]
