import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Issued {
  name: string
  key: string
  certificate: string
}

interface Wanted {
  /** Signed with its own key where none is given. */
  by?: Issued
  /** Lines of an OpenSSL extension section. */
  extensions: string
  days?: number
  key?: string[]
  digest?: string
  /** What it calls itself, if not as its files are called. */
  subject?: string
}

export const authority = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign'
export const serverFor = (names: string) =>
  `basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=${names}`

/** Makes a key and a certificate with OpenSSL. */
export function issue(
  folder: string,
  name: string,
  { by, extensions, days = 30, key, digest = 'sha256', subject }: Wanted,
): Issued {
  const path = (end: string) => join(folder, `${name}.${end}`)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  openssl(
    'genpkey',
    ...(key ?? ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']),
    '-out',
    path('key'),
  )
  writeFileSync(
    path('ext'),
    `subjectKeyIdentifier=hash\n${by ? 'authorityKeyIdentifier=keyid\n' : ''}${extensions}`,
  )
  openssl('req', '-new', '-key', path('key'), '-subj', `/CN=${subject ?? name}`, '-out', path('csr'))
  const signer = by
    ? ['-CA', join(folder, `${by.name}.pem`), '-CAkey', join(folder, `${by.name}.key`), '-CAcreateserial']
    : ['-signkey', path('key')]
  openssl(
    ...['x509', '-req', '-in', path('csr'), ...signer],
    ...['-extfile', path('ext'), '-days', String(days), `-${digest}`, '-out', path('pem')],
  )
  return { name, key: readFileSync(path('key'), 'utf8'), certificate: readFileSync(path('pem'), 'utf8') }
}
