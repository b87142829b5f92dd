import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bridge } from '#desktop/bridge/channels'
import { Device } from '#desktop/e2e/support/device'
import { filled } from '#desktop/main/test/device'
import { Random } from '#desktop/main/test/random'
import { fixture } from '#server/test/fixture'
import { doubledEffects } from './ledger.ts'
import { generous, startServer } from './server-process.ts'
import { createWorld } from './world.ts'

/**
 * What `kill-app` does where there is a screen: saves as fast as the app takes it, kills it in the middle, starts it
 * again, and looks at the end for everything the window was told is saved.
 *
 *     node kill-app-journey.ts <kills> <seed> <file for the result>
 */

/** What the functions find that run in the window. */
interface InWindow {
  fieldbook: Bridge
  saved(id: string): void
  working: boolean
}

const [kills, seed, result] = process.argv.slice(2) as [string, string, string]
const random = new Random(Number(seed))
const world = await createWorld({}, fixture)
const server = (await startServer({
  ...generous,
  DATABASE_URL: world.url,
  DATA_DIR: world.folder,
  JWT_PRIVATE_KEY: world.key,
}))!
const device = await Device.create(server.url)
const saved = new Set<string>()
const counts = { main: 0, storage: 0 }
let titles = 0

async function until(condition: () => boolean | Promise<boolean>) {
  while (!(await condition())) await delay(20)
}

async function open(isFirst: boolean) {
  const page = await device.start()
  if (isFirst) await device.signIn('editor', 'Marketing')
  await page.exposeFunction('saved', (id: string) => void saved.add(id))
  await until(() =>
    page.evaluate(async () => {
      const { fieldbook } = globalThis as unknown as InWindow
      const session = await fieldbook.ask('session.get', {})
      return session.ok && session.value.phase === 'signed-in' && session.value.siteId !== null
    }),
  )
}

/** Saves one record after the other, in the window, until it is told to stop; a save that fails is tried again. */
const startWork = async () => {
  const first = (titles += 10_000)
  await device.page.evaluate(
    ([fields, number]) => {
      const here = globalThis as unknown as InWindow
      here.working = true
      void (async () => {
        const session = await here.fieldbook.ask('session.get', {})
        const siteId = session.ok && session.value.siteId
        if (!siteId) throw new Error('No site is open')
        for (let n = number; here.working; n++) {
          const save = {
            siteId,
            opened: null,
            fields: { ...fields, title: `token ${n}` },
          }
          // Refused while the storage process, killed, starts again.
          const answer = await here.fieldbook.ask('interaction.save', save)
          if (answer.ok) here.saved(answer.value.interaction.id)
          // Faster than anybody types, and not all the machine can do.
          await new Promise((done) => setTimeout(done, 15))
        }
      })()
    },
    [filled, first] as const,
  )
}

async function killStorage() {
  const pid = await device.app.evaluate(
    ({ app }) => app.getAppMetrics().find(({ serviceName }) => serviceName === 'node.mojom.NodeService')?.pid,
  )
  if (!pid) throw new Error('The storage process is not to be found')
  process.kill(pid, 'SIGKILL')
  counts.storage++
  // It works again.
  const before = saved.size
  await until(() => saved.size >= before + 3)
}

try {
  await open(true)
  for (let n = 0; n < Number(kills); n++) {
    await startWork()
    const before = saved.size
    await until(() => saved.size > before)
    await delay(random.below(500))
    if (n % 2) {
      await killStorage()
      await device.page.evaluate(() => {
        const here = globalThis as unknown as InWindow
        here.working = false
      })
    } else {
      await device.kill()
      counts.main++
      await open(false)
    }
  }
  const wrong = await check()
  const figures = {
    'kills of the main process': counts.main,
    'kills of the storage process': counts.storage,
    'records saved': saved.size,
    'broken promises': wrong.length,
  }
  writeFileSync(result, JSON.stringify({ figures, wrong }))
} finally {
  await device.dispose()
  await server.kill()
  await world.close()
}
process.exit()

async function check(): Promise<string[]> {
  await until(() =>
    device.page.evaluate(async () => {
      const { fieldbook } = globalThis as unknown as InWindow
      const status = await fieldbook.ask('sync.status', {})
      return status.ok && status.value.waiting === 0 && !status.value.working
    }),
  )
  const queue = await device.page.evaluate(() => {
    const { fieldbook } = globalThis as unknown as InWindow
    return fieldbook.ask('sync.queue', {})
  })
  if (!queue.ok) throw new Error(queue.problem.message)
  const held = new Set(queue.value.items.map(({ entityId }) => entityId))
  const there = new Set((await world.rows<{ id: string }>('SELECT id FROM interactions')).map(({ id }) => id))
  const lost = [...saved].filter((id) => there.has(id) === held.has(id))
  return [
    ...lost.map((id) => `${id} was saved and is ${there.has(id) ? 'in two places' : 'nowhere'}`),
    ...(await doubledEffects(world)),
  ]
}
