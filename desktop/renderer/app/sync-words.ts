import type { SyncStatus } from '#desktop/bridge/channels'
import { numberWords, recentWords } from '../ui/date-words.ts'

export interface SyncWords {
  tone: 'good' | 'warn' | 'bad' | 'plain'
  words: string
  /** What is read aloud when it changes: without the time, which changes all day. */
  spoken: string
}

/** The sync state in a few words, the most pressing first. */
export function syncWords(status: SyncStatus, zone: string, now: Date): SyncWords {
  const say = (tone: SyncWords['tone'], words: string, spoken = words): SyncWords => ({ tone, words, spoken })
  const { online, readOnly, waiting, needsAttention, firstSync, upToDateAt, working } = status
  if (needsAttention > 0) {
    return say(
      'bad',
      needsAttention === 1 ? '1 needs attention' : `${numberWords(needsAttention)} need attention`,
    )
  }
  const queued = waiting > 0 ? `${numberWords(waiting)} waiting` : null
  const fetched = firstSync && progressWords(firstSync)
  if (!online) {
    const more = queued ?? fetched
    return say('warn', more ? `Offline · ${more}` : 'Offline', queued ? `Offline · ${queued}` : 'Offline')
  }
  if (readOnly)
    return say(
      'warn',
      `Only reading · ${queued ?? 'nothing waiting'}`,
      `Only reading${queued ? ` · ${queued}` : ''}`,
    )
  if (firstSync) return say('plain', fetched ? `Fetching ${fetched}` : 'Fetching records', 'Fetching records')
  if (queued) return say('warn', queued)
  if (upToDateAt) return say('good', `Up to date · ${recentWords(upToDateAt, zone, now)}`, 'Up to date')
  return say('plain', working ? 'Checking for changes' : 'Not fetched yet')
}

/** How far a first fetch is: 12,400 of about 100,000. Empty before the first records are here. */
export function progressWords({ stored, remaining }: NonNullable<SyncStatus['firstSync']>): string {
  const all = stored + remaining
  if (stored === 0) return ''
  return `${numberWords(stored)} of about ${numberWords(all < 1000 ? all : Math.round(all / 100) * 100)}`
}
