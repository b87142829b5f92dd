import { once } from 'node:events'
import type { Page } from '@playwright/test'
import type { Device } from './support/device.ts'
import { startAs, test } from './support/journey.ts'

const harms: Record<string, (device: Device, page: Page) => Promise<unknown>> = {
  'has crashed': (device, page) =>
    Promise.all([
      page.waitForEvent('crash'),
      device.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer(),
      ),
    ]),
  hangs: (_, page) =>
    new Promise((resolve) => {
      void page.exposeFunction('tell', resolve).then(() =>
        page
          .evaluate(() => {
            ;(window as unknown as { tell: (word: string) => void }).tell('hanging')
            for (;;);
          })
          .catch(() => {}),
      )
    }),
}

for (const [state, harm] of Object.entries(harms)) {
  test(`a page that ${state} does not keep its window open`, async ({ computer }) => {
    const device = await computer()
    const page = await startAs(device, 'editor', 'Marketing')
    await harm(device, page)
    const ended = once(device.app.process(), 'exit')
    await device.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close())
    await ended
    await device.quit()
  })
}
