import type { Locator, Page } from '@playwright/test'
import type { Event, EventName, QueueItem } from '#desktop/bridge/channels'
import type { Device } from './device.ts'
import { syncStatus } from './journey.ts'

export type Tab = 'Needs attention' | 'Waiting' | 'Sent'

/** Opens Sync centre, by way of the title bar, and one of its lists. */
export async function showCentre(page: Page, tab?: Tab): Promise<Locator> {
  await syncStatus(page).getByRole('button').click()
  const centre = page.getByRole('region', { name: 'Sync centre' })
  if (tab) await centre.getByRole('tab', { name: tab }).click()
  return centre
}

/** An edit in the list that is open. */
export const editOf = (centre: Locator, title: string): Locator =>
  centre.getByRole('listitem').filter({ hasText: title }).getByRole('button').first()

/** The row of a table, by the field it is about. */
export const fieldRow = (table: Locator, field: string): Locator =>
  table.getByRole('row').filter({ has: table.page().getByRole('rowheader', { name: field }) })

/** Answers the system's dialogs for files with `path` from now on. */
export const chooseFile = (device: Device, path: string): Promise<void> =>
  device.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [filePath] })
  }, path)

/** Tells the window what main would, for what takes long or rare luck to come about by itself. */
export const tellWindow = <N extends EventName>(device: Device, name: N, event: Event<N>): Promise<void> =>
  device.app.evaluate(
    ({ BrowserWindow }, told) => BrowserWindow.getAllWindows()[0]!.webContents.send(told.name, told.event),
    { name, event },
  )

/** Shows these in Sync centre, in place of the queue. */
export async function showQueue(device: Device, items: QueueItem[]): Promise<void> {
  await device.app.evaluate(({ ipcMain }, shown) => {
    ipcMain.removeHandler('sync.queue')
    ipcMain.handle('sync.queue', () => ({ ok: true, value: { items: shown } }))
  }, items)
  await tellWindow(device, 'data.changed', { siteIds: [] })
}
