import type { Protocol } from 'electron'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { createPictures, missing, type PictureSource } from './picture-protocol.ts'

/** Where the window's pages come from. They are files of the app; nothing remote is ever shown. */
export const appOrigin = 'app://fieldbook'

export const appScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Styles that code inserts carry the nonce, which is new with every load; everything else comes from files. */
const contentPolicy = (nonce: string) =>
  [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ')

/** Answers requests for the app's own files below `folder`; whatever else is asked for does not exist. */
export function createAppFiles(
  folder: string,
): (request: { url: string; method: string }) => Promise<Response> {
  const root = normalize(folder + sep)
  return async ({ url, method }) => {
    const { protocol, host, pathname } = new URL(url)
    const path = normalize(join(root, decode(pathname === '/' ? '/index.html' : pathname)))
    const type = types[extname(path)]
    const allowed = `${protocol}//${host}` === appOrigin && method === 'GET' && path.startsWith(root) && type
    const content = allowed ? await readFile(path).catch(() => null) : null
    if (!content || !type) return missing()

    const nonce = randomBytes(16).toString('base64')
    const isPage = path.endsWith('.html')
    const body = isPage ? content.toString().replaceAll('__CSP_NONCE__', nonce) : new Uint8Array(content)
    return new Response(body, {
      headers: {
        'content-type': type,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        ...(isPage && { 'content-security-policy': contentPolicy(nonce) }),
      },
    })
  }
}

/** A NUL would end the path early in some file systems; what cannot be decoded names nothing. */
function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname).replaceAll('\0', '')
  } catch {
    return ''
  }
}

/** The app's own files, and the pictures of whoever is signed in. */
export function serveApp(protocol: Pick<Protocol, 'handle'>, folder: string, source: PictureSource): void {
  const files = createAppFiles(folder)
  const pictures = createPictures(source)
  protocol.handle(appScheme.scheme, (request) => pictures(request) ?? files(request))
}
