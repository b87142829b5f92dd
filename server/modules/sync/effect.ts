import type { AuditDeed } from '#common/contract/audit-actions'
import type { AppError } from '#common/contract/errors'
import type { MutationResult } from '#common/contract/sync'

/** What a mutation came to; `seq` is its number in the feed when it changed something. */
export interface Effect {
  result: MutationResult & { status: AuditDeed<'sync'> }
  seq: number | null
  version: number | null
  soleAuthor: boolean
}

export const rejected = (
  mutationId: string,
  code: AppError['code'],
  message: string,
  details?: AppError['details'],
): Effect['result'] => ({
  mutationId,
  status: 'rejected',
  problem: { code, message, ...(details && { details }) },
})

/** An answer that leaves everything as it was. */
export const settled = (result: Effect['result']): Effect => ({
  result,
  seq: null,
  version: null,
  soleAuthor: false,
})

/** An edit that does not say what it was made on. */
export const unread = (mutationId: string, fields: readonly string[]): Effect =>
  settled(
    rejected(
      mutationId,
      'VALIDATION_ERROR',
      'The edit cannot be read',
      fields.map((field) => ({ field: `base.${field}`, message: 'Is required: the value before the edit' })),
    ),
  )

export const conflict = (
  { mutationId, base, patch }: { mutationId: string } & Pick<Conflict, 'base'> & { patch: Conflict['mine'] },
  theirs: Conflict['theirs'],
  fields: string[],
): Effect =>
  settled({
    mutationId,
    status: 'conflict',
    conflict: { fields, base, mine: patch, theirs } as NonNullable<MutationResult['conflict']>,
  })

type Conflict = NonNullable<MutationResult['conflict']>

export const applied = (
  { mutationId }: { mutationId: string },
  record: NonNullable<MutationResult['record']> | null,
  seq: number | null,
  soleAuthor: boolean,
): Effect => ({
  result: { mutationId, status: 'applied', record },
  seq,
  version: record?.version ?? null,
  soleAuthor,
})
