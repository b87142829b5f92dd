import { expect, test } from 'vitest'
import { deviceLabel } from './device-label.ts'

const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)'
const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)'

test.each([
  [null, null],
  ['  ', null],
  ['Edith’s laptop', 'Edith’s laptop'],
  ['DESKTOP-7F3K2 (Linux lab)', 'DESKTOP-7F3K2 (Linux lab)'],
  [`${windows} Chrome/140.0.0.0 Safari/537.36`, 'Chrome on Windows'],
  [`${windows} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, 'Edge on Windows'],
  [`${windows} Fieldbook/0.1.0 Chrome/140.0.0.0 Electron/43.2.0 Safari/537.36`, 'Fieldbook on Windows'],
  [`${mac} Version/18.0 Safari/605.1.15`, 'Safari on macOS'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1', 'Safari on iOS'],
  ['Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile', 'Chrome on Android'],
  ['curl/8.5.0', 'curl'],
  ['python-requests/2.32 something', 'python-requests'],
  ['node', 'node'],
  ['x'.repeat(150), 'x'.repeat(100)],
])('%s: %s', (device, label) => expect(deviceLabel(device)).toBe(label))
