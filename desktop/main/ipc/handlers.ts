import type { Answer, Request, RequestName } from '#desktop/bridge/channels'
import type { Session } from '../session/session.ts'

export type Handlers = { [N in RequestName]: (request: Request<N>) => Promise<Answer<N>> }

/** What the app does for each request of the window. */
export function createHandlers(session: Session): Handlers {
  const store = () => session.workspace().store
  /** Carries an edit out, and lets the window and the sync know. */
  const edit = async <T>(siteId: string | null, work: () => Promise<T>): Promise<T> => {
    const workspace = session.workspace()
    const result = await work()
    await workspace.edited(siteId)
    return result
  }
  /** As `edit`, for a change to something in the queue; its record may be in any site. */
  const amend = async (mutationId: string, work: () => Promise<void>) => {
    const item = (await store().queueItems()).find((candidate) => candidate.mutationId === mutationId)
    return edit(item?.siteId ?? null, work).then(() => ({}))
  }

  return {
    'session.get': () => Promise.resolve(session.state()),
    'session.signIn': (request) => session.signIn(request),
    'session.signOut': (request) => session.signOut(request),
    'session.chooseSite': (request) => session.chooseSite(request),
    'session.retryStorage': (request) => session.retryStorage(request),

    'finder.query': async (query) => store().page(query),
    'lookups.read': async ({ siteId }) => store().lookups(siteId),
    'interaction.read': async ({ id }) => ({ interaction: await store().read(id) }),
    'interaction.save': (request) =>
      edit(request.siteId, async () => ({ interaction: await store().save(request) })),
    'interaction.delete': async ({ id }) => {
      const shown = await store().read(id)
      return edit(shown?.siteId ?? null, () => store().delete(id)).then(() => ({}))
    },

    'sync.status': () => Promise.resolve(session.status()),
    'sync.now': () => {
      session.workspace().wake({ insist: true })
      return Promise.resolve({})
    },
    'sync.queue': async () => ({ items: await store().queueItems() }),
    'sync.retry': ({ mutationId }) => amend(mutationId, () => store().retry(mutationId)),
    'sync.discard': ({ mutationId }) => amend(mutationId, () => store().discard(mutationId)),
    'sync.resolve': ({ mutationId, fields }) => amend(mutationId, () => store().resolve(mutationId, fields)),
  }
}
