import { expect, it } from 'vitest'
import { ifStill } from './opened-panel.ts'

const shop = (key: string, name: string) => ({ key, name })
const rename = (panel: ReturnType<typeof shop>) => ({ ...panel, name: 'Kiosk, renamed' })

it('a late answer changes and closes only the panel that it is about', () => {
  const kiosk = shop('k', 'Kiosk')
  const bakery = shop('b', 'Bakery')
  expect(ifStill(kiosk, rename)(kiosk)).toEqual(shop('k', 'Kiosk, renamed'))
  expect(ifStill(kiosk, () => null)(kiosk)).toBeNull()
  expect(ifStill(kiosk, rename)(bakery)).toBe(bakery)
  expect(ifStill(kiosk, () => null)(bakery)).toBe(bakery)
  expect(ifStill(kiosk, rename)(null)).toBeNull()
})
