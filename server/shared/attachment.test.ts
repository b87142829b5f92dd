import { expect, test } from 'vitest'
import { attachment } from './attachment.ts'

test.each([
  ['Fieldbook Sales.csv', 'Fieldbook Sales.csv', 'Fieldbook%20Sales.csv'],
  ['Zürich 東京.csv', 'Z_rich __.csv', 'Z%C3%BCrich%20%E6%9D%B1%E4%BA%AC.csv'],
  [`a"b\\c%41'(1)*.csv`, `a_b_c_41'(1)*.csv`, 'a%22b%5Cc%2541%27%281%29%2A.csv'],
  ['two\r\nlines.csv', 'two__lines.csv', 'two%0D%0Alines.csv'],
])('%j is given as it is, and in ASCII', (name, plain, encoded) => {
  expect(attachment(name)).toBe(`attachment; filename="${plain}"; filename*=UTF-8''${encoded}`)
})
