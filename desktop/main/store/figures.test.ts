import { expect, it } from 'vitest'
import { alice, filled, siteA } from '../test/device.ts'
import { Computer } from '../test/computer.ts'
import { WebModel } from '../test/web-model.ts'

it('tells how much there is of what, and nothing of what it is', async () => {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'administrator' })
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  web.reachable = false
  await computer.do['interaction.save']({
    siteId: siteA,
    opened: null,
    fields: { ...filled, title: 'Canary title', notes: 'Canary notes' },
  })
  const figures = await computer.session.workspace().store.figures()
  expect(figures).toMatchObject({
    queue: { integrity: 'ok', rows: { outbox: 1 } },
    cache: { integrity: 'ok' },
    edits: [{ entity: 'interaction', op: 'create', state: 'waiting', count: 1 }],
    files: { '.db': { count: 2 } },
  })
  expect(JSON.stringify(figures)).not.toMatch(/canary|alice/i)
})
