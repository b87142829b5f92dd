import { describe, expect, test } from 'vitest'
import { brokenPasswordRules, passwordRules } from './password-policy.ts'

test.each([
  ['Tr1cky-enough'],
  ['Größe 12 ist schön!'],
  ['correct Horse 7 battery_staple'],
  ['Πάντα ῥεῖ 5!'],
  ['xK9$mQ2&'],
  // What is common is a part of it at most.
  ['Welcome-to-Harbour-12'],
])('“%s” meets all of them', (password) => expect(brokenPasswordRules(password, 'ada')).toEqual([]))

describe('each is broken by itself', () => {
  test.each([
    ['length', 'xK9$mQ2'],
    // Counted as people count, not in UTF-16.
    ['length', 'xK9$m𝒬𝒬'],
    ['upper', 'xk9$mq2&'],
    ['lower', 'XK9$MQ2&'],
    ['digit', 'xKy$mQz&'],
    ['symbol', 'xK9rmQ2t'],
    ['bytes', `xK9$${'m'.repeat(69)}`],
    ['bytes', `xK9$${'ü'.repeat(35)}`],
    ['uncommon', 'Password1!'],
    ['name', 'xK9$ada-Q2&'],
    ['name', 'xK9$ADA-Q2&'],
  ] as const)('%s: “%s”', (rule, password) => expect(brokenPasswordRules(password, 'ada')).toEqual([rule]))

  test('up to 72 bytes are taken', () => {
    expect(brokenPasswordRules(`xK9$${'m'.repeat(68)}`)).toEqual([])
    expect(brokenPasswordRules(`xK9$${'ü'.repeat(34)}`)).toEqual([])
  })
})

test.each([
  'P@ssw0rd!',
  'P@$$w0rd1',
  'Password2026!',
  'Welcome@123',
  'Qwerty123!',
  'Summer2026!',
  '!Admin123',
  'Letmein#1',
  'Fieldbook!2026',
  'Abc@1234',
  'Iloveyou1!',
  '2026!December',
  'Changeme_1',
  'Tr0ub4dor1!'.replace('Tr0ub4dor', 'Dr4gon'),
])('“%s” is known to whoever guesses', (password) =>
  expect(brokenPasswordRules(password)).toContain('uncommon'),
)

test('an empty one breaks nearly all, in the order they are told', () => {
  expect(brokenPasswordRules('')).toEqual(['length', 'upper', 'lower', 'digit', 'symbol', 'uncommon'])
  expect(Object.keys(passwordRules)).toHaveLength(8)
})

test('a very short user name is no reason to refuse', () => {
  expect(brokenPasswordRules('xK9$mQ2&', 'x')).toEqual([])
})
