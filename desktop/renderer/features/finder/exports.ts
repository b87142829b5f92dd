import { create } from 'zustand'
import type { LocalExportState, Request } from '#desktop/bridge/channels'
import { ask, on } from '../../app/bridge.ts'
import { useFinder } from '../../app/finder.ts'
import { useMayWriteFiles } from '../../app/managed.ts'
import { useMay } from '../../app/session.ts'

interface Exports {
  /** What is being decided: for these records, or (`null`) for all that are found. */
  asking: { ids: readonly string[] | null } | null
  /** Those under way, and those that are over and have not been dismissed. */
  files: readonly LocalExportState[]
}

export const useExports = create<Exports>(() => ({ asking: null, files: [] }))

const set = useExports.setState

export function useMayExport(): boolean {
  const may = useMay('interaction.export')
  return useMayWriteFiles() && may
}

/** Exports what is found or, with `chosen`, what is ticked. */
export const startExport = ({ chosen }: { chosen: boolean }) =>
  set({ asking: { ids: chosen ? [...useFinder.getState().chosen] : null } })

export const stopAsking = () => set({ asking: null })

/** Rejects with a ProblemError where nothing was begun; answers whether it was. */
export async function exportTo(request: Request<'export.start'>): Promise<boolean> {
  const { export: begun } = await ask('export.start', request)
  if (begun === null) return false
  set(({ files }) => ({ asking: null, files: [...files, begun] }))
  return true
}

export const cancelExport = (exportId: string) => ask('export.cancel', { exportId })

export const dismissExport = (exportId: string) =>
  set(({ files }) => ({ files: files.filter((file) => file.exportId !== exportId) }))

export const forgetExports = () => set(useExports.getInitialState(), true)

// What is not known here is of somebody who has signed out, or comes with the answer.
on('export.changed', (news) =>
  set(({ files }) => ({
    files: files.map((file) => (file.exportId === news.exportId ? news : file)),
  })),
)
