import type { AppUpdater } from 'electron-updater'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../test/folder.ts'
import { executorOf, readFromFolder } from './source-folder.ts'

it('takes a file from the folder only where it is the one that was announced', async () => {
  const folder = temporaryFolder()
  const [from, to] = [join(folder, 'Field book.tar.gz'), join(folder, 'taken')]
  writeFileSync(from, 'the release')
  const updater = { httpExecutor: {} } as unknown as AppUpdater
  readFromFolder(updater)
  const take = (sha512: string) =>
    executorOf(updater).download(pathToFileURL(from), to, { sha512 } as Parameters<
      ReturnType<typeof executorOf>['download']
    >[2])
  const announced = createHash('sha512').update('the release').digest('base64')
  await take(announced)
  expect(readFileSync(to, 'utf8')).toBe('the release')
  writeFileSync(from, 'another one')
  await expect(take(announced)).rejects.toMatchObject({ code: 'ERR_CHECKSUM_MISMATCH' })
})
