import { memo, useEffect, useState } from 'react'
import { useFormState, useWatch } from 'react-hook-form'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { openRecord } from '../../app/workspace.ts'
import { TextButton } from '../../ui/Button.tsx'
import { countWords, momentWords } from '../../ui/date-words.ts'
import { type FormValues, startOf } from './form-values.ts'
import { useMoments } from './use-moments.ts'

/** Long enough that nobody is told while they type. */
const pause = 500

/**
 * Names other records of the same title on the same day while this one is being given it: perhaps it has been written
 * down already.
 */
export const SameTitle = memo(function SameTitle({ siteId, id }: { siteId: string; id: string | null }) {
  const { dirtyFields } = useFormState<FormValues>({ name: ['title', 'startDate'] })
  const isNews = id === null || dirtyFields.title === true || dirtyFields.startDate === true
  const title = useWatch<FormValues, 'title'>({ name: 'title' }).trim()
  const moments = useMoments()
  const start = startOf(moments)
  const startDateTime = start.kind === 'moment' ? start.instant : null
  const { timezone } = moments
  const [found, setFound] = useState<{ title: string; others: LocalInteraction[] } | null>(null)

  useEffect(() => {
    let current = true
    const timer = setTimeout(() => {
      if (!isNews || !title || !startDateTime) return setFound(null)
      // Only a hint: saving goes on without it.
      ask('interaction.sameTitle', { siteId, id, title, startDateTime, timezone }).then(
        ({ interactions }) => current && setFound({ title, others: interactions }),
        () => current && setFound(null),
      )
    }, pause)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [siteId, id, isNews, title, startDateTime, timezone])

  const others = isNews && found?.title === title ? found.others : []
  return (
    <div role="status" aria-label="Same title" className={others.length > 0 ? '!mt-1.5' : '!mt-0'}>
      {others.length > 0 && (
        <div className="rounded-md bg-warn-soft px-2.5 py-1.5 text-sm text-warn">
          <p>
            {countWords(others.length, 'other interaction has', 'other interactions have')} this title on that
            day:
          </p>
          <ul>
            {others.map((other) => (
              <li key={other.id}>
                <TextButton look="inherit" onClick={() => openRecord(other.id, { focus: true })}>
                  {other.startDateTime && momentWords(other.startDateTime, other.timezone ?? 'UTC')}
                  {other.lead && `, ${other.lead}`}
                </TextButton>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
})
