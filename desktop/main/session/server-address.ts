import { AppError } from '#common/contract/errors'

export const defaultServer = 'http://127.0.0.1:3000'

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)

/** Whether the browser may be sent there: nobody on the way reads or changes what it says. */
export const isSafeAddress = (text: string) => {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
}

/**
 * The origin of a server's address as a person or IT wrote it. VALIDATION_ERROR, with what to do, for what is not one.
 * Plain http is for this computer only: elsewhere passwords would cross the network readable.
 */
export function readServerAddress(text: string): string {
  const wrong = (message: string) =>
    new AppError('VALIDATION_ERROR', message, { details: [{ field: 'server', message }] })
  const url = URL.parse(text.trim())
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw wrong(`“${text}” is not a server address. Write it like https://fieldbook.example.com`)
  }
  if (url.username || url.password || url.search || url.hash || url.pathname !== '/') {
    throw wrong(`Leave away what follows the host name in “${text}”: https://${url.host}`)
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw wrong(`Use https://${url.host}: over http anybody on the network could read passwords.`)
  }
  return url.origin
}
