import { DOMParser } from '@xmldom/xmldom'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { policyNames, policySettings } from '#desktop/bridge/policy'
import { policyTemplates } from './policy-templates.ts'

const project = resolve(import.meta.dirname, '..')

/** Throws for what is not well-formed. */
function parse(text: string) {
  const fail = (message: string) => {
    throw new Error(message)
  }
  const errorHandler = { warning: fail, error: fail, fatalError: fail }
  return new DOMParser({ errorHandler }).parseFromString(text, 'text/xml')
}

const all = (node: { getElementsByTagName(name: string): ArrayLike<unknown> }, name: string) =>
  Array.from(node.getElementsByTagName(name)) as Element[]

const within = (node: Element) =>
  Array.from(node.childNodes).filter(({ nodeType }) => nodeType === 1) as Element[]

test('templates and guide are as the app’s table of settings has them: node build/policy-templates.ts --write', async () => {
  for (const [path, text] of Object.entries(await policyTemplates()))
    expect(readFileSync(join(project, path), 'utf8'), path).toBe(text)
})

test('group policies are XML, each with its words and its control', async () => {
  const files = await policyTemplates()
  const admx = parse(files['deploy/policies/windows/Fieldbook.admx']!)
  const adml = parse(files['deploy/policies/windows/en-US/Fieldbook.adml']!)
  expect(all(admx, 'policy').map((policy) => policy.getAttribute('name'))).toEqual(policyNames)
  const strings = all(adml, 'string').map((string) => string.getAttribute('id'))
  const presentations = all(adml, 'presentation').map((each) => each.getAttribute('id'))
  const named = [
    ...files['deploy/policies/windows/Fieldbook.admx']!.matchAll(/\$\((string|presentation)\.(\w+)\)/g),
  ]
  expect(named.length).toBeGreaterThan(3 * policyNames.length - 10)
  for (const [, kind, id] of named) expect(kind === 'string' ? strings : presentations).toContain(id)
  expect(new Set(strings).size).toBe(strings.length)
  expect(presentations.toSorted()).toEqual(
    all(admx, 'elements')
      .flatMap((elements) => within(elements).map((node) => node.getAttribute('id')))
      .toSorted(),
  )
  for (const kind of ['text', 'enum', 'decimal']) expect(all(admx, kind).length, kind).toBeGreaterThan(0)
})

test('the profile is a property list with a value of each setting', async () => {
  const profile = parse((await policyTemplates())['deploy/policies/macos/fieldbook.mobileconfig']!)
  expect(profile.documentElement?.tagName).toBe('plist')
  const settings = all(all(profile, 'array')[0]!, 'dict')[0]!
  const nodes = within(settings)
  const values: Record<string, unknown> = {}
  for (let index = 0; index < nodes.length; index += 2) {
    expect(nodes[index]!.tagName).toBe('key')
    const { tagName, textContent } = nodes[index + 1]!
    const read = { true: true, false: false, integer: Number(textContent), string: textContent }
    values[nodes[index]!.textContent] = read[tagName as keyof typeof read]
  }
  for (const name of policyNames) expect(values[name], name).toEqual(policySettings[name].example)
})
