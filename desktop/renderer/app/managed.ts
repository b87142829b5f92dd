import { create } from 'zustand'
import type { ManagedSettings, Policy, PolicyName } from '#desktop/bridge/policy'
import { ask } from './bridge.ts'

/** What IT prescribes on this computer; it stays the same until the app is started again. */
export const useManagedSettings = create<ManagedSettings>(() => ({ settings: [], problems: [] }))

/** Rejects with a ProblemError where main cannot say. */
export const connectManaged = async () => useManagedSettings.setState(await ask('policy.read', {}), true)

/** The value prescribed; undefined where the person may choose. */
export const useManaged = <N extends PolicyName>(name: N): Policy[N] | undefined =>
  useManagedSettings(
    ({ settings }) => settings.find((setting) => setting.name === name)?.value as Policy[N] | undefined,
  )

/** Whether IT lets readable files be written on this computer. */
export const useMayWriteFiles = () => useManaged('exportsToDisk') !== false
