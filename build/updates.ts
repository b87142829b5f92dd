import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultChannel } from '#desktop/main/updates/policy'
import { createUpdateKey } from '#desktop/main/updates/version-list'
import { readSigningKey, writeLists } from './update-feed.ts'

/**
 * `npm run updates -- key <file>`: makes the pair of keys updates are signed with, the secret half into a new file.
 * `npm run updates -- list <folder> --version=1.2.3 [--channel=stable] [--staged=10] [--rollback-from=1.2.4]`: signs
 * what is in a folder of installers, with the key in UPDATE_SIGNING_KEY.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: 'string' },
    channel: { type: 'string', default: defaultChannel },
    staged: { type: 'string', default: '100' },
    'rollback-from': { type: 'string' },
  },
})

try {
  const [command, path] = positionals
  if (command === 'key' && path) writeKey(resolve(path))
  else if (command === 'list' && path && values.version) await list(resolve(path), values.version)
  else throw new Error('Say `key <file>`, or `list <folder> --version=…`.')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

function writeKey(file: string) {
  const { secret, trusted } = createUpdateKey()
  writeFileSync(file, secret, { mode: 0o600, flag: 'wx' })
  console.log(
    `UPDATE_SIGNING_KEY is in ${file}: keep it where only releases are made.\nUPDATE_PUBLIC_KEYS=${trusted}`,
  )
}

async function list(folder: string, version: string) {
  const staged = Number(values.staged)
  if (!Number.isInteger(staged) || staged < 0 || staged > 100) {
    throw new Error(
      `--staged is how many computers of a hundred take it, from 0 to 100, not ${values.staged}.`,
    )
  }
  const key = readSigningKey(process.env.UPDATE_SIGNING_KEY)
  const rollbackFrom = values['rollback-from'] ?? null
  const written = await writeLists(folder, { version, channel: values.channel, staged, rollbackFrom, key })
  console.log(written.join('\n'))
}
