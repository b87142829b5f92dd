import type { BrowserWindow, Dialog, FileFilter, Shell } from 'electron'
import { readFile, stat } from 'node:fs/promises'
import { AppError } from '#common/contract/errors'
import type { ExportFormat } from '#common/contract/exports'
import { writeDurably } from './durable.ts'
import type { Files } from './ipc/handlers.ts'

const unsentWork: FileFilter = { name: 'Fieldbook unsent work', extensions: ['fieldbook'] }
const json: FileFilter = { name: 'JSON', extensions: ['json'] }
const png: FileFilter = { name: 'PNG picture', extensions: ['png'] }
const bundle: FileFilter = { name: 'ZIP archive', extensions: ['zip'] }
const spreadsheets: Record<ExportFormat, FileFilter> = {
  csv: { name: 'CSV', extensions: ['csv'] },
  xlsx: { name: 'Excel workbook', extensions: ['xlsx'] },
}
/** Bytes; far more than a queue comes to. */
const largest = 512 * 1024 * 1024

function savedAs(name: string): FileFilter {
  if (name.endsWith('.csv')) return spreadsheets.csv
  if (name.endsWith('.json')) return json
  if (name.endsWith('.zip')) return bundle
  return name.endsWith('.png') ? png : unsentWork
}

/** What others can read of the records; unsent work is encrypted, and a support bundle holds none. */
const isExport = (name: string) => /\.(csv|json|png)$/.test(name)

const exportsOff = () =>
  new AppError('AUTHORIZATION_ERROR', 'Your organisation does not allow exports to files on this computer.')

const unusable = (message: string) =>
  new AppError('VALIDATION_ERROR', 'The file cannot be used.', { details: [{ field: 'file', message }] })

/** Files the person chooses in the system's own dialogs: the window names none, and sees no path. */
export const chosenFiles = (
  dialog: Pick<Dialog, 'showSaveDialog' | 'showOpenDialog'>,
  shell: Pick<Shell, 'showItemInFolder'>,
  window: () => BrowserWindow | undefined,
  mayExport = true,
): Files => ({
  save: async (defaultPath, content) => {
    if (!mayExport && isExport(defaultPath)) throw exportsOff()
    const filters = [savedAs(defaultPath)]
    const { canceled, filePath } = await dialog.showSaveDialog(window()!, { defaultPath, filters })
    if (canceled || !filePath) return false
    try {
      writeDurably(filePath, content)
    } catch {
      throw unusable('Cannot be written; is the disk full, or the folder closed to you? Choose another place')
    }
    return true
  },
  open: async () => {
    const { canceled, filePaths } = await dialog.showOpenDialog(window()!, {
      filters: [unsentWork],
      properties: ['openFile'],
    })
    const path = filePaths[0]
    if (canceled || path === undefined) return null
    const size = await stat(path).then(
      ({ size }) => size,
      () => Infinity,
    )
    if (size > largest) throw unusable('Cannot be read, or is too large to be a file of unsent work')
    return readFile(path).catch(() => {
      throw unusable('Cannot be read; choose another place or ask who owns it')
    })
  },
  chooseSpreadsheet: async (defaultPath, format) => {
    if (!mayExport) throw exportsOff()
    const { canceled, filePath } = await dialog.showSaveDialog(window()!, {
      title: 'Export',
      defaultPath,
      filters: [spreadsheets[format]],
      properties: ['showOverwriteConfirmation'],
    })
    return canceled || !filePath ? null : filePath
  },
  chooseTable: async () => {
    const { canceled, filePaths } = await dialog.showOpenDialog(window()!, {
      title: 'Import',
      filters: [
        { name: 'Tables', extensions: ['csv', 'xlsx', 'tsv', 'txt'] },
        { name: 'All files', extensions: ['*'] },
      ],
      properties: ['openFile'],
    })
    return canceled ? null : (filePaths[0] ?? null)
  },
  show: (path) => shell.showItemInFolder(path),
})
