import Type, { type Static, type TSchema } from 'typebox'
import { SessionUser } from '#common/contract/auth'
import { ErrorBody, FieldProblem } from '#common/contract/errors'
import { ExportColumn, ExportFormat } from '#common/contract/exports'
import { Import, ImportOptions, ImportProblem, maxImportColumns } from '#common/contract/imports'
import {
  Interaction,
  InteractionFields,
  InteractionFilter,
  type InteractionPatch,
} from '#common/contract/interactions'
import { ManagedType } from '#common/contract/interaction-types'
import { PhotoFields, type PhotoPatch } from '#common/contract/photos'
import { Closed, Instant, Nullable, Text, TimeZone, Uuid } from '#common/contract/primitives'
import {
  BulkChange,
  DeletedInteraction,
  HistoryEntry,
  maxChosen,
  Refusal,
} from '#common/contract/record-keeping'
import { TenantSettings } from '#common/contract/tenants'
import { SiteSettings } from '#common/contract/sites'
import { Conflict, FieldConflict, Resolution } from '#common/contract/sync'
import { SortKey, View, ViewInput } from '#common/contract/views'
import { VisitFields, type VisitPatch } from '#common/contract/visits'
import { accountRequests } from './account.ts'
import { auditRequests } from './audit.ts'
import { deviceRequests } from './devices.ts'
import { peopleRequests } from './people.ts'
import { fieldRequests, PhotoProgress } from './field.ts'
import { planRequests } from './plans.ts'
import { policyRequests } from './policy.ts'
import { reportRequests } from './reports.ts'
import { supportEvents, supportRequests } from './support.ts'
import { noticeRequests, ShownNotices } from './system-notices.ts'
import { teamRequests } from './teams.ts'
import { todayRequests } from './today.ts'
import { Entered, tenantRequests } from './tenants.ts'
import { updateRequests, UpdateState } from './updates.ts'

/**
 * The one typed map of everything the window may ask of the main process, and of everything it is told. Main checks
 * the sender and each request against its schema; nothing outside this map crosses. The window never sees a token,
 * a key, a path or SQL.
 */

/**
 * Where the person stands. `changing-password`: nothing opens or is sent until they have chosen another.
 * `choosing-site`: also for who belongs to none, such as a super admin, who may have entered an organisation. `locked`:
 * there is a kept session, but the server must confirm it again before the data opens. `blocked`: the local data
 * cannot be opened; `blockedBy` says why and the data stays as it is.
 */
export const SessionState = Closed({
  phase: Type.Enum([
    'starting',
    'signed-out',
    'changing-password',
    'choosing-site',
    'signed-in',
    'locked',
    'blocked',
  ]),
  server: Type.String({ description: 'Address of the server, as shown to the person' }),
  /** As they may act now: in an organisation they have entered as an admin of it. */
  user: Nullable(SessionUser),
  siteId: Nullable(Uuid),
  /** The organisation that a super admin acts in. */
  entered: Nullable(Entered),
  /** False where the OS has no keychain: nothing is kept on disk. */
  keepsData: Type.Boolean(),
  /** The password has to be given again before edits can travel; work goes on meanwhile. */
  mustSignIn: Type.Boolean(),
  blockedBy: Nullable(Closed({ message: Type.String(), canSetAside: Type.Boolean() })),
  notice: Nullable(Type.String()),
})
export type SessionState = Static<typeof SessionState>

/**
 * The sync state in the title bar. Counts are edits in the queue, photos the server does not have yet, and `reasons` for
 * visits that were not made, which `waiting` counts too.
 */
export const SyncStatus = Closed({
  online: Type.Boolean(),
  /** The server answers and takes nothing for now, as far as is known: when something was sent last. */
  readOnly: Type.Boolean(),
  waiting: Type.Integer({ minimum: 0 }),
  needsAttention: Type.Integer({ minimum: 0 }),
  reasons: Type.Integer({ minimum: 0 }),
  working: Type.Boolean(),
  /** When the device last had everything; null before the first time. */
  upToDateAt: Nullable(Type.String()),
  /** During a first sync: records stored and records still to come. */
  firstSync: Nullable(Closed({ stored: Type.Integer(), remaining: Type.Integer() })),
})
export type SyncStatus = Static<typeof SyncStatus>

export const FinderQuery = Closed({
  siteId: Uuid,
  filter: InteractionFilter,
  sort: Type.Array(SortKey, { maxItems: 10 }),
  offset: Type.Integer({ minimum: 0 }),
  limit: Type.Integer({ minimum: 1, maximum: 500 }),
})
export type FinderQuery = Static<typeof FinderQuery>

/** A record as the person sees it: the server's copy with what is still in the queue put on top. */
export const LocalInteraction = Closed({
  ...Interaction.properties,
  version: Nullable(Type.Integer({ description: 'null until the server has it' })),
  unsent: Type.Boolean(),
  needsAttention: Type.Boolean(),
})
export type LocalInteraction = Static<typeof LocalInteraction>

export const FinderPage = Closed({
  rows: Type.Array(LocalInteraction),
  /** Rows that match the filter; null where counting takes much longer than the rows did: `finder.count` says it. */
  found: Nullable(Type.Integer({ minimum: 0 })),
  /** All rows of the site. */
  total: Type.Integer({ minimum: 0 }),
})
export type FinderPage = Static<typeof FinderPage>

const queued = {
  mutationId: Uuid,
  entityId: Uuid,
  siteId: Uuid,
  /** Null where the person no longer belongs to it and its name is not known any more. */
  siteName: Nullable(Type.String()),
  /** The server may have it, whatever we have heard: while it waits it cannot be taken back. */
  mayBeSent: Type.Boolean(),
  op: Type.Enum(['create', 'update', 'delete']),
  title: Type.String(),
  savedAt: Type.String(),
  /** `unreadable`: written by a newer version of the app, or damaged; what it changes is not known here. */
  state: Type.Enum(['waiting', 'conflict', 'rejected', 'blocked', 'unreadable']),
  problem: Nullable(Closed({ message: Type.String(), details: Type.Array(FieldProblem) })),
}

/** An edit of an interaction in the queue, as Sync centre shows it. */
export const QueueItem = Closed({
  ...queued,
  entity: Type.Literal('interaction'),
  /** The touched fields, from and to. */
  base: Type.Partial(InteractionFields),
  patch: Type.Partial(InteractionFields),
  conflict: Nullable(Conflict),
})
export type QueueItem = Static<typeof QueueItem>

/** Touched fields, as of `VisitPatch` or `PhotoPatch`. */
const FieldsTouched = Type.Record(Type.String(), Type.Unknown())
const FieldEntity = Type.Enum(['visit', 'photo'])

/** The same of a visit or a photo. */
export const FieldItem = Closed({
  ...queued,
  entity: FieldEntity,
  /** The visit that it is, or that the photo is of. */
  visitId: Uuid,
  base: FieldsTouched,
  patch: FieldsTouched,
  conflict: Nullable(FieldConflict),
})
export type FieldItem = Static<typeof FieldItem>

const over = {
  mutationId: Uuid,
  entityId: Uuid,
  siteId: Uuid,
  op: Type.Enum(['create', 'update', 'delete']),
  title: Type.String(),
  savedAt: Type.String(),
  endedAt: Type.String(),
  outcome: Type.Enum(['sent', 'discarded', 'replaced']),
}

/**
 * An edit that is over, kept to look at. `sent`: the server has it. `discarded`: the person took it back. `replaced`:
 * a later edit took its place, as when a conflict was settled or a refused edit corrected.
 */
export const PastItem = Closed({
  ...over,
  entity: Type.Literal('interaction'),
  base: Type.Partial(InteractionFields),
  patch: Type.Partial(InteractionFields),
  /** The conflict it settled, with the values of both sides; `patch` holds what was decided. */
  resolves: Nullable(Resolution),
})
export type PastItem = Static<typeof PastItem>

/** The same of a visit or a photo. */
export const PastFieldItem = Closed({
  ...over,
  entity: FieldEntity,
  base: FieldsTouched,
  patch: FieldsTouched,
})
export type PastFieldItem = Static<typeof PastFieldItem>

const BulkRequest = Closed({
  siteId: Uuid,
  ids: Type.Array(Uuid, { minItems: 1, maxItems: maxChosen }),
  change: BulkChange,
})

/** What somebody had typed and not saved: the form's own texts, by field. */
export const Draft = Closed({
  /** The record as the form had opened it; null for a new one. */
  opened: Nullable(InteractionFields),
  values: Type.Record(Type.String({ maxLength: 50 }), Text(25_000)),
})
export type Draft = Static<typeof Draft>

/** Of whatever is in conflict; main knows what that is, and holds them against that. */
const anyFields = Type.Partial(
  Closed({
    ...VisitFields.properties,
    ...PhotoFields.properties,
    ...InteractionFields.properties,
    status: Type.Union([InteractionFields.properties.status, VisitFields.properties.status]),
  }),
  { additionalProperties: false },
)

const draftOf = { siteId: Uuid, id: Nullable(Uuid) }

/** A file being written from what this device holds. */
export const LocalExportState = Closed({
  exportId: Uuid,
  state: Type.Enum(['running', 'done', 'cancelled', 'failed']),
  done: Type.Integer({ minimum: 0 }),
  total: Type.Integer({ minimum: 0 }),
  fileName: Type.String(),
  problem: Nullable(Type.String()),
})
export type LocalExportState = Static<typeof LocalExportState>

/** How text is written in a file; `windows-1252` is never assumed, only chosen. */
export const FileEncoding = Type.Enum(['utf-8', 'utf-16', 'windows-1252'])
export type FileEncoding = Static<typeof FileEncoding>

/** A table the person chose, read and held by main under this id; the window sees its head only. */
export const TableFile = Closed({
  fileId: Uuid,
  fileName: Type.String(),
  /** Rows without the headers. */
  rows: Type.Integer({ minimum: 0 }),
  headers: Type.Array(Type.String(), { maxItems: maxImportColumns }),
  sample: Type.Array(Type.Array(Type.String())),
  /** Null for a workbook. */
  encoding: Nullable(FileEncoding),
  /** Of a workbook, and which one this is. */
  sheets: Type.Array(Type.String()),
  sheet: Nullable(Type.String()),
})
export type TableFile = Static<typeof TableFile>

/** A chosen file that is no table as it was read: why, what to do, and the other ways in which it may be read. */
export const UnreadFile = Closed({
  fileId: Uuid,
  fileName: Type.String(),
  message: Type.String(),
  encodings: Type.Array(FileEncoding),
  sheets: Type.Array(Type.String()),
})
export type UnreadFile = Static<typeof UnreadFile>

const ReadFile = Closed({ file: Nullable(TableFile), unread: Nullable(UnreadFile) })

/** An import as the server has it, and while rows travel there how many have; `interrupted` says why they stopped. */
export const ImportProgress = Closed({
  import: Import,
  sending: Type.Boolean(),
  interrupted: Nullable(Type.String()),
})
export type ImportProgress = Static<typeof ImportProgress>

const Passphrase = Type.String({ minLength: 10, maxLength: 200 })
const Id = Closed({ id: Uuid })
const Nothing = Closed({})
const Done = Closed({})

/** Asked by the window, answered by main. */
export const requests = {
  'session.get': { request: Nothing, answer: SessionState },
  'session.signIn': {
    request: Closed({
      server: Type.Optional(Type.String({ maxLength: 500 })),
      username: Text(254),
      password: Text(200),
      keepSignedIn: Type.Boolean(),
    }),
    answer: SessionState,
  },
  /** With unsent work and without `leaveUnsent` nothing happens and `unsent` says how much there is. */
  /** What one can sign in with beside a password, at a server: the name of a provider. */
  'session.provider': {
    request: Closed({ server: Type.Optional(Type.String({ maxLength: 500 })) }),
    answer: Closed({ provider: Nullable(Type.String()) }),
  },
  /** In the system's browser, which may take minutes; `done` is false where it was cancelled. */
  'session.signInWithProvider': {
    request: Closed({
      server: Type.Optional(Type.String({ maxLength: 500 })),
      /** Nobody else is let in. */
      userId: Type.Optional(Uuid),
      keepSignedIn: Type.Boolean(),
    }),
    answer: Closed({ done: Type.Boolean() }),
  },
  'session.cancelProvider': { request: Nothing, answer: Done },
  'session.signOut': {
    request: Closed({ leaveUnsent: Type.Boolean() }),
    answer: Closed({ unsent: Type.Integer(), done: Type.Boolean() }),
  },
  'session.chooseSite': {
    request: Closed({ siteId: Uuid, makeDefault: Type.Boolean() }),
    answer: SessionState,
  },
  /** For `blocked`: try again, or keep the unreadable file under another name and start with an empty one. */
  'session.retryStorage': { request: Closed({ setAside: Type.Boolean() }), answer: SessionState },
  ...accountRequests,
  ...auditRequests,
  ...deviceRequests,
  ...peopleRequests,
  ...teamRequests,
  ...fieldRequests,
  ...todayRequests,
  ...planRequests,
  ...policyRequests,
  ...supportRequests,
  ...reportRequests,
  ...noticeRequests,
  ...tenantRequests,
  ...updateRequests,
  'finder.query': { request: FinderQuery, answer: FinderPage },
  'finder.count': {
    request: Closed({ siteId: Uuid, filter: InteractionFilter }),
    answer: Closed({ found: Type.Integer({ minimum: 0 }) }),
  },
  'interaction.read': { request: Id, answer: Closed({ interaction: Nullable(LocalInteraction) }) },
  /** Answers only after the edit is durably in the queue. Without `id` a new record is made in `siteId`. */
  'interaction.save': {
    request: Closed({
      id: Type.Optional(Uuid),
      siteId: Uuid,
      /** The record as the form opened it; null for a new one. The edit is what differs from it. */
      opened: Nullable(InteractionFields),
      fields: InteractionFields,
    }),
    answer: Closed({ interaction: LocalInteraction }),
  },
  'interaction.delete': { request: Id, answer: Done },
  /** Records of the same title that start on the same day in that zone, other than `id`; at most five. */
  'interaction.sameTitle': {
    request: Closed({
      siteId: Uuid,
      id: Nullable(Uuid),
      title: Text(255),
      startDateTime: Instant,
      timezone: TimeZone,
    }),
    answer: Closed({ interactions: Type.Array(LocalInteraction) }),
  },
  /**
   * The latest first. With the server: everything it knows, and before that what is still in the queue. Without:
   * what this device did, and `complete` is false.
   */
  'interaction.history': {
    request: Closed({ id: Uuid, before: Nullable(Uuid) }),
    answer: Closed({
      entries: Type.Array(HistoryEntry),
      hasMore: Type.Boolean(),
      complete: Type.Boolean(),
    }),
  },

  /** Ids of all that match, in order, up to `maxChosen`. */
  'finder.ids': {
    request: Closed({ siteId: Uuid, filter: InteractionFilter, sort: Type.Array(SortKey, { maxItems: 10 }) }),
    answer: Closed({ ids: Type.Array(Uuid) }),
  },
  /** What `bulk.apply` would do. */
  'bulk.plan': {
    request: BulkRequest,
    answer: Closed({ ready: Type.Integer(), refused: Type.Array(Refusal) }),
  },
  /** Puts an edit of each that allows it into the queue, all in one step. */
  'bulk.apply': {
    request: BulkRequest,
    answer: Closed({ bulkId: Uuid, done: Type.Integer(), refused: Type.Array(Refusal) }),
  },
  /** Takes the latest bulk change back, sparing what was edited since; deletions that were sent need the server. */
  'bulk.undo': {
    request: Closed({ bulkId: Uuid }),
    answer: Closed({ done: Type.Integer(), refused: Type.Array(Refusal) }),
  },

  /** What was typed and not saved when the app ended, in this form; null when there is nothing. */
  'draft.read': {
    request: Closed(draftOf),
    answer: Closed({ draft: Nullable(Closed({ ...Draft.properties, savedAt: Instant })) }),
  },
  'draft.keep': { request: Closed({ ...draftOf, draft: Draft }), answer: Done },
  'draft.drop': { request: Closed(draftOf), answer: Done },

  /** Saved views of the site: one's own and those shared. Also offline, where changes are sent later. */
  'views.list': { request: Closed({ siteId: Uuid }), answer: Closed({ views: Type.Array(View) }) },
  'views.save': {
    request: Closed({ id: Type.Optional(Uuid), siteId: Uuid, view: ViewInput }),
    answer: Closed({ view: View }),
  },
  'views.delete': { request: Closed({ id: Uuid, siteId: Uuid }), answer: Done },

  /** How the person likes this device: column layout, paging … a name and any JSON, kept with their account. */
  'preferences.read': {
    request: Nothing,
    answer: Closed({ preferences: Type.Record(Type.String(), Type.Unknown()) }),
  },
  'preferences.write': {
    request: Closed({ name: Type.String({ minLength: 1, maxLength: 100 }), value: Type.Unknown() }),
    answer: Done,
  },

  /** Asked of the server; SERVICE_UNAVAILABLE without it. */
  'deleted.list': {
    request: Closed({ siteId: Uuid, search: Text(200), page: Type.Integer({ minimum: 1 }) }),
    answer: Closed({
      interactions: Type.Array(DeletedInteraction),
      total: Type.Integer(),
      pageSize: Type.Integer(),
    }),
  },
  'deleted.restore': { request: Closed({ siteId: Uuid, id: Uuid }), answer: Done },
  'types.list': { request: Nothing, answer: Closed({ types: Type.Array(ManagedType) }) },
  'types.add': { request: Closed({ name: Text(50) }), answer: Done },
  'types.update': {
    request: Closed({
      id: Uuid,
      name: Type.Optional(Text(50)),
      position: Type.Optional(Type.Integer({ minimum: 0 })),
      active: Type.Optional(Type.Boolean()),
    }),
    answer: Done,
  },
  'types.delete': { request: Id, answer: Done },
  'tenant.settings': { request: Nothing, answer: Closed({ settings: TenantSettings }) },
  /** Those left out stay as they are. Answers with all of them. */
  'tenant.changeSettings': {
    request: Closed({ settings: TenantSettings }),
    answer: Closed({ settings: TenantSettings }),
  },
  'site.settings': { request: Closed({ siteId: Uuid, settings: SiteSettings }), answer: Done },
  /**
   * Writes what the query finds, or these records of it, to a file the person chooses; from local data, so also
   * offline. Answers once it has begun, null when they changed their mind; `export.changed` tells the rest.
   */
  'export.start': {
    request: Closed({
      siteId: Uuid,
      filter: InteractionFilter,
      sort: Type.Array(SortKey, { maxItems: 10 }),
      ids: Nullable(Type.Array(Uuid, { minItems: 1, maxItems: maxChosen })),
      columns: Type.Array(ExportColumn, { minItems: 1, uniqueItems: true }),
      format: ExportFormat,
    }),
    answer: Closed({ export: Nullable(LocalExportState) }),
  },
  /** Leaves no file behind. */
  'export.cancel': { request: Closed({ exportId: Uuid }), answer: Done },
  /** Shows the file in its folder. */
  'export.show': { request: Closed({ exportId: Uuid }), answer: Done },

  /** Lets the person choose a CSV or XLSX file, and reads it; neither when they changed their mind. */
  'import.open': { request: Closed({ siteId: Uuid }), answer: ReadFile },
  /** The same file again, in another encoding or another of its sheets. */
  'import.reopen': {
    request: Closed({
      fileId: Uuid,
      encoding: Type.Optional(FileEncoding),
      sheet: Type.Optional(Type.String({ maxLength: 255 })),
    }),
    answer: ReadFile,
  },
  /**
   * Sends the rows to the server and has them checked; under `importId` only those that are not there yet, and with
   * other options. Answers once it has begun, `import.changed` tells the rest.
   */
  'import.check': {
    request: Closed({
      siteId: Uuid,
      fileId: Uuid,
      importId: Nullable(Uuid),
      options: ImportOptions,
    }),
    answer: Closed({ progress: ImportProgress }),
  },
  /**
   * Goes on with one whose rows are not all there: lets the person choose its file again, and sends the others; neither
   * when they changed their mind. Another file, or one that was changed since, is refused. Where all rows are there
   * they are checked again, without a file.
   */
  'import.resume': {
    request: Closed({ siteId: Uuid, id: Uuid }),
    answer: Closed({ progress: Nullable(ImportProgress), file: Nullable(TableFile) }),
  },
  /** From here on the server does the work; `import.changed` tells how far it is, while somebody watches. */
  'import.run': { request: Closed({ siteId: Uuid, id: Uuid }), answer: Closed({ progress: ImportProgress }) },
  'import.undo': {
    request: Closed({ siteId: Uuid, id: Uuid }),
    answer: Closed({ progress: ImportProgress }),
  },
  'import.cancel': { request: Closed({ siteId: Uuid, id: Uuid }), answer: Done },
  'import.list': { request: Closed({ siteId: Uuid }), answer: Closed({ imports: Type.Array(Import) }) },
  /** Looks at an import, and tells of it from then on until it stands still. */
  'import.watch': {
    request: Closed({ siteId: Uuid, id: Uuid }),
    answer: Closed({ progress: ImportProgress }),
  },
  'import.problems': {
    request: Closed({ siteId: Uuid, id: Uuid, after: Nullable(Type.Integer()) }),
    answer: Closed({
      problems: Type.Array(ImportProblem),
      total: Type.Integer(),
      hasMore: Type.Boolean(),
    }),
  },
  /** The bad rows as a file; false when the person changed their mind. */
  'import.report': { request: Closed({ siteId: Uuid, id: Uuid }), answer: Closed({ saved: Type.Boolean() }) },
  /** What the form offers to choose from. */
  'lookups.read': {
    request: Closed({ siteId: Uuid }),
    answer: Closed({
      types: Type.Array(Type.String()),
      leads: Type.Array(Type.String()),
      people: Type.Record(Type.String(), Type.String()),
    }),
  },
  /** Closes the window that `window.closing` asked about. */
  'window.close': { request: Nothing, answer: Done },
  'sync.status': { request: Nothing, answer: SyncStatus },
  'sync.now': { request: Nothing, answer: Done },
  'sync.queue': {
    request: Nothing,
    answer: Closed({ items: Type.Array(Type.Union([QueueItem, FieldItem])) }),
  },
  /** Edits that are over, the latest first. */
  'sync.past': {
    request: Closed({ limit: Type.Integer({ minimum: 1, maximum: 2000 }) }),
    answer: Closed({ items: Type.Array(Type.Union([PastItem, PastFieldItem])), more: Type.Boolean() }),
  },
  /**
   * Writes what has not been sent into a file that only the passphrase opens; the person chooses where. `saved` is
   * false when they changed their mind. The queue stays as it is.
   */
  'sync.export': {
    request: Closed({ passphrase: Passphrase }),
    answer: Closed({ saved: Type.Boolean(), count: Type.Integer() }),
  },
  /**
   * Takes such a file into the queue, on this computer or another; only by the person whose work it is. `known` counts
   * the edits that are here already. Whatever has been sent from elsewhere meanwhile has its effect only once.
   */
  'sync.import': {
    request: Closed({ passphrase: Passphrase }),
    answer: Closed({ read: Type.Boolean(), imported: Type.Integer(), known: Type.Integer() }),
  },
  /** Sends it again as it is: for what was rejected for a reason that has gone. */
  'sync.retry': { request: Closed({ mutationId: Uuid }), answer: Done },
  /** Takes an edit out of the queue, and with it the edits that build on it. */
  'sync.discard': { request: Closed({ mutationId: Uuid }), answer: Done },
  /**
   * Ends a conflict with the values the person wants, by field of what is in conflict: a new edit on top of theirs. Of a
   * visit `answers` holds those in conflict.
   */
  'sync.resolve': {
    request: Closed({
      mutationId: Uuid,
      fields: Type.Unsafe<InteractionPatch | VisitPatch | PhotoPatch>(anyFields),
    }),
    answer: Done,
  },
} as const satisfies Record<string, { request: TSchema; answer: TSchema }>

/** Told by main. `data.changed` says that local records changed, so what is on screen should be asked again. */
export const events = {
  'session.changed': SessionState,
  'sync.changed': SyncStatus,
  'data.changed': Closed({ siteIds: Type.Array(Uuid) }),
  /** The saved views of a site are others now, as when the server knew more of them. */
  'views.changed': Closed({ siteId: Uuid }),
  /** Of those to be shown, now or later; all of them. */
  'notices.changed': ShownNotices,
  'export.changed': LocalExportState,
  'import.changed': ImportProgress,
  'photo.changed': PhotoProgress,
  ...supportEvents,
  'updates.changed': UpdateState,
  /** From the application menu: what the person asked for there. */
  'menu.chosen': Closed({
    command: Type.Enum([
      'new',
      'save',
      'search',
      'sync-centre',
      'sign-out',
      'finder',
      'palette',
      'help',
      'support',
      'about',
    ]),
  }),
  /** The window is about to close; it stays open until the window answers with `window.close`. */
  'window.closing': Closed({}),
} as const satisfies Record<string, TSchema>

export type RequestName = keyof typeof requests
export type Request<N extends RequestName> = Static<(typeof requests)[N]['request']>
export type Answer<N extends RequestName> = Static<(typeof requests)[N]['answer']>
export type EventName = keyof typeof events
export type Event<N extends EventName> = Static<(typeof events)[N]>

/** A failure in a form that survives the crossing; exceptions would lose their fields. */
export const Problem = Closed({
  code: ErrorBody.properties.error.properties.code,
  message: Type.String(),
  reference: Nullable(Type.String({ description: 'The request id, to tell whoever runs the server' })),
  details: Type.Array(FieldProblem),
})
export type Problem = Static<typeof Problem>

export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem }

/** What the preload script exposes to the window as `window.fieldbook`. */
export interface Bridge {
  ask<N extends RequestName>(name: N, request: Request<N>): Promise<Outcome<Answer<N>>>
  /** Returns how to stop listening. */
  on<N extends EventName>(name: N, listener: (event: Event<N>) => void): () => void
}
