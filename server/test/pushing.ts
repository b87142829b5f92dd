import { afterAll } from 'vitest'
import type { Interaction } from '#common/contract/interactions'
import { createTestApp } from './app.ts'
import { createDevice } from './device.ts'

/** Two editors of a site, one of them with a device that pushes; for the length of a test file. */
export async function createPushing(options: Parameters<typeof createTestApp>[0] = {}) {
  const server = await createTestApp(options)
  afterAll(() => server.close())
  const site = server.ids.sites.Marketing
  const editor = server.as('editor', site)
  const colleague = server.as('colleague', site)
  const device = createDevice(site)

  const push = (mutations: object[], client = editor, deviceId = device.id) =>
    client.push(deviceId, mutations)
  const sql = async <Row>(text: string, values: unknown[] = []) =>
    (await server.database.owner.query(text, values)).rows as Row[]

  return {
    server,
    site,
    editor,
    colleague,
    device,
    push,
    one: async (mutation: object, client = editor) => (await push([mutation], client))[0]!,
    /** Null when there is none to see. */
    read: async (id: string) => {
      const { status, body } = await editor.get<{ interaction: Interaction }>(`/interactions/${id}`)
      return status === 200 ? body.interaction : null
    },
    sql,
    receipts: (mutationId: string) => sql('SELECT FROM sync_receipts WHERE mutation_id = $1', [mutationId]),
  }
}
