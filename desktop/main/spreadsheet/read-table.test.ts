import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { maxImportCell, maxImportRows } from '#common/contract/imports'
import { temporaryFolder } from '../test/folder.ts'
import { textRow, workbook, zip } from '../test/zip.ts'
import { readTable } from './read-table.ts'
import type { ReadingChoice } from './table.ts'

function fileWith(content: string | Buffer): string {
  const path = join(temporaryFolder(), 'table')
  writeFileSync(path, content)
  return path
}

/** Headers and rows of a file with this content. */
async function read(content: string | Buffer, choice?: ReadingChoice) {
  const { table, head } = await readTable(fileWith(content), choice)
  const rows: string[][] = []
  for (let part = table.part(0); part.length > 0; part = table.part(rows.length)) rows.push(...part)
  expect(rows).toHaveLength(head.rows)
  return { ...head, rows }
}

describe('CSV', () => {
  it.each([
    ['commas', 'a,b\r\n1,"x, y"\r\n'],
    ['semicolons', 'a;b\n1;x, y\n'],
    ['tabs', 'a\tb\n1\tx, y'],
    ['bars', 'a|b\r1|x, y\r'],
    ['said in its first line', 'sep=;\r\na;b\r\n1;x, y\r\n'],
  ])('cells are told apart: %s', async (_, content) => {
    const { headers, rows } = await read(content)
    expect([headers, rows]).toEqual([['a', 'b'], [['1', 'x, y']]])
  })

  it('cells keep their lines, quotation marks, spaces and what looks like a formula', async () => {
    const { rows } = await read('a,b\r\n"two\r\nlines","say ""hi"""\r\n =1+1,=SUM(A1)\r\n5" pipe,\'=1\r\n')
    expect(rows).toEqual([
      ['two\r\nlines', 'say "hi"'],
      [' =1+1', '=SUM(A1)'],
      ['5" pipe', "'=1"],
    ])
  })

  it('columns without a name get one, and names are each another', async () => {
    const { headers } = await read(',Name,Name,,Name (2),Name,Column 1,\n1,2,3,4,5,6,7,8\n')
    expect(headers).toEqual([
      'Column 1 (2)',
      'Name',
      'Name (3)',
      'Column 4',
      'Name (2)',
      'Name (4)',
      'Column 1',
      'Column 8',
    ])
    expect((await read('a,b,,\n1,2,,\n')).headers).toEqual(['a', 'b'])
  })

  it('blank rows keep the others in their place; rows may be shorter and longer', async () => {
    const { rows } = await read('\na,b\n1\n\n , \n1,2,3\n\n\n')
    expect(rows).toEqual([['1'], [], [], ['1', '2', '3']])
  })

  it.each([
    ['UTF-8', Buffer.from('Ort\nKöln\n'), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from('\ufeffOrt\nKöln\n'), 'utf-8'],
    ['UTF-16, little end first', Buffer.from('\ufeffOrt\nKöln\n', 'utf16le'), 'utf-16'],
    ['UTF-16, big end first', Buffer.from('\ufeffOrt\nKöln\n', 'utf16le').swap16(), 'utf-16'],
  ])('%s is read as what it is', async (_, content, encoding) => {
    expect(await read(content)).toMatchObject({ headers: ['Ort'], rows: [['Köln']], encoding })
  })

  it('other bytes are not guessed at, but read as somebody says', async () => {
    const content = Buffer.from('Ort;Zeit\nKöln;9 Uhr\n', 'latin1')
    await expect(read(content)).rejects.toMatchObject({
      message: expect.stringContaining('Windows-1252') as string,
      encodings: ['windows-1252'],
    })
    expect(await read(content, { encoding: 'windows-1252' })).toMatchObject({
      rows: [['Köln', '9 Uhr']],
      encoding: 'windows-1252',
    })
    const unmarked = Buffer.from('Ort;Zeit\nKöln;9 Uhr\n', 'utf16le')
    await expect(read(unmarked)).rejects.toMatchObject({ encodings: ['utf-16'] })
    for (const bytes of [unmarked, Buffer.from(unmarked).swap16()])
      expect(await read(bytes, { encoding: 'utf-16' })).toMatchObject({ rows: [['Köln', '9 Uhr']] })
  })

  it('wrong letters far behind the beginning are found as well', async () => {
    const many = Buffer.from('a,b\n' + 'x,y\n'.repeat(50_000))
    await expect(read(Buffer.concat([many, Buffer.from([0xe9, 0x0a])]))).rejects.toThrow('UTF-8')
  })

  it.each([
    ['an empty file', '', /is empty/],
    ['nothing but spaces', ' \n\n', /nothing in it/],
    ['only the names of columns', 'a,b\n\n', /only one row/],
    ['a program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 9, 7, 0]), /not a text file/],
    ['a PDF', '%PDF-1.7\n', /PDF/],
    ['an old workbook', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]), /\.xls/],
    ['a web page', '<html><table><tr><td>1', /web page/],
    ['500 columns', `${'a,'.repeat(499)}a\n1\n`, /500 columns, and 200/],
    ['500 cells', `a\n1\n${'1,'.repeat(499)}1\n`, /Row 3 has 500 cells/],
    ['a cell that is too long', `a,b\n1,${'x'.repeat(maxImportCell + 1)}\n`, /Row 2 .* in “b”/],
    ['a quotation mark left open', 'a,b\n1,2\n3,"4\n5,6\n', /Row 3 opens/],
    ['one left open for long', `a\n"${'x\n'.repeat(3_000_000)}`, /far longer/],
  ])('%s is refused, saying why', async (_, content, why) => {
    await expect(read(content)).rejects.toThrow(why)
  })

  it(`${maxImportRows} rows are read, and one more is refused`, async () => {
    const rows = 'x,y\n'.repeat(maxImportRows)
    const { table, head } = await readTable(fileWith(`a,b\n${rows}\n\n`))
    expect(head.rows).toBe(maxImportRows)
    expect(table.part(maxImportRows - 1)).toEqual([['x', 'y']])
    await expect(readTable(fileWith(`a,b\n${rows}x,y\n`))).rejects.toThrow('more than 200,000 rows')
  })

  it('1 GB is refused before it is read', async () => {
    const path = join(temporaryFolder(), 'large.csv')
    const file = openSync(path, 'w')
    ftruncateSync(file, 1024 ** 3)
    closeSync(file)
    await expect(readTable(path)).rejects.toThrow('1,024 MB, and 200 MB')
    await expect(readTable(join(path, 'nowhere'))).rejects.toThrow('cannot be read')
  })

  it('a part fits a request, and begins wherever one asks', async () => {
    const long = 'é'.repeat(30_000)
    const { table } = await readTable(fileWith(`a\n${`${long}\n`.repeat(100)}`))
    const part = table.part(0)
    expect(Buffer.byteLength(JSON.stringify({ from: 0, rows: part }))).toBeLessThan(1024 * 1024)
    expect(part.length).toBeGreaterThan(10)
    expect(table.part(part.length - 1)).toEqual([[long]])
    expect(table.part(part.length).length).toBeGreaterThan(10)
    expect(table.part(100)).toEqual([])
  })
})

describe('XLSX', () => {
  it('cells are read as a person sees them', async () => {
    const content = workbook({
      Table: [
        textRow(1, 'text', 'number', 'when', 'time', 'day', 'yes', 'formula', 'error'),
        `<row r="3"><c r="A3" t="inlineStr"><is><t> a &amp; b_x000D_
</t></is></c><c r="B3"><v>1.2000000000000002E+20</v></c><c r="C3" s="1"><v>46106.604166666664</v></c>` +
          `<c r="D3" s="2"><v>0.60416666666666663</v></c><c r="E3" s="1"><v>46106</v></c><c r="F3" t="b"><v>1</v></c>` +
          `<c r="G3" t="str"><f>A1&amp;"x"</f><v>=it</v></c><c r="H3" t="e"><v>#REF!</v></c></row>`,
        `<row r="4"><c r="B4"><v>0.30000000000000004</v></c><c r="D4"><v>-5</v></c></row>`,
      ].join(''),
    })
    const { headers, rows, encoding, sheets, sheet } = await read(content)
    expect(headers).toEqual(['text', 'number', 'when', 'time', 'day', 'yes', 'formula', 'error'])
    expect(rows).toEqual([
      [],
      [
        ' a & b\r\n',
        '120000000000000000000',
        '2026-03-25 14:30',
        '14:30',
        '2026-03-25',
        'TRUE',
        "'=it",
        '#REF!',
      ],
      ['', '0.3', '', '-5'],
    ])
    expect([encoding, sheets, sheet]).toEqual([null, ['Table'], 'Table'])
  })

  const two = { 'Cover &amp; notes': textRow(1, 'Title'), List: textRow(1, 'a') + textRow(2, '1') }

  it('one of several sheets can be chosen, also where the first is none', async () => {
    const sheets = ['Cover & notes', 'List']
    await expect(read(workbook(two))).rejects.toMatchObject({
      sheets,
      message: expect.stringContaining('only one row') as string,
    })
    expect(await read(workbook(two), { sheet: 'List' })).toMatchObject({
      sheets,
      sheet: 'List',
      rows: [['1']],
    })
  })

  const small = workbook({ A: textRow(1, 'a') + textRow(2, '1') })
  const zeros = Buffer.alloc(301 * 1024 * 1024)
  const laughs = `<!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from(
    { length: 9 },
    (_, index) => `<!ENTITY lol${index + 1} "${`&lol${index || ''};`.repeat(10)}">`,
  ).join('')}]><sst><si><t>&lol9;</t></si></sst>`

  it.each([
    [
      'a bomb that claims to be small',
      () => workbook({ A: textRow(1, 'a') }, [{ name: 'xl/media/x.png', content: zeros, claims: 9 }]),
      /300 MB/,
    ],
    [
      'entities that multiply',
      () => workbook({ A: textRow(1, 'a') }, [{ name: 'xl/sharedStrings.xml', content: laughs }]),
      /could do harm/,
    ],
    ['half a file', () => small.subarray(0, small.length / 2), /damaged/],
    [
      'half a file with a table of contents',
      () => Buffer.concat([small.subarray(0, 200), small.subarray(400)]),
      /damaged/,
    ],
    ['a protected one', () => zip([{ name: 'xl/workbook.xml', content: 'x', encrypted: true }]), /password/],
    [
      'an OpenDocument spreadsheet',
      () => zip([{ name: 'mimetype', content: 'application/vnd.oasis.opendocument.spreadsheet' }]),
      /\.ods/,
    ],
    ['a binary workbook', () => zip([{ name: 'xl/_rels/workbook.bin.rels', content: '<a/>' }]), /\.xlsb/],
    ['a text document', () => zip([{ name: 'word/document.xml', content: '<a/>' }]), /no Excel workbook/],
    ['XML that ends early', () => workbook({ A: '<row r="1"><c r="A1" t="inl' }), /damaged|nothing in it/],
  ])('%s is refused, saying why', async (_, content, why) => {
    await expect(read(content())).rejects.toThrow(why)
  })
})
