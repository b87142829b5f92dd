import type { AuditEntry } from '#common/contract/audit'
import type { AuditArea, AuditDeed } from '#common/contract/audit-actions'
import { fieldLabel } from '#common/rules/field-labels'
import { dayRangeWords, momentWords, numberWords, readerZone } from '../../../ui/date-words.ts'
import { capital } from '../../../ui/field-rows.ts'

/** The audit in the words and values a person sees. */

/** What somebody did, by its action. Groups are what the list can be narrowed to. */
const groups: {
  [Area in AuditArea as `${Area}.*`]: { words: string; did: Record<AuditDeed<Area>, string> }
} = {
  'session.*': {
    words: 'Sign-ins',
    did: {
      started: 'signed in',
      ended: 'ended a session',
      refused: 'was refused at sign-in',
      locked: 'locked an account after too many wrong passwords',
      token_reused: 'used a sign-in that had been renewed already; its session was ended',
    },
  },
  'access.*': { words: 'Refusals', did: { refused: 'was refused' } },
  'interaction.*': {
    words: 'Interactions',
    did: {
      created: 'added an interaction',
      updated: 'changed an interaction',
      deleted: 'deleted an interaction',
      restored: 'restored an interaction',
      purged: 'removed a deleted interaction for good',
      imported: 'imported an interaction',
      undone: 'took back a change of an interaction',
      'conflict-settled': 'settled a conflict',
    },
  },
  'sync.*': {
    words: 'Work from devices that changed nothing',
    did: {
      applied: 'sent an edit that changed nothing',
      rejected: 'sent an edit that was refused',
      conflict: 'sent an edit that was in conflict',
    },
  },
  'bulk.*': {
    words: 'Changes of many at once',
    did: { done: 'changed many interactions', undone: 'took back a change of many' },
  },
  'import.*': {
    words: 'Imports',
    did: {
      started: 'opened a table to import',
      checked: 'checked a table to import',
      run: 'had a table imported',
      'part-done': 'imported part of a table',
      done: 'imported a table',
      undo: 'had an import taken back',
      'part-undone': 'took back part of an import',
      undone: 'took back an import',
      stopped: 'stopped an import',
      failed: 'could not finish an import',
      removed: 'removed an import',
    },
  },
  'export.*': {
    words: 'Exports',
    did: {
      made: 'exported interactions',
      reported: 'exported interactions on a device',
      audit: 'exported the audit',
      person: 'took a copy of what is kept about a person',
      mailed: 'had a report mailed',
    },
  },
  'view.*': {
    words: 'Saved views',
    did: { created: 'saved a view', updated: 'changed a view', deleted: 'deleted a view' },
  },
  'type.*': {
    words: 'Interaction types',
    did: { created: 'added a type', updated: 'changed a type', deleted: 'deleted a type' },
  },
  'report.*': {
    words: 'Scheduled reports',
    did: {
      created: 'scheduled a report',
      updated: 'changed a scheduled report',
      deleted: 'deleted a scheduled report',
      paused: 'paused a scheduled report that could not be made',
    },
  },
  'shop.*': {
    words: 'Shops',
    did: {
      created: 'added a shop',
      updated: 'changed a shop',
      deleted: 'deleted a shop',
      imported: 'imported shops',
    },
  },
  'brand.*': {
    words: 'Brands',
    did: {
      created: 'added a brand',
      updated: 'changed a brand',
      deleted: 'deleted a brand',
      infographicAdded: 'began to send an infographic of a brand',
      infographicStored: 'added an infographic of a brand',
      infographicRemoved: 'removed an infographic of a brand',
    },
  },
  'survey.*': {
    words: 'Surveys',
    did: {
      created: 'began a survey',
      updated: 'changed a survey',
      published: 'published a survey',
      deleted: 'deleted a survey',
    },
  },
  'visit.*': {
    words: 'Visits',
    did: {
      started: 'started a visit',
      updated: 'worked on a visit',
      completed: 'completed a visit',
      cancelled: 'cancelled a visit',
    },
  },
  'photo.*': {
    words: 'Photos',
    did: {
      added: 'took a photo on a visit',
      stored: 'sent a photo of a visit',
      marked: 'marked brands on a shelf photo',
      removed: 'removed a photo of a visit',
    },
  },
  'notice.*': {
    words: 'Notices',
    did: {
      created: 'wrote a notice',
      updated: 'changed a notice',
      withdrawn: 'withdrew a notice',
    },
  },
  'goal.*': {
    words: 'Goals',
    did: {
      created: 'set a goal',
      updated: 'changed a goal',
      deleted: 'deleted a goal',
      assigned: 'assigned a goal',
      unassigned: 'took a goal from somebody',
    },
  },
  'callCycle.*': {
    words: 'Call cycles',
    did: {
      created: 'added a call cycle',
      updated: 'changed a call cycle',
      deleted: 'deleted a call cycle',
      missExplained: 'said why a visit of a call cycle was not made',
    },
  },
  'user.*': {
    words: 'People',
    did: {
      created: 'added a person',
      updated: 'changed a person',
      disabled: 'disabled a person',
      forgotten: 'forgot a person',
      unlocked: 'unlocked a person',
      invited: 'invited a person',
      roles_changed: 'changed the roles of a person',
      password_reset_mailed: 'sent a person a code for a new password',
      passwordChanged: 'changed their password',
      passwordReset: 'chose a new password by a mailed code',
      resetRequested: 'asked for a code for a new password',
      identityLinked: 'signed in through the organisation for the first time',
    },
  },
  'site.*': {
    words: 'Sites',
    did: {
      created: 'added a site',
      updated: 'changed a site',
      user_added: 'let a person into a site',
      user_removed: 'took a person out of a site',
      user_role_changed: 'changed the role of a person at a site',
    },
  },
  'device.*': { words: 'Devices', did: { signed_out: 'signed a device out' } },
  'team.*': {
    words: 'Teams',
    did: {
      created: 'added a team',
      updated: 'changed a team',
      memberAdded: 'added a person to a team',
      memberRemoved: 'took a person out of a team',
    },
  },
  'tenant.*': {
    words: 'The organisation',
    did: {
      created: 'added the organisation',
      updated: 'changed the organisation',
      entered: 'entered the organisation',
      suspended: 'suspended the organisation',
      resumed: 'let the organisation go on',
    },
  },
  'audit.*': { words: 'The audit', did: { blanked: 'took out of the audit what is not to be kept' } },
  'demo.*': { words: 'Demo data', did: { loaded: 'loaded demo data' } },
}

export const actionGroups = Object.entries(groups).map(([action, { words }]) => ({ action, words }))

/** `roles_changed` or `memberAdded` as people write it. */
const plain = (name: string) =>
  name
    .replaceAll(/[._-]+/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()

/** An action of a server that is newer has none. */
const said = new Map(
  Object.entries(groups).flatMap(([group, { did }]) =>
    Object.entries(did).map(([deed, words]) => [group.replace('*', deed), words] as const),
  ),
)

const didWords = (action: string): string => said.get(action) ?? plain(action)

export const actorWords = ({ actor, enteredBy, action }: AuditEntry): string => {
  if (actor) return actor.displayName
  if (enteredBy) return 'A super admin'
  return /^(session|access)\.|^user\.resetRequested$/.test(action) ? 'Somebody' : 'Fieldbook'
}

/** “Edith Vale changed an interaction” */
export const entryWords = (entry: AuditEntry): string => `${actorWords(entry)} ${didWords(entry.action)}`

export const happened = (action: string): string => capital(didWords(action))

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What it was done to, by a name that its values hold. */
export function subjectWords({ oldValues, newValues }: AuditEntry): string {
  for (const values of [newValues, oldValues]) {
    if (!isObject(values)) continue
    for (const key of ['title', 'displayName', 'name', 'fileName', 'username'])
      if (typeof values[key] === 'string' && values[key]) return values[key]
  }
  return ''
}

/** Where it happened; `whole` is what is not of a site: “the organisation”. */
export const whereWords = ({ site }: AuditEntry, whole: string): string => site?.name ?? capital(whole)

export interface ValueRow {
  key: string
  label: string
  /** Null where there was nothing before. */
  before: string | null
  /** Null where there is nothing any more. */
  after: string | null
}

/** Field by field what differs, in the order in which it is stored. Objects within are fields of their own. */
export function valueRows({ action, oldValues, newValues }: AuditEntry): ValueRow[] {
  if (action === 'audit.blanked') {
    const { count } = newValues as { count: number }
    return [{ key: 'count', label: 'Entries', before: null, after: numberWords(count) }]
  }
  const before = fieldsOf(oldValues)
  const after = fieldsOf(newValues)
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((key): ValueRow[] => {
    const [was, is] = [before.get(key), after.get(key)]
    // Of what came or went as a whole, what is empty says nothing.
    if (was === is || (before.size === 0 && is === '') || (after.size === 0 && was === '')) return []
    return [
      {
        key,
        label: labelOf(key),
        before: before.size === 0 ? null : (was ?? ''),
        after: after.size === 0 ? null : (is ?? ''),
      },
    ]
  })
}

function fieldsOf(values: unknown, path = ''): Map<string, string> {
  if (values === null || values === undefined) return new Map()
  if (!isObject(values)) return new Map([[path || 'value', valueWords(values)]])
  return new Map(
    Object.entries(values).flatMap(([key, value]) => {
      const whole = path ? `${path}.${key}` : key
      return isObject(value) ? [...fieldsOf(value, whole)] : [[whole, valueWords(value)] as const]
    }),
  )
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/

function valueWords(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return instant.test(value) ? momentWords(value, readerZone()) : value
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(', ')
  return JSON.stringify(value)
}

const labelOf = (key: string): string => {
  const name = key.split('.').at(-1)!
  const label = fieldLabel(name)
  return label === name ? capital(plain(name)) : label
}

/** What the list is narrowed to; a day is as the calendar of the reader has it. */
export interface AuditFilters {
  siteId: string | null
  actor: { id: string; name: string } | null
  action: string | null
  from: string
  until: string
  record: { id: string; name: string } | null
}

export const noFilters: Omit<AuditFilters, 'siteId'> = {
  actor: null,
  action: null,
  from: '',
  until: '',
  record: null,
}

/** The filters in force, as they are said, each with what takes it away. */
export function auditTags(
  filters: AuditFilters,
  siteName: string | null,
): { key: string; words: string; without: Partial<AuditFilters> }[] {
  const { actor, action, from, until, record } = filters
  const group = actionGroups.find((each) => each.action === action)
  return [
    ...(siteName ? [{ key: 'site', words: `Site: ${siteName}`, without: { siteId: null } }] : []),
    ...(action
      ? [{ key: 'action', words: group?.words ?? happened(action), without: { action: null } }]
      : []),
    ...(actor ? [{ key: 'actor', words: `By ${actor.name}`, without: { actor: null } }] : []),
    ...(record ? [{ key: 'record', words: `About ${record.name}`, without: { record: null } }] : []),
    ...(from || until
      ? [
          {
            key: 'days',
            words: capital(dayRangeWords(from || undefined, until || undefined)),
            without: { from: '', until: '' },
          },
        ]
      : []),
  ]
}

/** The first moment of a day, or of the one after it, on the clock of this computer. */
export function startOfDay(day: string, later = 0): string | null {
  if (!day) return null
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + later).toISOString()
}
