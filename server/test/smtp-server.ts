import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  from: string
  to: string[]
  headers: Record<string, string>
  text: string
  /** What is with it, by name. */
  files: Record<string, Buffer>
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

/** One of a single part of text, or of that and files with it. */
export function readMail(bytes: Buffer): Pick<ReceivedMail, 'headers' | 'text' | 'files'> {
  const { headers, body } = partOf(bytes.toString('latin1'))
  const boundary = /^multipart\/mixed;.*boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1]
  const parts =
    boundary === undefined ? [{ headers, body }] : body.split(`--${boundary}`).slice(1, -1).map(partOf)
  const [text, ...files] = parts.map((part) => ({
    name: /filename="?([^"]+)"?/.exec(part.headers['content-disposition'] ?? '')?.[1] ?? '',
    content: decoded(part),
  }))
  return {
    headers,
    text: text!.content.toString('utf8').replaceAll('\r\n', '\n'),
    files: Object.fromEntries(files.map(({ name, content }) => [name, content])),
  }
}

interface Part {
  headers: Record<string, string>
  body: string
}

function partOf(bytes: string): Part {
  const [head, ...body] = bytes.replace(/^\r\n/, '').split('\r\n\r\n')
  const headers = Object.fromEntries(
    head!
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
  return { headers, body: body.join('\r\n\r\n') }
}

function decoded({ headers, body }: Part): Buffer {
  switch (headers['content-transfer-encoding']) {
    case 'base64':
      return Buffer.from(body, 'base64')
    case 'quoted-printable':
      return Buffer.from(
        body
          .replace(/=\r\n/g, '')
          .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
        'latin1',
      )
    default:
      return Buffer.from(body, 'latin1')
  }
}

/** What is to be pasted. */
export const codeIn = ({ text }: Pick<ReceivedMail, 'text'>) => /^ {4}([\w-]{64})$/m.exec(text)?.[1]
