import { create } from 'zustand'
import { ask } from './bridge.ts'
import { useSession } from './session.ts'

/** How the person likes this device, kept with their account: any JSON under a name. */
interface Preferences {
  /** Whose they are; null while they are being read. */
  of: string | null
  values: Record<string, unknown>
}

export const usePreferences = create<Preferences>(() => ({ of: null, values: {} }))

/** Reads what was kept for the person; without an answer everything is as the app has it. */
export async function readPreferences(userId: string): Promise<void> {
  if (usePreferences.getState().of === userId) return
  const values = await ask('preferences.read', {}).then(
    ({ preferences }) => preferences,
    () => ({}),
  )
  if (useSession.getState().user?.id === userId) usePreferences.setState({ of: userId, values })
}

const pause = 400
const waiting = new Map<string, ReturnType<typeof setTimeout>>()

/** Holds at once, and is kept once it has stayed the same for a moment. `undefined` forgets it. */
export function prefer(name: string, value: unknown): void {
  const { of } = usePreferences.getState()
  usePreferences.setState(({ values }) => ({ values: { ...values, [name]: value } }))
  clearTimeout(waiting.get(name))
  const write = () => {
    waiting.delete(name)
    if (of === null || usePreferences.getState().of !== of) return
    // What could not be kept still holds until the window closes.
    ask('preferences.write', { name, value: usePreferences.getState().values[name] ?? null }).catch(() => {})
  }
  waiting.set(name, setTimeout(write, pause))
}

// Another person has their own.
useSession.subscribe(({ user }, before) => {
  if (user?.id === before.user?.id) return
  waiting.forEach(clearTimeout)
  waiting.clear()
  usePreferences.setState({ of: null, values: {} })
})
