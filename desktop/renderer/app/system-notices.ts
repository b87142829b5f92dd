import { useEffect, useState } from 'react'
import { create } from 'zustand'
import type { ShownNotice } from '#common/contract/notices'
import { putAwayName, seenAt } from '#common/rules/notices'
import { ask, on } from './bridge.ts'
import { prefer, readPreferences, usePreferences } from './preferences.ts'
import { useSession } from './session.ts'

const preference = 'noticesPutAway'

const useKnown = create<{ notices: readonly ShownNotice[] }>(() => ({ notices: [] }))

/** Follows what main knows of notices; answers how to stop. */
function connect(): () => void {
  let isTold = false
  const stop = on('notices.changed', (told) => {
    isTold = true
    useKnown.setState(told)
  })
  ask('notices.shown', {}).then(
    (answer) => !isTold && useKnown.setState(answer),
    // The next contact with the server brings them.
    () => undefined,
  )
  return () => {
    stop()
    useKnown.setState({ notices: [] })
  }
}

const namesOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []

/** However long it is until something changes, a computer may have slept meanwhile. */
const longestWait = 30_000

/** The notices to be seen now, without those the person put away on this device. */
export function useSystemNotices(): readonly ShownNotice[] {
  const { notices } = useKnown()
  const userId = useSession((session) => session.user?.id)
  const { of, values } = usePreferences()
  const [now, setNow] = useState(Date.now)
  useEffect(connect, [])
  useEffect(() => {
    if (userId) void readPreferences(userId)
  }, [userId])

  const { seen, changesAt } = seenAt(notices, now)
  useEffect(() => {
    // What has just been told may have begun since.
    const wait = changesAt === null ? longestWait : Math.min(changesAt - Date.now(), longestWait)
    const timer = setTimeout(() => setNow(Date.now()), Math.max(0, wait))
    return () => clearTimeout(timer)
  }, [notices, now, changesAt])
  const away = new Set(namesOf(values[preference]))
  return seen.filter(
    (notice) => notice.kind !== 'info' || (of !== null && of === userId && !away.has(putAwayName(notice))),
  )
}

/** An info is not shown on this device any more, unless it is changed. Those that are over are forgotten. */
export function putAway(notice: ShownNotice): void {
  const known = new Set(useKnown.getState().notices.map(putAwayName))
  const before = namesOf(usePreferences.getState().values[preference]).filter((name) => known.has(name))
  prefer(preference, [...before, putAwayName(notice)])
}
