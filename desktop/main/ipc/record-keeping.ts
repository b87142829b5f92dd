import { AppError } from '#common/contract/errors'
import type { HistoryEntry, Refusal } from '#common/contract/record-keeping'
import type { Answer, Request } from '#desktop/bridge/channels'
import { NetworkError, PasswordChangeNeeded, ServerError, SignInNeeded } from '../api/failures.ts'
import type { Session } from '../session/session.ts'
import type { Workspace } from '../session/workspace.ts'
import type { LocalHistoryEntry } from '../store/local-store.ts'
import type { Handlers } from './handlers.ts'

/** What the server alone can do, or knows better than this device. */

export const inSite = (siteId: string) => ({ 'x-site-id': siteId })

type Names =
  | 'interaction.history'
  | 'bulk.undo'
  | 'deleted.list'
  | 'deleted.restore'
  | 'types.list'
  | 'types.add'
  | 'types.update'
  | 'types.delete'
  | 'site.settings'
  | 'tenant.settings'
  | 'tenant.changeSettings'

const deletedRecords = 'Deleted interactions are kept on the server only.'
const types = 'The list of types is kept on the server.'
const organisation = 'The settings of the organisation are kept on the server.'
const settings = 'The settings of a site are kept on the server.'

/** Asks the server; `why` says, when it cannot be reached, what it is needed for. */
export async function askServer<T>(why: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    throw new AppError('SERVICE_UNAVAILABLE', `${why} ${error.message}`)
  }
}

/** As `askServer`, for a change: what it brings is fetched at once. */
export async function changeOnServer<T>(session: Session, why: string, work: () => Promise<T>): Promise<T> {
  const workspace = session.workspace()
  const answer = await askServer(why, work)
  workspace.wake({ insist: true })
  return answer
}

export function recordKeeping(session: Session): Pick<Handlers, Names> {
  const client = () => session.client()
  const change = (why: string, work: () => Promise<unknown>) =>
    changeOnServer(session, why, work).then(() => ({}))

  return {
    'interaction.history': (request) => readHistory(session, request),
    'bulk.undo': async ({ bulkId }) => {
      const workspace = session.workspace()
      const { siteId, done, refused, restore } = await workspace.store.undoBulk(bulkId)
      await workspace.edited(siteId)
      const restored = await restoreAll(workspace, restore)
      workspace.wake()
      return { done: done + restored.done, refused: [...refused, ...restored.refused] }
    },
    'deleted.list': async ({ siteId, search, page }) => {
      const query = { page, ...(search && { search }) }
      const answer = await askServer(deletedRecords, () =>
        client().call('listDeleted', { headers: inSite(siteId), query }),
      )
      return { interactions: answer.interactions, total: answer.total, pageSize: answer.pageSize }
    },
    'deleted.restore': ({ siteId, id }) =>
      change(deletedRecords, () =>
        client().call('restoreInteraction', { params: { id }, headers: inSite(siteId) }),
      ),
    'types.list': () => askServer(types, () => client().call('listTypes', {})),
    'types.add': (body) => change(types, () => client().call('addType', { body })),
    'types.update': ({ id, ...body }) =>
      change(types, () => client().call('updateType', { params: { id }, body })),
    'types.delete': ({ id }) => change(types, () => client().call('deleteType', { params: { id } })),
    'tenant.settings': () => askServer(organisation, () => client().call('readTenantSettings', {})),
    'tenant.changeSettings': ({ settings: body }) =>
      changeOnServer(session, organisation, async () => {
        const { settings } = await client().call('changeTenantSettings', { body })
        return { settings }
      }),
    'site.settings': ({ siteId, settings: body }) =>
      change(settings, () => client().call('changeSiteSettings', { params: { id: siteId }, body })),
  }
}

/** Nobody to ask for now, or nobody who lets us. */
const isOutOfReach = (error: unknown) =>
  error instanceof NetworkError ||
  error instanceof SignInNeeded ||
  error instanceof PasswordChangeNeeded ||
  (error instanceof ServerError && (error.status >= 500 || error.status === 429))

/** The server's word, below it what waits here; without the server, what was done on this device. */
async function readHistory(
  session: Session,
  { id, before }: Request<'interaction.history'>,
): Promise<Answer<'interaction.history'>> {
  const { store, client } = session.workspace()
  const { siteId, unsent, sent } = await store.history(id)
  const named = ({ isOwnDevice, ...entry }: LocalHistoryEntry): HistoryEntry => ({
    ...entry,
    device: isOwnDevice ? session.deviceName : null,
  })
  const site = siteId ?? session.state().siteId
  try {
    const query = before === null ? {} : { before }
    const headers = site === null ? {} : inSite(site)
    const { entries, hasMore } = await client.call('readHistory', { params: { id }, headers, query })
    const onTop = before === null ? unsent.map(named) : []
    return { entries: [...onTop, ...entries], hasMore, complete: true }
  } catch (error) {
    // What was made here the server may not know yet.
    const isNew = error instanceof ServerError && error.status === 404 && unsent.length > 0
    if (!isNew && !isOutOfReach(error)) throw error
    const entries = before === null ? [...unsent, ...sent].map(named) : []
    return { entries, hasMore: false, complete: isNew }
  }
}

/** One by one; when the server cannot go on, the rest is left for another time. */
async function restoreAll(
  workspace: Workspace,
  records: readonly { id: string; siteId: string; title: string | null }[],
): Promise<{ done: number; refused: Refusal[] }> {
  const refused: Refusal[] = []
  let broken: string | null = null
  for (const { id, siteId, title } of records) {
    if (broken === null) {
      try {
        await patiently(workspace, () =>
          workspace.client.call('restoreInteraction', { params: { id }, headers: inSite(siteId) }),
        )
        continue
      } catch (error) {
        const { message } = error as Error
        if (isOutOfReach(error)) broken = `Its deletion is on the server already. ${message}`
        else if (error instanceof ServerError) refused.push({ id, title, reason: message })
        else throw error
      }
    }
    if (broken !== null) refused.push({ id, title, reason: broken })
  }
  return { done: records.length - refused.length, refused }
}

/** Waits where the server asks for a pause. */
export async function patiently<T>(workspace: Workspace, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof ServerError && error.status === 429 && error.retryAfter !== undefined))
        throw error
      await workspace.pause(error.retryAfter)
    }
  }
}
