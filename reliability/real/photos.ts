import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SignedIn } from '#common/contract/auth'
import { jpegOfSize } from '#common/rules/test/pictures'
import { Random } from '#desktop/main/test/random'
import { fixture } from '#server/test/fixture'
import { numberOf, type Options, type Part } from '../part.ts'
import { CountingLine, type Cut } from './counting-line.ts'
import { compiled, generous, preloads, signIn, startServer } from './server-process.ts'
import { createWorld, type World } from './world.ts'

/**
 * A device sends many photos while the line is cut, answers are lost, and the server and the app are killed: each
 * photo is on the server once and to the last byte, and hardly a byte was sent twice.
 */

export interface PhotoOrder {
  server: string
  folder: string
  photos: number
  visits: number
  size: number
  seed: number
  isNew: boolean
}

export interface PhotosTold {
  /** The id of photo `n`. */
  made?: string
  n?: number
  ready?: true
  fault?: string
  done?: { waiting: number; needsAttention: number }
}

/** Of photo `n`: its bytes, and which of the many of this size. All sizes differ a little. */
export const wishOf = ({ size, seed }: Pick<PhotoOrder, 'size' | 'seed'>, n: number) =>
  [size - n, seed * 1000 + n] as const

/** Of what photos hold, at most so much may be sent twice. */
const mostTwice = 0.05
const kinds = ['line', 'answer', 'line', 'server', 'line', 'app'] as const satisfies Cut['kind'][]

/** `--count` photos of `--size` bytes, `--cuts` while they are sent. */
export async function run(options: Options): Promise<Part> {
  const photos = numberOf(options, 'count', 100)
  const size = numberOf(options, 'size', 5_000_000)
  const cuts = numberOf(options, 'cuts', 20)
  const seed = numberOf(options, 'seed', 1)
  const random = new Random(seed)
  const world = await createWorld(options, fixture)
  await world.rows(`INSERT INTO user_roles (tenant_id, user_id, role)
    SELECT tenant_id, id, 'agent' FROM users WHERE username = 'editor'`)
  const settings = {
    ...generous,
    DATABASE_URL: world.url,
    DATA_DIR: world.folder,
    JWT_PRIVATE_KEY: world.key,
    ACCESS_TOKEN_TTL: '3600',
  }
  let server = (await startServer(settings))!
  const session = await signIn(server.url, 'editor')
  const folder = join(world.folder, 'device')
  await mkdir(folder)
  const order: PhotoOrder = { server: '', folder, photos, visits: 5, size, seed, isNew: true }
  const whole = Array.from({ length: photos }, (_, n) => wishOf(order, n)[0]).reduce((a, b) => a + b, 0)

  /** What has begun at a cut and is to end before the next life. */
  let mending: Promise<void> = Promise.resolve()
  const line = await CountingLine.open([], ({ kind }) => {
    if (kind === 'app') life?.kill('SIGKILL')
    if (kind !== 'server') return
    line.target = null
    mending = server.kill().then(async () => {
      server = (await startServer(settings))!
      line.target = server.url
    })
  })
  let life: ReturnType<typeof startLife> | null = null
  const ids: string[] = []
  const wrong: string[] = []
  let done: PhotosTold['done']
  let lives = 0
  let before = 0
  let sending = 0
  try {
    line.target = server.url
    while (!done && lives < cuts + 2) {
      const child = startLife({ ...order, server: line.url, isNew: lives++ === 0 }, session)
      life = child
      const ended = once(child, 'exit')
      for await (const text of createInterface({ input: child.stdout })) {
        const told = JSON.parse(text) as PhotosTold
        if (told.made) ids.push(told.made)
        if (told.fault) wrong.push(`A fault on the device: ${told.fault}`)
        if (told.done) done = told.done
        if (!told.ready || sending > 0) continue
        sending = Date.now()
        before = line.sent
        // In every stretch of the way one, anywhere.
        for (let n = 0; n < cuts; n++)
          line.cuts.push({
            at: before + Math.floor(((n + random.next()) / cuts) * whole),
            kind: kinds[n % kinds.length]!,
          })
      }
      const [code, signal] = (await ended) as [number | null, string | null]
      if (code !== 0 && signal !== 'SIGKILL') throw new Error(`The device ended with ${code ?? signal}`)
      await mending
    }
    const seconds = (Date.now() - sending) / 1000
    const twice = (line.sent - before) / whole - 1
    if (!done) wrong.push('It never came to an end')
    else if (done.waiting + done.needsAttention > 0) wrong.push(`Left over: ${JSON.stringify(done)}`)
    if (line.made.length !== cuts) wrong.push(`${line.made.length} cuts were made, not ${cuts}`)
    if (twice > mostTwice) wrong.push(`${percent(twice)} of the bytes were sent twice`)
    const found = await check(world, server.url, order, ids, wrong)
    const replay = `npm run test:sync -- photos --count=${photos} --size=${size} --cuts=${cuts} --seed=${seed}`
    const made = (kind: Cut['kind']) => line.made.filter((cut) => cut.kind === kind).length
    return {
      name: 'photos',
      figures: {
        photos,
        'MB in all': Math.round(whole / 1e6),
        'cuts of the line': made('line'),
        'answers lost': made('answer'),
        'server killed': made('server'),
        'app killed': made('app'),
        'sent twice, with all that is said around it': percent(twice),
        ...found,
        'MB a second': Math.round((10 * whole) / 1e6 / seconds) / 10,
      },
      failures: wrong.map((what) => ({ what, replay })),
    }
  } finally {
    life?.kill('SIGKILL')
    await mending
    await line.close()
    await server.kill()
    await world.close()
  }
}

const percent = (part: number) => `${(100 * part).toFixed(2)} %`

function startLife(order: PhotoOrder, session: SignedIn) {
  const script = join(import.meta.dirname, 'photos-process.ts')
  const child = spawn(process.execPath, [...preloads, script], {
    env: { ...process.env, ...compiled },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => {}).end(JSON.stringify({ ...order, session }))
  return child
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What the server has, in its database, in its store and in what it hands out. */
async function check(
  { rows, folder }: World,
  url: string,
  order: PhotoOrder,
  ids: readonly string[],
  wrong: string[],
): Promise<{ missing: number; doubled: number }> {
  const { token } = await signIn(url, 'admin')
  let missing = 0
  for (const [n, id] of ids.entries()) {
    const answer = await fetch(`${url}/api/v1/photos/${id}/content`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const bytes = new Uint8Array(await answer.arrayBuffer())
    if (answer.ok && sha256(bytes) === sha256(jpegOfSize(...wishOf(order, n)))) continue
    missing++
    wrong.push(`Photo ${n} (${id}) is not what was sent: ${answer.status}, ${bytes.length} bytes`)
  }
  if (ids.length !== order.photos) wrong.push(`${ids.length} photos were made, not ${order.photos}`)
  const [held] = await rows<{ photos: number; stored: number; parts: number }>(
    `SELECT (SELECT count(*)::int FROM photos) AS photos,
       (SELECT count(*)::int FROM pictures WHERE stored_at IS NOT NULL) AS stored,
       (SELECT count(*)::int FROM picture_parts) AS parts`,
  )
  const stored = await readdir(join(folder, 'photos'), { recursive: true })
  const files = stored.filter((name) => name.endsWith('.blob') && !name.endsWith('-thumbnail.blob'))
  const doubled = Math.max(held!.photos, held!.stored, files.length) - order.photos
  if (doubled !== 0) wrong.push(`In the store ${files.length}, in the database ${JSON.stringify(held)}`)
  if (held!.parts > 0) wrong.push(`${held!.parts} pieces were left behind`)
  return { missing, doubled }
}
