import type { Notice, ShownNotice } from '../contract/notices.ts'

type Times = Pick<Notice, 'startsAt' | 'endsAt' | 'withdrawnAt'>

/** Where a notice stands at a moment, in milliseconds since 1970. */
export const isOver = ({ endsAt, withdrawnAt }: Times, now: number): boolean =>
  withdrawnAt !== null || Date.parse(endsAt) <= now

export const hasBegun = ({ startsAt }: Pick<Times, 'startsAt'>, now: number): boolean =>
  Date.parse(startsAt) <= now

/** Those that are to be seen at a moment, and when that changes next; null: never. */
export function seenAt(
  notices: readonly ShownNotice[],
  now: number,
): { seen: ShownNotice[]; changesAt: number | null } {
  const moments = notices
    .flatMap(({ startsAt, endsAt }) => [Date.parse(startsAt), Date.parse(endsAt)])
    .filter((moment) => moment > now)
  return {
    seen: notices.filter((notice) => hasBegun(notice, now) && Date.parse(notice.endsAt) > now),
    changesAt: moments.length > 0 ? Math.min(...moments) : null,
  }
}

/** What is put away on a device, where it may be: this notice as it is now, and not as it is once it is changed. */
export const putAwayName = ({ id, version }: Pick<ShownNotice, 'id' | 'version'>) => `${id} ${version}`
