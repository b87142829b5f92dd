import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Interaction } from '#common/contract/interactions'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { createDevice } from '../../test/device.ts'
import { createReplica } from '../../test/replica.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

const writers = 8
const writes = 200

test('many write at once, those who ask meanwhile miss nothing, and no number is left out or given twice', async () => {
  const site = server.ids.sites.Marketing
  const editor = server.as('editor', site)
  const devices = Array.from({ length: writers }, () => createDevice(site))

  /** Half new records, half edits of them, in batches as a device sends them. */
  async function write(device: (typeof devices)[number]) {
    for (let sent = 0; sent < writes; sent += 40) {
      const created = Array.from({ length: 20 }, (_, n) =>
        device.create({ status: 'draft', title: `${device.id} ${sent + n}` }),
      )
      const made = await editor.push(device.id, created)
      const edits = made.map(({ record }) => device.update(record as Interaction, { notes: 'edited' }))
      const edited = await editor.push(device.id, edits)
      expect([...made, ...edited].map(({ status }) => status)).toEqual(Array(40).fill('applied'))
    }
  }

  let writing = true
  async function watch(limit: number) {
    const replica = createReplica(editor)
    let pulls = 0
    for (; writing; pulls++) await replica.pull(limit)
    await replica.catchUp(limit)
    return { pulls, held: replica.of(site) }
  }

  const watching = [watch(1000), watch(37)]
  await Promise.all(devices.map(write))
  writing = false

  const { rows } = await server.database.owner.query<{ id: string; version: number }>(
    'SELECT id, version FROM interactions',
  )
  expect(rows).toHaveLength((writers * writes) / 2)
  for (const { held, pulls } of await Promise.all(watching)) {
    expect(pulls).toBeGreaterThan(3)
    expect(Object.fromEntries(Object.values(held).map(({ id, version }) => [id, version]))).toEqual(
      Object.fromEntries(rows.map(({ id, version }) => [id, version])),
    )
  }

  const numbers = async (text: string) =>
    (await server.database.owner.query<{ n: number }>(text, [site])).rows.map(({ n }) => n)
  const all = Array.from({ length: writers * writes }, (_, n) => n + 1)
  expect(await numbers('SELECT seq::int AS n FROM sync_receipts WHERE feed_id = $1 ORDER BY 1')).toEqual(all)
  expect(await numbers('SELECT position::int AS n FROM audit_logs WHERE feed_id = $1 ORDER BY 1')).toEqual(
    all,
  )
  expect(await numbers('SELECT seq::int AS n FROM feed_heads WHERE feed_id = $1')).toEqual([all.length])
}, 60_000)
