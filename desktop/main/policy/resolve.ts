import { problemsOf } from '#common/contract/sentences'
import {
  type ManagedSettings,
  type Policy,
  type PolicyName,
  policyNames,
  policySettings,
} from '#desktop/bridge/policy'
import { readServerAddress } from '../session/server-address.ts'

/** One place where IT prescribes. */
export interface PolicySource {
  /** As it is called to people. */
  name: string
  /** By the names they have there; null where there is a source that cannot be read. */
  values: Record<string, unknown> | null
  /** Why it cannot be read. */
  problem?: string
}

/** What is prescribed, by whom, and what of it cannot be used. */
export interface Managed {
  readonly policy: Readonly<Policy>
  /** Null for what stands in for a value that could not be used. */
  readonly sources: Readonly<Partial<Record<PolicyName, string | null>>>
  readonly problems: ManagedSettings['problems']
}

/**
 * The first source that names a setting settles it, also where its value cannot be used: then neither a later source
 * nor the person's own choice takes its place, but what the table has for that. A source that cannot be read may have
 * said anything, so that this holds for all it could have settled. Nothing of it keeps the app from starting.
 */
export function resolvePolicy(sources: readonly PolicySource[]): Managed {
  const policy: Record<string, unknown> = {}
  const from: { [N in PolicyName]?: string | null } = {}
  const problems: ManagedSettings['problems'] = []
  const settled = new Set<PolicyName>()
  const bad = new Set<PolicyName>()
  for (const { name: source, values, problem } of sources) {
    if (values === null) {
      problems.push({ source, setting: null, message: problem ?? 'Cannot be read.' })
      for (const name of policyNames) if (!settled.has(name)) bad.add(name)
      break
    }
    for (const [given, value] of Object.entries(values)) {
      const name = policyNames.find((known) => known.toLowerCase() === given.toLowerCase())
      if (!name) {
        problems.push({ source, setting: given.slice(0, 100), message: 'Is not a setting of this version.' })
        continue
      }
      if (settled.has(name)) continue
      settled.add(name)
      const message = problemOf(name, value)
      if (message === null) {
        policy[name] = name === 'serverAddress' ? readServerAddress(value as string) : value
        from[name] = source
      } else {
        problems.push({ source, setting: name, message })
        bad.add(name)
      }
    }
  }
  for (const name of bad) {
    for (const [instead, value] of Object.entries(policySettings[name].ifBad)) {
      policy[instead] = value
      from[instead as PolicyName] = null
    }
  }
  return { policy: policy, sources: from, problems }
}

function problemOf(name: PolicyName, value: unknown): string | null {
  const [problem] = problemsOf(policySettings[name].schema, value)
  if (problem) return `${problem.message}. Write it like ${JSON.stringify(policySettings[name].example)}.`
  if (name !== 'serverAddress') return null
  try {
    readServerAddress(value as string)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** As the window is told of it. */
export const managedSettings = ({ policy, sources, problems }: Managed): ManagedSettings => ({
  settings: policyNames.flatMap((name) => {
    const value = policy[name]
    return value === undefined
      ? []
      : [{ name, title: policySettings[name].title, value, source: sources[name] ?? null }]
  }),
  problems,
})
