import { writeSync } from 'node:fs'
import type { SignedIn } from '#common/contract/auth'
import { filled } from '#desktop/main/test/device'
import { testKey } from '#desktop/main/test/folder'
import { Headless, keeper } from './headless.ts'

/**
 * A device that syncs for the first time, and says what comes in. Once the first page is here it is worked with: the
 * list, a search, a new record.
 *
 *     node first-sync-process.ts <server> <folder> < session.json
 */

const [server, folder] = process.argv.slice(2) as [string, string]
const tell = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`)
const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const session = JSON.parse(String(Buffer.concat(chunks))) as SignedIn
const start = performance.now()
const since = () => Math.round(performance.now() - start)

const device = new Headless({
  server,
  place: { folder, key: testKey },
  timeout: 60_000,
  tokens: keeper(session),
  onPage: (firstSync) => tell({ at: since(), firstSync }),
})
const { local } = device
const storePage = local.storePage.bind(local)
let isFirst = true
local.storePage = (page, cursor) => {
  const records = page.changes.flatMap(({ entity, record }) => (entity === 'interaction' ? [record] : []))
  tell({ fetched: records.map(({ id, siteId, startDateTime }) => [id, siteId, startDateTime]) })
  const stored = storePage(page, cursor)
  if (isFirst) {
    isFirst = false
    useIt()
  }
  return stored
}

function useIt() {
  const siteId = local.meta().profile!.sites[0]!.id
  const asked = { siteId, sort: [], offset: 0, limit: 50 }
  const { rows } = local.page({ ...asked, filter: {} })
  const found = local.page({ ...asked, filter: { search: rows[0]?.title ?? '' } })
  const saved = local.save({ siteId, opened: null, fields: { ...filled, title: 'Meanwhile' } })
  tell({ usable: since(), rows: rows.length, found: found.rows.length, saved: saved.id })
}

device.client.accept(session)
await device.engine.cycle()
tell({
  done: since(),
  peak: Math.round(process.resourceUsage().maxRSS / 1024),
  waiting: local.counts().waiting,
})
await device.close()
process.exit()
