import { renameSync, rmSync } from 'node:fs'

/** The version before, until the new one has started. */
export const previousOf = (folder: string) => `${folder}.previous`

/** Gives `next` the name of `folder`. Where that fails everything is as it was. */
export function swapFolders(folder: string, next: string): void {
  const previous = previousOf(folder)
  rmSync(previous, { recursive: true, force: true })
  renameSync(folder, previous)
  try {
    renameSync(next, folder)
  } catch (error) {
    renameSync(previous, folder)
    throw error
  }
}
