import { AxeBuilder } from '@axe-core/playwright'
import { expect } from '@playwright/test'
import type { Device } from './device.ts'
import { takePicture } from './journey.ts'

/** A small laptop's window and a large screen's, light and dark; the first is the one journeys go on in. */
const allLooks = [
  { width: 1280, height: 800, colorScheme: 'light' },
  { width: 1280, height: 800, colorScheme: 'dark' },
  { width: 1920, height: 1080, colorScheme: 'dark' },
  { width: 1920, height: 1080, colorScheme: 'light' },
] as const

type Look = (typeof allLooks)[number]

/** Where nobody looks at the pictures, those that axe is asked about. */
const looks: readonly Look[] = process.env.CI ? allLooks.slice(0, 2) : allLooks
const usual = allLooks[0]

async function wear({ app, page }: Device, { width, height, colorScheme }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await app.evaluate(
    ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]!.setContentSize(size.width, size.height),
    { width, height },
  )
  await page.waitForFunction((size) => innerWidth === size.width && innerHeight === size.height, {
    width,
    height,
  })
}

/**
 * Takes the pictures of what is on the screen, `name-1280-light` and so on, and holds it against axe, light and dark:
 * in the smaller window, where more is in its way.
 */
export async function lookAt(device: Device, name: string): Promise<void> {
  for (const look of looks) {
    await wear(device, look)
    const picture = `${name}-${look.width}-${look.colorScheme}`
    await takePicture(device.page, picture)
    if (look.width !== usual.width) continue
    const { violations } = await new AxeBuilder({ page: device.page }).setLegacyMode(true).analyze()
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
      picture,
    ).toEqual([])
  }
  await wear(device, usual)
}
