import type { FieldStore } from './field-store.ts'
import type { LocalStore } from './local-store.ts'
import type { PersonalStore } from './personal-store.ts'
import type { PhotoStore } from './photo-store.ts'
import type { PlanStore } from './plan-store.ts'

type Async<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never
}

/**
 * The store as the rest of the app speaks to it, wherever it runs. See LocalStore, FieldStore, PhotoStore, PlanStore and
 * PersonalStore for what each method promises.
 */
export type Store = Async<Omit<LocalStore, 'field' | 'photos' | 'plans' | 'personal'>> &
  Async<FieldStore> &
  Async<PhotoStore> &
  Async<PlanStore> &
  Async<PersonalStore>

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

const planMethods = {
  readToday: true,
  explainMiss: true,
  missNotes: true,
  settleMiss: true,
  isPlanOld: true,
  keepPlan: true,
} satisfies Record<keyof PlanStore, true>

const personalMethods = {
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
} satisfies Record<keyof PersonalStore, true>

const methods = {
  ...fieldMethods,
  ...photoMethods,
  ...planMethods,
  ...personalMethods,
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
  shownNotices: true,
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
  unsent: true,
  takeIn: true,
  counts: true,
  figures: true,
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
  const owners = { field: fieldMethods, photos: photoMethods, plans: planMethods, personal: personalMethods }
  const of = (Object.keys(owners) as (keyof typeof owners)[]).find((part) => name in owners[part])
  const owner = of ? store[of] : store
  const method = (owner as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!
  return method.apply(owner, args)
}
