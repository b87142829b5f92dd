const systems: [RegExp, string][] = [
  [/Windows/, 'Windows'],
  [/iPhone|iPad/, 'iOS'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Android/, 'Android'],
  [/CrOS/, 'ChromeOS'],
  [/Linux|X11/, 'Linux'],
]
/** Many claim to be others as well; whoever comes first is meant. */
const programs = ['Fieldbook', 'Electron', 'Edg', 'OPR', 'Firefox', 'Chrome', 'Safari']
const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', Electron: 'Fieldbook' }

/** What people call a device: its own name as it is, of a browser's long description program and system. */
export function deviceLabel(device: string | null): string | null {
  const text = device?.trim()
  if (!text) return null
  const system = systems.find(([pattern]) => pattern.test(text))?.[1]
  const program = programs.find((name) => text.includes(`${name}/`))
  if (program && system) return `${names[program] ?? program} on ${system}`
  const product = /^([\w.-]+)\/\S+/.exec(text)?.[1]
  return product && product !== 'Mozilla' ? product : text.slice(0, 100)
}
