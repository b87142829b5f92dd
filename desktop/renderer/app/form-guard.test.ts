import { afterAll, expect, it, vi } from 'vitest'

vi.stubGlobal('window', { fieldbook: { on: () => () => undefined }, addEventListener: () => undefined })
const { whenSaved } = await import('./form-guard.ts')
const { useWorkspace } = await import('./workspace.ts')

afterAll(() => vi.unstubAllGlobals())

const newForm = () => ({ save: async () => true, discard: () => undefined })

it('a form is clean once it is saved, and none that has taken its place', () => {
  useWorkspace.setState({ form: newForm(), dirty: true })
  const markSaved = whenSaved()
  useWorkspace.setState({ form: newForm(), dirty: true })
  markSaved()
  expect(useWorkspace.getState().dirty).toBe(true)
  whenSaved()()
  expect(useWorkspace.getState().dirty).toBe(false)
})
