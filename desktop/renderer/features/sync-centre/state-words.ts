import type { SessionUser } from '#common/contract/auth'
import { may } from '#common/rules/permissions'
import type { PastItem, QueueItem } from '#desktop/bridge/channels'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { fieldLabel } from '../../ui/field-labels.ts'
import { rowsFor } from '../../ui/field-rows.ts'
import { fieldChangeWords, type FieldEdit } from './field-edits.ts'
import type { AnyItem, AnyPast } from './use-queue.ts'

export const titleOf = ({ title }: { title: string }) => title || 'No title yet'

/** When the person saved the edit. */
export const savedWords = ({ savedAt }: { savedAt: string }) => momentWords(savedAt, readerZone())

/** Why an edit is not on the server. */
export type Stop =
  | 'waiting'
  /** An earlier edit of the same record stopped. */
  | 'blocked'
  /** Others changed the same fields; deleted the record; changed what was to be deleted. */
  | 'conflict'
  | 'gone'
  | 'changed'
  /** The site was taken away; the role there is not enough any more. */
  | 'left-site'
  | 'role'
  | 'unreadable'
  | 'refused'

export function stopOf(item: AnyItem, user: SessionUser | null): Stop {
  const { state, op, siteId, conflict } = item
  if (state === 'waiting' || state === 'blocked') return state
  if (state === 'unreadable') return 'unreadable'
  if (user && !user.sites.some(({ id }) => id === siteId)) return 'left-site'
  if (state === 'conflict' && conflict) {
    if (op === 'delete') return 'changed'
    return conflict.theirs ? 'conflict' : 'gone'
  }
  const action = item.entity === 'interaction' ? (`interaction.${op}` as const) : 'visit.work'
  return user && !may(user, action, { siteId }) ? 'role' : 'refused'
}

/** The reason in a line; `people` are names by id. */
export function stopWords(item: AnyItem, stop: Stop, people: Record<string, string>): string {
  const theirs = item.conflict?.theirs
  const who = (theirs && 'updatedBy' in theirs && people[theirs.updatedBy]) || 'somebody else'
  const [detail] = item.problem?.details ?? []
  switch (stop) {
    case 'waiting':
      return item.problem ? 'The server could not save it yet' : changeWords(item)
    case 'blocked':
      return 'Waits for an earlier edit'
    case 'conflict':
      return item.entity === 'interaction' ? `Also changed by ${who}` : 'Changed elsewhere meanwhile'
    case 'gone':
      return 'Deleted by somebody else meanwhile'
    case 'changed':
      return `Changed meanwhile by ${who}`
    case 'left-site':
      return item.siteName ? `You no longer belong to ${item.siteName}` : 'You no longer belong to its site'
    case 'role':
      return 'Your role does not allow it any more'
    case 'unreadable':
      return 'Written by a newer version of Fieldbook'
    case 'refused':
      if (detail && item.entity !== 'interaction') return detail.message
      if (detail) return `${fieldLabel(detail.field)}: ${detail.message}`
      return item.problem?.message ?? 'The server did not accept it'
  }
}

/** What an edit does, in a line. */
export function changeWords(item: Pick<QueueItem | PastItem, 'entity' | 'op' | 'patch'> | FieldEdit): string {
  if (item.entity !== 'interaction') return fieldChangeWords(item)
  const { op, patch } = item
  if (op === 'create') return 'New record'
  if (op === 'delete') return 'Deletion'
  const [first, second, ...others] = rowsFor(Object.keys(patch)).map(({ label }) => label)
  if (!first) return 'No change'
  if (!second) return first
  return others.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${others.length} more`
}

/** What became of an edit that is over. */
export function outcomeWords(item: AnyPast): string {
  const { outcome } = item
  if (outcome === 'discarded') return 'You discarded it'
  if (outcome === 'replaced') return 'Replaced by a later edit'
  if (item.entity === 'interaction' && item.resolves) return 'Conflict settled'
  return 'Sent'
}

/** All edits that stopped for the same reason as `item`, itself among them. */
export function stoppedAlike(item: AnyItem, items: readonly AnyItem[], user: SessionUser | null): AnyItem[] {
  const reason = (each: AnyItem) => {
    const stop = stopOf(each, user)
    const { siteId, problem } = each
    return JSON.stringify(stop === 'refused' ? [stop, problem] : [stop, siteId])
  }
  return items.filter((each) => reason(each) === reason(item))
}
