import { describe, expect, it } from 'vitest'
import { keySigns } from '../ui/key-signs.ts'
import { isPressed, type ShortcutName, shortcuts } from './keys.ts'

const press = (
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {},
) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
})

describe('a shortcut is pressed', () => {
  it('with Ctrl or Command, in either case', () => {
    expect(isPressed(press('k', { ctrlKey: true }), 'palette')).toBe(true)
    expect(isPressed(press('K', { metaKey: true }), 'palette')).toBe(true)
    expect(isPressed(press('k'), 'palette')).toBe(false)
    expect(isPressed(press('k', { ctrlKey: true, shiftKey: true }), 'palette')).toBe(false)
  })

  it('with Shift where the sign needs it', () => {
    expect(isPressed(press('?', { shiftKey: true }), 'help')).toBe(true)
    expect(isPressed(press('/', { shiftKey: true }), 'search')).toBe(true)
    expect(isPressed(press(' ', { shiftKey: true }), 'tick')).toBe(false)
    expect(isPressed(press(' ', { shiftKey: true }), 'tickUpTo')).toBe(true)
    expect(isPressed(press('ArrowDown'), 'tickOn')).toBe(false)
  })

  it('never twice in the same place', () => {
    const seen = new Set<string>()
    for (const name of Object.keys(shortcuts) as ShortcutName[]) {
      for (const keys of shortcuts[name].keys) {
        const here = `${shortcuts[name].place} ${keys}`
        expect(seen.has(here), here).toBe(false)
        seen.add(here)
      }
    }
  })

  it('and is shown as on the keyboard', () => {
    expect(keySigns('mod+k')).toEqual(['Ctrl', 'K'])
    expect(keySigns('shift+ ')).toEqual(['Shift', 'Space'])
    expect(keySigns('F1')).toEqual(['F1'])
  })
})
