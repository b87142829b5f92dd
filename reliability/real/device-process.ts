import { readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { testKey } from '#desktop/main/test/folder'
import { Random } from '#desktop/main/test/random'
import { Headless } from './headless.ts'
import { type Saved, savedBy, watchPlans } from './ledger.ts'
import { watchSteps } from './steps.ts'
import { work } from './work.ts'

/**
 * The app without its window as a process of its own, which works through a part of a day and kills itself (`kill -9`)
 * at a boundary it was told. What the person was told is saved it writes to its output, not before the queue has
 * returned; at a quiet end it writes where it stands.
 *
 *     node device-process.ts '{"server": …, "folder": …, "seed": …, "from": …, "steps": …, "kill": …}'
 */

export interface DeviceOrder {
  server: string
  /** Holds the account's files and its refresh token, in `token`. */
  folder: string
  seed: number
  /** The first step of the day that is still to be done. */
  from: number
  steps: number
  /** At the `nth` time it comes to this boundary. */
  kill: { boundary: string; nth: number } | null
}

const order = JSON.parse(process.argv[2]!) as DeviceOrder
const tell = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`)
process.on('disconnect', () => process.exit(1))
process.channel?.unref()
const started = new Set<string>()
let left = order.kill?.nth ?? Infinity

/** The process ends here, if it was told to. */
function boundary(name: string) {
  started.add(name)
  if (name !== order.kill?.boundary || --left > 0) return
  tell({ killed: name })
  process.kill(process.pid, 'SIGKILL')
}

const fetchBetween: typeof fetch = async (input, init) => {
  const { pathname } = new URL(input instanceof Request ? input.url : input)
  boundary(`${pathname} before`)
  const answer = await fetch(input, init)
  const body = await answer.text()
  boundary(`${pathname} after`)
  return new Response(body, answer)
}

const saved: Saved[] = []
watchPlans((_, { add }) => saved.push(...savedBy(add)))
watchSteps((step, side) => boundary(`${step} ${side}`))

const tokenFile = join(order.folder, 'token')
const device = new Headless({
  server: order.server,
  place: { folder: order.folder, key: testKey },
  timeout: 10_000,
  haste: 50,
  fetch: fetchBetween,
  tokens: {
    refreshToken: () => readFileSync(tokenFile, 'utf8'),
    keep: (token) => {
      writeFileSync(`${tokenFile}.new`, token)
      renameSync(`${tokenFile}.new`, tokenFile)
    },
  },
})

const until = async (condition: () => boolean) => {
  while (!condition()) await delay(2)
}
const isQuiet = () => device.local.counts().waiting === 0
/** Everything sent, and what the server has, here. */
async function settled() {
  await until(isQuiet)
  const before = device.timesCurrent
  device.pacer.wake()
  await until(() => device.timesCurrent > before && isQuiet())
}

device.pacer.start()
await until(() => device.timesCurrent > 0)
for (let step = order.from; step < order.from + order.steps; step++) {
  const random = new Random(order.seed * 10_007 + step)
  const siteIds = device.local.meta().profile!.sites.map(({ id }) => id)
  const number = String(order.seed * 100_000 + step).padStart(12, '0')
  const name = `token ${order.seed}-${step}`
  work(device.local, random, siteIds, name, `0192f000-0000-7000-8000-${number}`)
  boundary('saved, not yet told')
  tell({ step, saved: saved.splice(0) })
  device.pacer.wake()
  await delay(random.below(12))
}
await settled()
const { local } = device
const { profile, deviceId } = local.meta()
const siteIds = profile!.sites.map(({ id }) => id)
const standing = {
  deviceId,
  userId: profile!.id,
  siteIds,
  rows: siteIds.flatMap((id) => device.rows(id)),
  items: local.queueItems(),
  removed: local.past(2000).flatMap(({ mutationId, outcome }) => (outcome === 'sent' ? [] : [mutationId])),
}
await device.close()
tell({ standing, passed: [...started] })
