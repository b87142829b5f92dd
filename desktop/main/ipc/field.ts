import type { Answer, Request } from '#desktop/bridge/channels'
import type { Session } from '../session/session.ts'
import type { Handlers } from './handlers.ts'

type Names =
  | 'shops.find'
  | 'field.lookups'
  | `visits.${'mine' | 'open' | 'start' | 'edit' | 'upgrade' | 'complete' | 'cancel'}`
  | `photos.${'add' | 'look' | 'remove' | 'mark' | 'retry'}`
  | `today.${'read' | 'explain'}`

/** Field work on this device: nothing here waits for the network. */
export function fieldHandlers(session: Session): Pick<Handlers, Names> {
  const store = () => session.workspace().store
  /** Saves something, and lets the window and the sync know. `siteOf` says of what it gives where that was. */
  const saved = async <T>(work: () => Promise<T>, siteOf: (result: T) => string | null): Promise<T> => {
    const workspace = session.workspace()
    const result = await work()
    // The window gets its answer before what others are told makes it draw.
    setImmediate(() => void workspace.edited(siteOf(result)))
    return result
  }
  const done = async (work: () => Promise<string | null>) => {
    await saved(work, (siteId) => siteId)
    return {}
  }

  return {
    'shops.find': async (request) => store().findShops(request),
    'field.lookups': async () => store().fieldLookups(),
    'visits.mine': async (request) => store().myVisits(request),
    'visits.open': async ({ id }) => ({ open: await store().openVisit(id) }),
    'visits.start': async (request: Request<'visits.start'>): Promise<Answer<'visits.start'>> => ({
      id: await saved(
        () => store().startVisit(request),
        () => request.siteId,
      ),
    }),
    'visits.edit': (request) => done(() => store().editVisit(request)),
    'visits.upgrade': (request) => done(() => store().upgradeVisit(request)),
    'visits.complete': ({ id }) => done(() => store().completeVisit(id)),
    'visits.cancel': ({ id }) => done(() => store().cancelVisit(id)),
    'photos.add': async (request) => {
      const { id } = await saved(
        () => store().addPhoto(request),
        ({ siteId }) => siteId,
      )
      return { id }
    },
    'photos.look': async ({ bytes }) => store().lookAtPicture(bytes),
    'photos.remove': ({ id }) =>
      done(async () => {
        const siteId = await store().removePhoto(id)
        await store().tidyPhotos()
        return siteId
      }),
    'photos.mark': (request) => done(() => store().markPhoto(request)),
    'photos.retry': ({ id }) => done(() => store().retryPhoto(id)),
    'today.read': (request) => store().readToday(request),
    'today.explain': (request) => done(() => store().explainMiss(request)),
  }
}
