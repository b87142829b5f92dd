import { AppError } from '#common/contract/errors'
import type { View } from '#common/contract/views'
import { may } from '#common/rules/permissions'
import type { Answer, Draft, Request } from '#desktop/bridge/channels'
import type { Desk } from './desk.ts'
import type { ExportNote, ExportNotes } from './export-notes.ts'
import { guardedMethods } from './failures.ts'
import type { Ground } from './field-view.ts'
import type { SavedViews, ViewChange } from './saved-views.ts'

/**
 * What a person keeps for themselves on this device, in `queue.db`: texts not saved yet, how they like it, their views of
 * the Finder, and which files they wrote.
 */
export class PersonalStore {
  readonly #ground: Ground
  readonly #desk: Desk
  readonly #views: SavedViews
  readonly #exportNotes: ExportNotes

  constructor(ground: Ground) {
    this.#ground = ground
    this.#desk = guardedMethods(ground.queue.desk)
    this.#views = guardedMethods(ground.queue.views)
    this.#exportNotes = guardedMethods(ground.queue.exportNotes)
  }

  /** Of a site that was taken away it is kept, and shown again when the site is back. */
  draft(siteId: string, id: string | null): Answer<'draft.read'>['draft'] {
    return this.#ground.isMember(siteId) ? this.#desk.draft(siteId, id) : null
  }

  keepDraft(siteId: string, id: string | null, draft: Draft): void {
    this.#desk.keepDraft(siteId, id, draft, this.#ground.now())
  }

  dropDraft(siteId: string, id: string | null): void {
    this.#desk.dropDraft(siteId, id)
  }

  preferences(): Record<string, unknown> {
    return this.#desk.preferences()
  }

  writePreference(name: string, value: unknown): void {
    this.#desk.writePreference(name, value)
  }

  /** By name. */
  views(siteId: string): View[] {
    this.#ground.assertMember(siteId)
    return this.#views.list(siteId)
  }

  /** Adds a view, or changes one; it is sent later. Throws what the person has to be told. */
  saveView({ id, siteId, view }: Request<'views.save'>): View {
    this.#ground.assertMember(siteId)
    const user = this.#ground.profile()
    const found = id === undefined ? null : this.#views.find(id)
    const before = found?.siteId === siteId ? found.view : null
    if (before) this.#assertMayChange(before)
    if (view.shared && !may(user, 'view.share', { siteId }))
      throw new AppError('AUTHORIZATION_ERROR', 'Your role at this site does not allow you to share views.')
    const saved: View = {
      ...view,
      id: (found && !before ? undefined : id) ?? this.#ground.newId(),
      siteId,
      ownerId: before?.ownerId ?? user.id,
      updatedAt: this.#ground.now(),
    }
    this.#views.save(saved)
    return saved
  }

  deleteView(id: string, siteId: string): void {
    this.#ground.assertMember(siteId)
    const found = this.#views.find(id)
    if (found?.siteId !== siteId || !found.view) return
    this.#assertMayChange(found.view)
    this.#views.delete(id)
  }

  /** What the server has not heard of. */
  viewChanges(): ViewChange[] {
    return this.#views.changes()
  }

  /** A change to a view is over; `result` is the view as the server has it, null when it is gone. */
  settleView(change: ViewChange, result: View | null): void {
    this.#views.settle(change, result)
  }

  /** False when nothing is different. */
  takeViews(siteId: string, views: readonly View[]): boolean {
    return this.#ground.isMember(siteId) && this.#ground.queue.takeViews(siteId, views)
  }

  /** An export that is about to be there, for the audit; kept until the server has heard of it. */
  noteExport(note: ExportNote): void {
    this.#exportNotes.add(note)
  }

  exportNotes(): ExportNote[] {
    return this.#exportNotes.list()
  }

  dropExportNote(id: string): void {
    this.#exportNotes.drop(id)
  }

  #assertMayChange({ ownerId, shared, siteId }: View) {
    const user = this.#ground.profile()
    if (ownerId === user.id || (shared && may(user, 'view.manage', { siteId }))) return
    throw new AppError(
      'AUTHORIZATION_ERROR',
      'Only its owner or an administrator of the site may change this view. Save it under another name.',
    )
  }
}
