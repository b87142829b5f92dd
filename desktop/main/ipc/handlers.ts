import { AppError } from '#common/contract/errors'
import type { ExportFormat } from '#common/contract/exports'
import type { Answer, Request, RequestName } from '#desktop/bridge/channels'
import type { LocalExports } from '../spreadsheet/local-exports.ts'
import { readArchive, writeArchive } from '../outbox/archive.ts'
import type { ProviderSignIn } from '../session/provider-sign-in.ts'
import type { Session } from '../session/session.ts'
import { accountHandlers } from './account.ts'
import { auditHandlers } from './audit.ts'
import { deviceHandlers } from './devices.ts'
import { exportHandlers } from './export.ts'
import { fieldHandlers } from './field.ts'
import { fieldServerHandlers } from './field-server.ts'
import { type Importing, importHandlers } from './import.ts'
import { peopleHandlers } from './people.ts'
import { planServerHandlers } from './plans-server.ts'
import { reportServerHandlers } from './reports-server.ts'
import { noticeHandlers } from './system-notices.ts'
import { recordKeeping } from './record-keeping.ts'
import { teamHandlers } from './teams.ts'
import { tenantHandlers } from './tenants.ts'
import type { Updates } from '../updates/updates.ts'

export type Handlers = { [N in RequestName]: (request: Request<N>) => Promise<Answer<N>> }

/** What is about this computer, whoever is signed in. */
type OfTheComputer = Extract<RequestName, `policy.${string}` | `support.${string}` | `proxy.${string}`>

/** Where the person lets the app write a file or read one; they may change their mind. */
export interface Files {
  /** False when nothing was chosen. Throws an AppError that says what is wrong with the place. */
  save(suggestedName: string, content: Uint8Array): Promise<boolean>
  /** Null when nothing was chosen. */
  open(): Promise<Buffer | null>
  /** Where a spreadsheet is to be written; null when nothing was chosen. */
  chooseSpreadsheet(suggestedName: string, format: ExportFormat): Promise<string | null>
  /** A file with a table; null when nothing was chosen. */
  chooseTable(): Promise<string | null>
  /** Shows a file in its folder. */
  show(path: string): void
}

const longestPreference = 100_000

const done = (work: Promise<void>) => work.then(() => ({}))

/** What the app does for each request of the window. */
export function createHandlers(
  session: Session,
  provider: ProviderSignIn,
  files: Files,
  closeWindow: () => void,
  exports: LocalExports,
  imports: Importing,
  updates: Updates,
): Omit<Handlers, OfTheComputer> {
  const store = () => session.workspace().store
  const userId = () => session.state().user!.id
  /** Carries an edit out, and lets the window and the sync know. */
  const edit = async <T>(siteId: string | null, work: () => Promise<T>): Promise<T> => {
    const workspace = session.workspace()
    const result = await work()
    // The window gets its answer before what others are told makes it draw.
    setImmediate(() => void workspace.edited(siteId))
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
    'session.provider': (request) => provider.offered(request),
    'session.signInWithProvider': (request) => provider.signIn(request),
    'session.cancelProvider': () => {
      provider.cancel()
      return Promise.resolve({})
    },
    'session.signOut': (request) => session.signOut(request),
    'session.chooseSite': (request) => session.chooseSite(request),
    'session.retryStorage': (request) => session.retryStorage(request),

    'finder.query': async (query) => store().page(query),
    'finder.count': async (match) => ({ found: await store().found(match) }),
    'finder.ids': async (match) => ({ ids: await store().ids(match) }),
    'lookups.read': async ({ siteId }) => store().lookups(siteId),
    'interaction.read': async ({ id }) => ({ interaction: await store().read(id) }),
    'interaction.save': (request) =>
      edit(request.siteId, async () => ({ interaction: await store().save(request) })),
    'interaction.delete': async ({ id }) => {
      const shown = await store().read(id)
      return edit(shown?.siteId ?? null, () => store().delete(id)).then(() => ({}))
    },

    'interaction.sameTitle': async (request) => ({ interactions: await store().sameTitle(request) }),

    'bulk.plan': async (request) => store().planBulk(request),
    'bulk.apply': (request) => edit(request.siteId, () => store().applyBulk(request)),
    ...accountHandlers(session),
    ...auditHandlers(session, files),
    ...deviceHandlers(session),
    ...recordKeeping(session),
    ...peopleHandlers(session, files),
    ...teamHandlers(session),
    ...fieldHandlers(session),
    ...fieldServerHandlers(session, files, imports.startProcess),
    ...planServerHandlers(session, files),
    ...reportServerHandlers(session),
    ...noticeHandlers(session),
    ...tenantHandlers(session),
    ...exportHandlers(exports),
    ...importHandlers(session, files, imports),

    'draft.read': async ({ siteId, id }) => ({ draft: await store().draft(siteId, id) }),
    'draft.keep': ({ siteId, id, draft }) => done(store().keepDraft(siteId, id, draft)),
    'draft.drop': ({ siteId, id }) => done(store().dropDraft(siteId, id)),

    'views.list': async ({ siteId }) => ({ views: await session.workspace().views.list(siteId) }),
    'views.save': async (request) => ({ view: await session.workspace().views.save(request) }),
    'views.delete': (request) => done(session.workspace().views.delete(request)),

    'preferences.read': async () => ({ preferences: await store().preferences() }),
    'preferences.write': async ({ name, value }) => {
      if (value !== undefined && JSON.stringify(value).length > longestPreference)
        throw new AppError('VALIDATION_ERROR', 'This is too much to remember.')
      return done(store().writePreference(name, value))
    },

    'updates.read': () => Promise.resolve(updates.state()),
    'updates.check': () => {
      void updates.check()
      return Promise.resolve(updates.state())
    },
    'updates.restart': () => {
      updates.restart()
      return Promise.resolve({})
    },

    'window.close': () => {
      closeWindow()
      return Promise.resolve({})
    },

    'sync.status': () => Promise.resolve(session.status()),
    'sync.now': () => {
      session.workspace().wake({ insist: true })
      return Promise.resolve({})
    },
    'sync.queue': async () => ({ items: await store().queueItems() }),
    'sync.past': async ({ limit }) => {
      const items = await store().past(limit + 1)
      return { items: items.slice(0, limit), more: items.length > limit }
    },
    'sync.export': async ({ passphrase }) => {
      const edits = await store().unsent()
      if (edits.length === 0)
        throw new AppError('VALIDATION_ERROR', 'There is nothing to export: all is sent.')
      const content = await writeArchive({ userId: userId(), edits }, passphrase)
      const count = edits.filter(({ acknowledged }) => !acknowledged).length
      return { saved: await files.save('Fieldbook unsent work.fieldbook', content), count }
    },
    'sync.import': async ({ passphrase }) => {
      const content = await files.open()
      if (!content) return { read: false, imported: 0, known: 0 }
      const archive = await readArchive(content, passphrase)
      if (archive.userId !== userId()) {
        const message = 'Is the work of somebody else; only they can import it, signed in as themselves'
        throw new AppError('VALIDATION_ERROR', 'The file cannot be taken in.', {
          details: [{ field: 'file', message }],
        })
      }
      const taken = await edit(null, () => store().takeIn(archive.edits))
      return { read: true, ...taken }
    },
    'sync.retry': ({ mutationId }) => amend(mutationId, () => store().retry(mutationId)),
    'sync.discard': ({ mutationId }) => amend(mutationId, () => store().discard(mutationId)),
    'sync.resolve': ({ mutationId, fields }) => amend(mutationId, () => store().resolve(mutationId, fields)),
  }
}
