import { photoFieldsOf } from '#common/rules/visit-rules'
import type { FieldItem, QueueItem } from '#desktop/bridge/channels'
import type { LocalPhoto } from '#desktop/bridge/field'
import type { Picture } from '../store/pictures.ts'
import { type Entry, type EntryState, type FieldEntry, rootOf } from './entry.ts'
import { photoIsElsewhere } from './present-visit.ts'

/** What the person is told; an edit the server has is over, and no longer here. */
const shownStates: Record<Exclude<EntryState, 'applied'>, QueueItem['state']> = {
  waiting: 'waiting',
  resending: 'waiting',
  conflict: 'conflict',
  rejected: 'rejected',
  blocked: 'blocked',
  unreadable: 'unreadable',
}

const unreadable = {
  message: 'This change was written by a newer version of Fieldbook, or is damaged. It is kept as it is.',
  details: [],
}

/** An edit as Sync centre shows it; null once the server has it. `hasBytes` says whether a photo itself is here. */
export function toItem(
  entry: Entry | FieldEntry,
  siteName: string | null,
  hasBytes: (photoId: string) => boolean,
): QueueItem | FieldItem | null {
  const { mutationId, entityId, siteId, title, savedAt, state } = entry
  if (state === 'applied') return null
  const isElsewhere = entry.entity === 'photo' && entry.op === 'create' && !hasBytes(entityId)
  const problem =
    state === 'unreadable'
      ? unreadable
      : (entry.problem ?? (isElsewhere ? { message: photoIsElsewhere, details: [] } : null))
  const { base = {}, patch = {} } = entry.mutation ?? {}
  const common = {
    mutationId,
    entityId,
    siteId,
    siteName,
    mayBeSent: entry.sent,
    title,
    savedAt,
    state: shownStates[state],
    problem,
  }
  if (entry.entity === 'interaction')
    return {
      ...common,
      entity: entry.entity,
      op: entry.op,
      base,
      patch,
      conflict: entry.conflict,
    } as QueueItem
  const { entity, op, conflict } = entry
  return { ...common, entity, op, visitId: rootOf(entry), base, patch, conflict }
}

/** A photo the server knew of and does not take; `photo` is null where nothing but its bytes is here. */
export const toStoppedPhoto = (
  photo: LocalPhoto | null,
  { id, problem, visitId, siteId, size, addedAt }: Picture,
  title: string | null,
  siteName: string | null,
): FieldItem => ({
  mutationId: id,
  entity: 'photo',
  entityId: id,
  visitId,
  siteId,
  siteName,
  mayBeSent: true,
  op: 'create',
  title: title ?? 'Photo',
  savedAt: photo?.createdAt ?? addedAt,
  state: 'rejected',
  base: {},
  patch: photo ? photoFieldsOf(photo) : { visitId, size },
  conflict: null,
  problem: { message: problem ?? 'The photo could not be sent.', details: [] },
})
