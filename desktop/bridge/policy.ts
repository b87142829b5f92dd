import Type, { type Static, type TSchema } from 'typebox'
import { Closed, Nullable } from '#common/contract/primitives'

/**
 * What IT may prescribe, under the same names on every system: as values in the registry, in a configuration profile, or
 * in a file. Templates and documentation are made from this table, and what is read is held against it.
 */

interface Setting<S extends TSchema = TSchema> {
  schema: S
  title: string
  /** What it does, as IT reads it in their tools. */
  about: string
  example: Static<S>
  /** What counts where the value prescribed cannot be used: never less than IT can have meant. */
  ifBad: Record<string, string | number | boolean>
}

const setting = <S extends TSchema>(given: Setting<S>) => given

export const logLevels = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

const line = (maxLength: number) => Type.String({ format: 'text', minLength: 1, maxLength })
/** Host names, parted by commas. */
const hosts = Type.String({
  pattern: '^[A-Za-z0-9*.:<>/\\[\\]_-]+( *, *[A-Za-z0-9*.:<>/\\[\\]_-]+)*$',
  maxLength: 2000,
})

export const policySettings = {
  serverAddress: setting({
    schema: line(500),
    title: 'Server address',
    about: 'The server that the app talks to. People cannot choose another one.',
    example: 'https://fieldbook.example.com',
    ifBad: {},
  }),
  signInWith: setting({
    schema: Type.Enum(['any', 'provider', 'password']),
    title: 'Ways to sign in',
    about:
      'What people may sign in with: the OpenID Connect provider that the server is set up with, a password, or either.',
    example: 'provider',
    ifBad: { signInWith: 'provider' },
  }),
  keepSignedIn: setting({
    schema: Type.Boolean(),
    title: 'Staying signed in',
    about: 'Whether people may stay signed in for longer than the server lets a session last without that.',
    example: false,
    ifBad: { keepSignedIn: false },
  }),
  offlineDaysAtMost: setting({
    schema: Type.Integer({ minimum: 1, maximum: 365 }),
    title: 'Days without the server',
    about:
      'Days after which data that is kept on the device opens only once the server was reached. Where the organisation has settled fewer, those count.',
    example: 7,
    ifBad: { offlineDaysAtMost: 1 },
  }),
  exportsToDisk: setting({
    schema: Type.Boolean(),
    title: 'Exports to files',
    about:
      'Whether records, visits, the audit and charts may be written into readable files. Unsent work can always be saved, as its file is encrypted, and support bundles, as they hold no records.',
    example: true,
    ifBad: { exportsToDisk: false },
  }),
  updatesOff: setting({
    schema: Type.Boolean(),
    title: 'Updates by the app off',
    about: 'The app neither looks for new versions nor installs them, as IT rolls them out.',
    example: true,
    ifBad: { updatesOff: true },
  }),
  updateChannel: setting({
    schema: Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$' }),
    title: 'Update channel',
    about: 'Which versions the app updates to, by the name of their channel.',
    example: 'stable',
    ifBad: { updatesOff: true },
  }),
  updateSource: setting({
    schema: Type.String({
      pattern: '^(https://[^\\s?#@]+|file:///[^\\s?#]+|/.+|[A-Za-z]:\\\\.+|\\\\\\\\.+)$',
      maxLength: 500,
    }),
    title: 'Update source',
    about:
      'Where the app fetches updates: an https address, or a folder with its whole path, such as a mirror of your own.',
    example: 'https://updates.example.com/fieldbook',
    ifBad: { updatesOff: true },
  }),
  proxyMode: setting({
    schema: Type.Enum(['system', 'direct', 'server', 'pac']),
    title: 'Proxy',
    about:
      'How the app reaches the network: as the system is set up, directly, through the proxy of proxyServer, or as the script of proxyPacUrl says.',
    example: 'server',
    ifBad: { proxyMode: 'system' },
  }),
  proxyServer: setting({
    schema: Type.String({
      pattern: '^((http|https|socks4|socks5)://)?[A-Za-z0-9._\\[\\]:-]+:[0-9]{1,5}$',
      maxLength: 500,
    }),
    title: 'Proxy server',
    about: 'Host and port of the proxy; for proxyMode “server”. Names and passwords do not belong here.',
    example: 'proxy.example.com:3128',
    ifBad: {},
  }),
  proxyPacUrl: setting({
    schema: Type.String({ pattern: '^(https?|file)://[^\\s]+$', maxLength: 500 }),
    title: 'Address of the proxy script',
    about: 'Where the PAC script is; for proxyMode “pac”.',
    example: 'https://intranet.example.com/proxy.pac',
    ifBad: {},
  }),
  proxyBypass: setting({
    schema: hosts,
    title: 'Hosts without a proxy',
    about: 'Hosts that are reached directly, parted by commas; for proxyMode “server”.',
    example: '*.intranet.example.com, 10.0.0.0/8',
    ifBad: {},
  }),
  integratedAuthHosts: setting({
    schema: hosts,
    title: 'Proxies with integrated sign-in',
    about:
      'Proxies and servers that may have the Windows or Kerberos sign-in of the person, parted by commas.',
    example: '*.example.com',
    ifBad: {},
  }),
  caFile: setting({
    schema: line(1000),
    title: 'Certificates of further authorities',
    about:
      'Full path of a PEM file with certificates of authorities that are trusted as well as those of the system: for systems without a store that IT manages, and sites without the internet.',
    example: '/etc/fieldbook/ca.pem',
    ifBad: {},
  }),
  logLevel: setting({
    schema: Type.Enum(logLevels),
    title: 'Log level',
    about: 'How much the app notes in its log files. None of it tells of records or people.',
    example: 'info',
    ifBad: {},
  }),
  crashDumps: setting({
    schema: Type.Boolean(),
    title: 'Crash dumps',
    about:
      'Whether the memory of a process that crashed is kept on the device, where it may hold what was on the screen. It is never sent anywhere.',
    example: false,
    ifBad: { crashDumps: false },
  }),
} as const

export type PolicyName = keyof typeof policySettings
export const policyNames = Object.keys(policySettings) as PolicyName[]

/** What is prescribed; what is not there is left to the person, or to how the app is anyway. */
export type Policy = { -readonly [N in PolicyName]?: Static<(typeof policySettings)[N]['schema']> }

/** As the window shows it: each setting that is prescribed, where, and what was wrong. */
export const ManagedSettings = Closed({
  settings: Type.Array(
    Closed({
      name: Type.Enum(policyNames),
      title: Type.String(),
      value: Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
      /** Null where it stands in for a value that could not be used. */
      source: Nullable(Type.String()),
    }),
  ),
  problems: Type.Array(
    Closed({ source: Type.String(), setting: Nullable(Type.String()), message: Type.String() }),
  ),
})
export type ManagedSettings = Static<typeof ManagedSettings>

/** What is prescribed on this computer; it is read when the app starts. */
export const policyRequests = {
  'policy.read': { request: Closed({}), answer: ManagedSettings },
} as const
