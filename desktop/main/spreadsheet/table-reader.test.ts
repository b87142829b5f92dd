import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { exportColumns, type ExportFormat, exportFormats } from '#common/contract/exports'
import type { InteractionFields } from '#common/contract/interactions'
import { guessOptions, readRow } from '#common/rules/import-rows'
import { spreadsheetWriter } from '#common/spreadsheet/writer'
import { alice, siteA } from '../test/device.ts'
import { temporaryFolder } from '../test/folder.ts'
import { spreadsheetProcess } from '../test/spreadsheet-process.ts'
import { UnreadableTable } from './table.ts'
import { TableReader } from './table-reader.ts'

const tricky: InteractionFields = {
  title: '=SUM(A1), "quoted"',
  type: 'Meeting',
  lead: 'Ana; Jones',
  startDateTime: '2026-03-25T13:30:05.120Z',
  endDateTime: '2026-10-25T00:30:00.000Z',
  timezone: 'Europe/Berlin',
  location: "'=x",
  description: 'two\nlines',
  notes: '-5',
  status: 'active',
}

async function exported(format: ExportFormat): Promise<string> {
  const at = '2026-01-01T00:00:00.000Z'
  const writer = spreadsheetWriter(format, [...exportColumns], {})
  const record = { ...tricky, id: alice, siteId: siteA, version: 1 }
  const rows = writer.add([{ ...record, createdAt: at, updatedAt: at, createdBy: alice, updatedBy: alice }])
  const path = join(temporaryFolder(), 'export')
  writeFileSync(path, Buffer.concat([Buffer.from(rows), Buffer.from(await writer.end())]))
  return path
}

it.each(exportFormats)('what an export wrote as %s is the same record when it is read', async (format) => {
  const reader = new TableReader(spreadsheetProcess(), await exported(format))
  const { headers, sample } = await reader.read({})
  const types = ['Meeting']
  const options = guessOptions(headers, sample, { timezone: 'UTC', types })
  const [row] = await reader.part(0)
  expect(readRow(row!, { headers, options, types }, null)).toEqual({ fields: tricky, problems: [] })
  expect(row![options.columns.indexOf('reference')]).toBe(alice)
  reader.close()
})

it('a process that ends by itself is said in words, and the file is over', async () => {
  const port = spreadsheetProcess()
  const reader = new TableReader(port, await exported('csv'))
  const reading = reader.read({})
  port.die()
  await expect(reading).rejects.toThrow('more than this computer can read at once')
  expect(reader.ended).toBe(true)
  await expect(reader.part(0)).rejects.toBeInstanceOf(UnreadableTable)
})
