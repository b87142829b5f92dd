import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Certificate, CertificateChainValidationEngine } from 'pkijs'
import { withoutHome } from '../log.ts'

/** A certificate with those that came along to explain it, as Chromium hands them over. */
export interface Presented {
  data: string
  issuerCert?: Presented | undefined
}

const serverAuthentication = '1.3.6.1.5.5.7.3.1'
const longestChain = 10
/** Signatures over MD2, MD4, MD5 and SHA-1: by RSA, DSA and elliptic curves. */
const broken = new Set([
  ...[2, 3, 4, 5].map((kind) => `1.2.840.113549.1.1.${kind}`),
  '1.2.840.10040.4.3',
  '1.2.840.10045.4.1',
])

/** Authorities of a PEM file that IT names. Throws a sentence that says what is wrong with the file. */
export function readAuthorities(path: string): string[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new Error(`${withoutHome(path)} cannot be read.`)
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  if (found.length === 0) throw new Error(`${withoutHome(path)} holds no certificate in PEM form.`)
  for (const [index, pem] of found.entries()) {
    const authority = parsed(pem)
    if (!authority) throw new Error(`Certificate ${index + 1} in ${withoutHome(path)} cannot be read.`)
    if (!authority.ca)
      throw new Error(`Certificate ${index + 1} in ${withoutHome(path)} is not one of an authority.`)
  }
  return found
}

/**
 * Whether `host` may show this certificate, by the authorities given and no others: a chain of signatures leads to one of
 * them through certificates that may sign, all are valid now, nothing of it constrains names to others, and the
 * certificate is for a server of that name. Whatever cannot be checked is a no.
 */
export async function isVouchedFor(
  host: string,
  presented: Presented,
  authorities: readonly string[],
  now = new Date(),
): Promise<boolean> {
  const chain = chainOf(presented)
  const [leaf, ...others] = chain
  if (!leaf || !isFor(host, leaf)) return false
  // None gives a purpose where a certificate is for all.
  if (leaf.keyUsage && !leaf.keyUsage.includes(serverAuthentication)) return false
  const trusted = authorities.flatMap((pem) => parsed(pem) ?? [])
  try {
    const engine = new CertificateChainValidationEngine({
      trustedCerts: trusted.map(asPki),
      certs: [...others.reverse(), leaf].map(asPki),
      checkDate: now,
    })
    const { result, certificatePath = [] } = await engine.verify()
    return result && keepsItsDepth(certificatePath) && isStrong(chain, certificatePath)
  } catch {
    return false
  }
}

/** The last signs itself, which proves nothing, so that how it does is of no matter. */
function isStrong(chain: readonly X509Certificate[], path: readonly Certificate[]): boolean {
  const isLong = chain.every(({ publicKey }) => {
    const { modulusLength } = publicKey.asymmetricKeyDetails ?? {}
    return modulusLength === undefined || modulusLength >= 2048
  })
  return (
    isLong && path.slice(0, -1).every(({ signatureAlgorithm }) => !broken.has(signatureAlgorithm.algorithmId))
  )
}

/** How many authorities may stand between one and the end. */
function keepsItsDepth(path: readonly Certificate[]): boolean {
  return path.every((certificate, index) => {
    const constraints = certificate.extensions?.find(({ extnID }) => extnID === '2.5.29.19')?.parsedValue as
      { pathLenConstraint?: number | { valueBlock: { valueDec: number } } } | undefined
    const length = constraints?.pathLenConstraint
    const most = typeof length === 'object' ? length.valueBlock.valueDec : length
    return most === undefined || index - 1 <= most
  })
}

/** Why a certificate was refused, and what can be done, in words for people and their IT. */
export function refusalWords(host: string, presented: Presented, now = new Date()): string {
  const certificate = parsed(presented.data)
  if (!certificate) return `The certificate of ${host} was refused: it cannot be read.`
  const issuer = nameOf(certificate.issuer)
  const print = `Its SHA-256 fingerprint is ${certificate.fingerprint256}.`
  const refused = `The certificate of ${host} was refused`
  if (!isFor(host, certificate))
    return `${refused}: it is for ${certificate.subjectAltName?.replaceAll(/(DNS|IP Address):/g, '') ?? nameOf(certificate.subject)}. IT can check the address, and what is in between. ${print}`
  if (certificate.validToDate < now)
    return `${refused}: it ended on ${day(certificate.validToDate)}. IT can renew it; if that is not so, check the clock of this computer. ${print}`
  if (certificate.validFromDate > now)
    return `${refused}: it begins on ${day(certificate.validFromDate)}. Check the clock of this computer. ${print}`
  return `${refused}: “${issuer}”, who issued it, is not trusted here. IT can add that authority to those of this computer, or name its certificate in the setting caFile. ${print}`
}

const day = (date: Date) => date.toISOString().slice(0, 10)

function chainOf(presented: Presented): X509Certificate[] {
  const chain: X509Certificate[] = []
  for (
    let next: Presented | undefined = presented;
    next && chain.length < longestChain;
    next = next.issuerCert
  ) {
    const certificate = parsed(next.data)
    if (!certificate || chain.some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256))
      break
    chain.push(certificate)
  }
  return chain
}

function parsed(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}

const asPki = ({ raw }: X509Certificate) => Certificate.fromBER(raw)

function isFor(host: string, certificate: X509Certificate): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  // Names belong into the list of names, as Chromium has it; the subject's is not looked at.
  return isIP(bare)
    ? certificate.checkIP(bare) !== undefined
    : certificate.checkHost(bare, { subject: 'never' }) !== undefined
}

const nameOf = (lines: string) =>
  (/^CN=(.+)$/m.exec(lines)?.[1] ?? lines.replaceAll('\n', ', ')).slice(0, 200)
