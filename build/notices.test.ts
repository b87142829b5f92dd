import { expect, it } from 'vitest'
import { noticesText } from './notices.ts'

const notice = { name: 'a-package', version: '1.0.0', identifier: 'MIT', text: 'Copyright (c) somebody' }

it('names everybody, with the text of their licence', () => {
  const text = noticesText([notice, { name: 'b-package', version: '2.0.0', identifier: 'ISC' }])
  expect(text).toContain('a-package 1.0.0 (MIT)\n\nCopyright (c) somebody')
  expect(text).toContain('b-package is under ISC')
})

it.each(['GPL-3.0-only', 'SEE LICENSE IN EULA.md', 'UNLICENSED', undefined])(
  'refuses the licence %s',
  (identifier) => {
    const { name, version } = notice
    expect(() => noticesText([{ name, version, ...(identifier && { identifier }) }])).toThrow(
      /a-package@1.0.0/,
    )
  },
)
