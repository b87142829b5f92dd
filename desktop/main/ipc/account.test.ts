import { expect, it } from 'vitest'
import { Computer } from '../test/computer.ts'
import { alice, siteA } from '../test/device.ts'
import { refusal } from '../test/server-model.ts'
import { WebModel } from '../test/web-model.ts'

const ids = [1, 2, 3].map((number) => `0192f000-0000-7000-8000-0000000000e${number}`)

/** Signed in here, which is the second, and at two other places; the third has ended meanwhile. */
async function setUp() {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'editor' })
  const ended: string[] = []
  web.answer = ({ method, path }) => {
    const at = '2026-05-01T00:00:00.000Z'
    if (path === '/auth/sessions')
      return {
        sessions: ids.map((id, index) => ({
          id,
          deviceName: null,
          isThis: index === 1,
          startedAt: at,
          lastUsedAt: at,
          expiresAt: at,
        })),
      }
    if (method !== 'DELETE') return undefined
    const id = path.slice('/auth/sessions/'.length)
    if (id === ids[2]) throw refusal(404, 'RESOURCE_NOT_FOUND')
    ended.push(id)
    return { success: true }
  }
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  return { web, computer, ended }
}

it('signs out everywhere else, and not here, whatever has ended meanwhile', async () => {
  const { computer, ended } = await setUp()
  await computer.do['account.endOtherSessions']({})
  expect(ended).toEqual([ids[0]])
})

it('says what the server is needed for when it is out of reach', async () => {
  const { web, computer } = await setUp()
  web.reachable = false
  await expect(computer.do['account.sessions']({})).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: expect.stringMatching(/^Where you are signed in.* cannot be reached/) as string,
  })
  const reset = computer.do['account.resetPassword']({ token: 'code', password: 'Another!2026' })
  await expect(reset).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
})

it('asks no server whose address is not one', async () => {
  const { computer } = await setUp()
  const asked = computer.do['account.forgotPassword']({ server: 'not an address', account: 'alice' })
  await expect(asked).rejects.toMatchObject({ code: 'VALIDATION_ERROR', details: [{ field: 'server' }] })
})
