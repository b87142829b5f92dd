import type { FieldStore } from './field-store.ts'
import type { LocalStore } from './local-store.ts'
import type { PhotoStore } from './photo-store.ts'

type Async<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never
}

/**
 * The store as the rest of the app speaks to it, wherever it runs. See LocalStore, FieldStore and PhotoStore for what each
 * method promises.
 */
export type Store = Async<Omit<LocalStore, 'field' | 'photos'>> & Async<FieldStore> & Async<PhotoStore>

const fieldMethods = {
  findShops: true,
  fieldLookups: true,
  myVisits: true,
  openVisit: true,
  startVisit: true,
  editVisit: true,
  upgradeVisit: true,
  completeVisit: true,
  cancelVisit: true,
  markPhoto: true,
  removePhoto: true,
  amendVisit: true,
  resolveVisit: true,
} satisfies Record<keyof FieldStore, true>

const photoMethods = {
  addPhoto: true,
  lookAtPicture: true,
  pictureFields: true,
  photoBytes: true,
  thumbnailBytes: true,
  nextUpload: true,
  noteUpload: true,
  noteStored: true,
  noteThumbnailSent: true,
  retryPhoto: true,
  giveUpPhoto: true,
  tidyPhotos: true,
} satisfies Record<keyof PhotoStore, true>

const methods = {
  ...fieldMethods,
  ...photoMethods,
  takeNotice: true,
  meta: true,
  writeMeta: true,
  page: true,
  found: true,
  ids: true,
  exportedIds: true,
  rows: true,
  sameTitle: true,
  lookups: true,
  read: true,
  save: true,
  delete: true,
  planBulk: true,
  applyBulk: true,
  undoBulk: true,
  retry: true,
  discard: true,
  resolve: true,
  queueItems: true,
  past: true,
  history: true,
  draft: true,
  keepDraft: true,
  dropDraft: true,
  preferences: true,
  writePreference: true,
  views: true,
  saveView: true,
  deleteView: true,
  viewChanges: true,
  settleView: true,
  takeViews: true,
  noteExport: true,
  exportNotes: true,
  dropExportNote: true,
  unsent: true,
  takeIn: true,
  counts: true,
  waitingSince: true,
  takeBatch: true,
  settle: true,
  progress: true,
  storePage: true,
  dropCopies: true,
  buildIndex: true,
  close: true,
} satisfies Record<keyof Store, true>

export const isStoreMethod = (name: string): name is keyof Store => Object.hasOwn(methods, name)

/** A store made of one function that carries calls to where it is. */
export function storeFrom(call: (method: keyof Store, args: unknown[]) => Promise<unknown>): Store {
  const names = Object.keys(methods) as (keyof Store)[]
  return Object.fromEntries(
    names.map((name) => [name, (...args: unknown[]) => call(name, args)]),
  ) as unknown as Store
}

export function callMethod(store: LocalStore, name: keyof Store, args: unknown[]): unknown {
  const owner = name in fieldMethods ? store.field : name in photoMethods ? store.photos : store
  const method = (owner as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!
  return method.apply(owner, args)
}
