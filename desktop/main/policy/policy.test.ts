import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { policyNames, policySettings } from '#desktop/bridge/policy'
import { problemsOf } from '#common/contract/sentences'
import { temporaryFolder } from '../test/folder.ts'
import { managedPreferences } from './managed-preferences.ts'
import { policyFileSource } from './policy-file.ts'
import { readPolicy } from './read-policy.ts'
import { readValues, registrySources } from './registry.ts'
import { managedSettings, resolvePolicy } from './resolve.ts'

const from = (name: string, values: Record<string, unknown>) => ({ name, values })
const own = [0, process.getuid!()]

test('each example, and what stands in for a bad value, is what the table asks for', () => {
  for (const name of policyNames) {
    const { schema, example, ifBad } = policySettings[name]
    expect(problemsOf(schema, example), name).toEqual([])
    for (const [other, value] of Object.entries(ifBad))
      expect(problemsOf(policySettings[other as typeof name].schema, value), `${name}, ${other}`).toEqual([])
  }
})

test('the first source settles a setting, under whatever case its name has', () => {
  const managed = resolvePolicy([
    from('computer', { ServerAddress: 'https://one.example/', offlineDaysAtMost: 3 }),
    from('person', { serverAddress: 'https://two.example', logLevel: 'debug' }),
  ])
  expect(managed.policy).toEqual({
    serverAddress: 'https://one.example',
    offlineDaysAtMost: 3,
    logLevel: 'debug',
  })
  expect(managed.sources).toEqual({
    serverAddress: 'computer',
    offlineDaysAtMost: 'computer',
    logLevel: 'person',
  })
  expect(managed.problems).toEqual([])
})

test('a bad value is said, and neither a later source nor the person takes its place', () => {
  const managed = resolvePolicy([
    from('computer', {
      keepSignedIn: 'no',
      offlineDaysAtMost: 0,
      updateSource: 'http://updates.example',
      updatesOff: false,
      serverAddress: 'http://fieldbook.example',
      colour: 'red',
    }),
    from('person', { keepSignedIn: true, offlineDaysAtMost: 300, serverAddress: 'https://evil.example' }),
  ])
  expect(managed.policy).toEqual({ keepSignedIn: false, offlineDaysAtMost: 1, updatesOff: true })
  expect(managed.problems.map(({ setting, message }) => `${setting}: ${message}`)).toEqual([
    'keepSignedIn: Must be true or false. Write it like false.',
    'offlineDaysAtMost: Must be 1 or more. Write it like 7.',
    'updateSource: Is not in the expected form. Write it like "https://updates.example.com/fieldbook".',
    'serverAddress: Use https://fieldbook.example: over http anybody on the network could read passwords.',
    'colour: Is not a setting of this version.',
  ])
  const { settings } = managedSettings(managed)
  expect(settings.find(({ name }) => name === 'keepSignedIn')).toMatchObject({ value: false, source: null })
})

test('what cannot be read restricts all that it could have restricted, but for what came before', () => {
  const { policy, problems } = resolvePolicy([
    from('computer', { exportsToDisk: true }),
    { name: 'person', values: null, problem: 'Is not valid JSON.' },
    from('another', { keepSignedIn: true }),
  ])
  expect(policy).toMatchObject({ exportsToDisk: true, keepSignedIn: false, updatesOff: true })
  expect(problems).toEqual([{ source: 'person', setting: null, message: 'Is not valid JSON.' }])
})

test('the file of Linux counts where only its owner can have written it', () => {
  const folder = join(temporaryFolder(), 'fieldbook')
  const path = join(folder, 'policy.json')
  expect(policyFileSource(path, own)).toEqual([])
  mkdirSync(folder, { mode: 0o755 })
  expect(policyFileSource(path, own)).toEqual([])
  writeFileSync(path, '\uFEFF{"logLevel": "debug"}', { mode: 0o644 })
  expect(policyFileSource(path, own)).toEqual([{ name: path, values: { logLevel: 'debug' } }])
  expect(policyFileSource(path, [12345])[0]).toMatchObject({
    values: null,
    problem: expect.stringContaining('root') as string,
  })

  chmodSync(path, 0o664)
  expect(policyFileSource(path, own)[0]).toMatchObject({
    values: null,
    problem: expect.stringContaining('others') as string,
  })
  chmodSync(path, 0o644)
  chmodSync(folder, 0o777)
  expect(policyFileSource(path, own)[0]).toMatchObject({
    values: null,
    problem: expect.stringContaining('Its folder') as string,
  })
  chmodSync(folder, 0o755)
  for (const text of ['{"logLevel": ', '[]', 'null', '"debug"']) {
    writeFileSync(path, text)
    expect(policyFileSource(path, own)[0]!.values, text).toBeNull()
  }
  expect(policyFileSource(folder, own)[0]).toMatchObject({
    values: null,
    problem: expect.stringContaining('not a file') as string,
  })
})

test('whoever starts an installed app cannot show it another policy', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'policy.json')
  writeFileSync(path, '{"logLevel": "debug"}', { mode: 0o644 })
  const env = { FIELDBOOK_POLICY_FILE: path }
  expect(readPolicy({ platform: 'linux', isPackaged: false, env }).policy).toEqual({ logLevel: 'debug' })
  expect(readPolicy({ platform: 'linux', isPackaged: true, env }).sources.logLevel).not.toBe(path)
})

/** As reg.exe of Windows 10 and 11 prints it. */
const recorded = `\r
HKEY_LOCAL_MACHINE\\Software\\Policies\\Fieldbook\r
    serverAddress    REG_SZ    https://fieldbook.example.com\r
    keepSignedIn    REG_DWORD    0x0\r
    UpdatesOff    REG_DWORD    0x1\r
    offlineDaysAtMost    REG_DWORD    0xe\r
    proxyBypass    REG_SZ    *.example.com, 10.0.0.0/8\r
    caFile    REG_EXPAND_SZ    C:\\ProgramData\\Our CA\\ca.pem\r
    logLevel    REG_MULTI_SZ    debug\\0info\r
    empty    REG_SZ\r
\r
`

test('the registry is read as reg.exe tells it', () => {
  expect(readValues(recorded)).toEqual({
    serverAddress: 'https://fieldbook.example.com',
    keepSignedIn: false,
    UpdatesOff: true,
    offlineDaysAtMost: 14,
    proxyBypass: '*.example.com, 10.0.0.0/8',
    caFile: 'C:\\ProgramData\\Our CA\\ca.pem',
    logLevel: { type: 'REG_MULTI_SZ' },
    empty: '',
  })
  const answers: Record<string, string | null> = {
    'HKLM\\Software\\Policies':
      '\r\nHKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\r\nHKEY_LOCAL_MACHINE\\Software\\Policies\\Fieldbook\r\n',
    'HKLM\\Software\\Policies\\Fieldbook': recorded,
    'HKCU\\Software\\Policies': '\r\nHKEY_CURRENT_USER\\Software\\Policies\\Microsoft\r\n',
  }
  const query = (key: string) => answers[key] ?? null
  expect(registrySources(query).map(({ name }) => name)).toEqual(['HKLM\\Software\\Policies\\Fieldbook'])
  const { policy, problems } = resolvePolicy(registrySources(query))
  expect(policy).toMatchObject({ keepSignedIn: false, updatesOff: true, offlineDaysAtMost: 14 })
  expect(problems.map(({ setting }) => setting)).toEqual(['logLevel', 'empty'])

  answers['HKLM\\Software\\Policies'] = '\r\nHKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\r\n'
  expect(registrySources(query)).toEqual([])
  expect(resolvePolicy(registrySources(() => null)).policy).toMatchObject({ keepSignedIn: false })
})

test('profiles of macOS are read from the files that only the system writes', () => {
  const folder = '/Library/Managed Preferences'
  const files: Record<string, string> = {
    [`${folder}/com.fieldbook.app.plist`]: '{"keepSignedIn":false,"offlineDaysAtMost":7}',
    [`${folder}/edith/com.fieldbook.app.plist`]: '{"offlineDaysAtMost":300,"logLevel":"debug"}',
  }
  const { policy } = resolvePolicy(managedPreferences((path) => files[path] ?? null, 'edith'))
  expect(policy).toEqual({ keepSignedIn: false, offlineDaysAtMost: 7, logLevel: 'debug' })
  const broken = managedPreferences(() => {
    throw new Error('Cannot be read with plutil.')
  }, 'edith')
  expect(broken[0]).toMatchObject({ values: null, problem: 'Cannot be read with plutil.' })
})
