import { may } from '#common/rules/permissions'
import { plainFileName } from '#common/spreadsheet/file-name'
import { type Actor, type Scope, scopeOf, system } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createCopyingRepository, type Page } from './copying.repository.ts'
import { createUsersRepository } from './users.repository.ts'
import { assertMay, missing } from './users.service.ts'

export type Copying = ReturnType<typeof createCopying>

/** Of a part, where no index may help to find it. */
const statementSeconds = 20

/**
 * Everything that is kept about a person, as one JSON document that is read and sent part by part, however much it is:
 * what they wrote by name and time, since it belongs to the organisation. No password, code or token is in it.
 */
export const createCopying =
  (transact: Transact, journal: Journal) =>
  async (actor: Actor, id: string): Promise<{ name: string; pieces: AsyncIterable<string> }> => {
    assertMay(may(actor, 'user.copyData', { userId: id }))

    /** At a site, or at none, as the person: what is theirs alone is in it. By the server, also where they belong no more. */
    const read = <T>(
      siteId: string | null,
      work: (copy: ReturnType<typeof createCopyingRepository>) => Promise<T>,
      by: Pick<Scope, 'by'> = {},
    ) =>
      transact(
        { tenantId: actor.tenantId, siteId, userId: id, ...by },
        (tx) => work(createCopyingRepository(tx, id)),
        {
          statementSeconds,
        },
      )
    async function* pages(
      siteId: string | null,
      next: (copy: ReturnType<typeof createCopyingRepository>, after: string | null) => Promise<Page>,
      by: Pick<Scope, 'by'> = {},
    ) {
      let after: string | null = null
      do {
        const at: string | null = after
        const page: Page = await read(siteId, (copy) => next(copy, at), by)
        yield* page.rows
        after = page.after
      } while (after !== null)
    }

    const { user, sites } = await transact(scopeOf(actor), async (tx) => {
      const [user] = await createUsersRepository(tx).find([id])
      if (!user) throw missing()
      const sites = await createCopyingRepository(tx, id).sites()
      await journal.record(tx, actor, {
        action: 'export.person',
        feedId: actor.tenantId,
        entity: 'user',
        entityId: id,
      })
      return { user, sites }
    })
    const ofAll = await read(null, async (copy) => ({
      passwordChangedAt: await copy.passwordChangedAt(),
      teams: await copy.teams(),
      sessions: await copy.sessions(),
      identities: await copy.identities(),
      mails: await copy.mails(),
      codes: await copy.codes(),
      signInFailures: await copy.failures(),
    }))
    const scheduledReports = await read(null, (copy) => copy.scheduledReports(), { by: system })
    const goals = await read(null, (copy) => copy.goals(), { by: system })
    const callCycles = await read(null, (copy) => copy.callCycles(), { by: system })
    const feeds = await read(null, (copy) => copy.feeds())

    async function* atSites(part: 'views' | 'exports' | 'imports') {
      for (const site of sites) yield* await read(site.id, (copy) => copy[part]())
    }
    async function* interactions() {
      for (const site of sites) {
        const withTitles = actor.sites.some((own) => own.id === site.id)
        yield* pages(site.id, (copy, after) => copy.interactions(after, withTitles))
      }
    }
    async function* audit(part: 'deeds' | 'concerning') {
      for (const feed of feeds) yield* pages(null, (copy, after) => copy[part](feed, after))
    }
    const { passwordChangedAt, ...lists } = ofAll
    const seen = actor.sites.map((site) => site.id)
    const pieces = written({
      madeAt: new Date().toISOString(),
      person: { ...user, passwordChangedAt },
      siteNames: sites,
      ...lists,
      scheduledReports,
      goals,
      callCycles,
      missReasons: pages(null, (copy, after) => copy.missReasons(after), { by: system }),
      savedViews: atSites('views'),
      exports: atSites('exports'),
      imports: atSites('imports'),
      interactions: interactions(),
      visits: pages(null, (copy, after) => copy.visits(after, seen), { by: system }),
      photos: pages(null, (copy, after) => copy.photos(after), { by: system }),
      actions: audit('deeds'),
      concerning: audit('concerning'),
    })
    return { name: `${plainFileName('Fieldbook', user.displayName, 'personal data')}.json`, pieces }
  }

/** An object as JSON, a line for each of what a list in it yields. */
async function* written(document: Record<string, unknown>) {
  let before = '{\n'
  for (const [name, value] of Object.entries(document)) {
    yield `${before}${JSON.stringify(name)}: `
    before = ',\n'
    if (!isList(value)) {
      yield JSON.stringify(value, null, 2)
      continue
    }
    let item = '['
    for await (const row of value) {
      yield `${item}\n${JSON.stringify(row)}`
      item = ','
    }
    yield item === '[' ? '[]' : '\n]'
  }
  yield '\n}\n'
}

const isList = (value: unknown): value is AsyncIterable<unknown> | unknown[] =>
  Array.isArray(value) || (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
