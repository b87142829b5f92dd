import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * Keeps package-lock.json fit for every machine, whichever one wrote it: `npm run check:lockfile` says what is
 * wrong, `npm run lockfile:write` mends it after `npm install`. npm leaves out
 * - binaries for other systems that the registry in use does not offer: without their entries `npm ci` refuses;
 * - that better-sqlite3-multiple-ciphers needs no compiling: an npm older than 11.16 would try, and need a compiler.
 */
type Package = {
  version: string
  resolved?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  license?: string
  engines?: Record<string, string>
  optionalDependencies?: Record<string, string>
  gypfile?: boolean
}

const file = resolve(import.meta.dirname, '..', 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Package> }
const prebuilt = lock.packages['node_modules/better-sqlite3-multiple-ciphers']!
const problems: string[] = []

for (const [path, entry] of Object.entries(lock.packages)) {
  if (entry.resolved?.startsWith('http')) {
    problems.push(`${path} names a host`)
    delete entry.resolved
  }
}
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (Object.keys(lock.packages).some((path) => path.endsWith(`node_modules/${name}`))) continue
    problems.push(`${name} is missing`)
    lock.packages[`node_modules/${name}`] = binaryFor(name, version, parent)
  }
}
if (prebuilt.gypfile !== false) {
  problems.push('better-sqlite3-multiple-ciphers would be compiled')
  prebuilt.gypfile = false
}

if (problems.length && process.argv.includes('--write')) {
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
  writeFileSync(file, JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2) + '\n')
} else if (problems.length) {
  console.error(`package-lock.json: ${problems.join('; ')}. Run: npm run lockfile:write`)
  process.exitCode = 1
}

/** The entry of a binary that its name alone describes, such as `@scope/binding-linux-arm64-musl`. */
function binaryFor(name: string, version: string, { dev, license, engines }: Package): Package {
  const parts = /(android|darwin|freebsd|linux|openharmony|win32|wasm32)-([a-z0-9]+)(?:-(gnu|musl))?/.exec(
    name,
  )
  if (!parts)
    throw new Error(`${name} is missing from package-lock.json and its name does not say what it runs on`)
  const [, os, cpu, libc] = parts as unknown as [string, string, string, string?]
  return {
    version,
    cpu: [os === 'wasm32' ? os : cpu],
    ...(dev && { dev }),
    ...(libc && { libc: [libc === 'gnu' ? 'glibc' : 'musl'] }),
    ...(license && { license }),
    optional: true,
    ...(os !== 'wasm32' && { os: [os] }),
    ...(engines && { engines }),
  }
}
