import { Pencil, Undo2 } from 'lucide-react'
import { useId } from 'react'
import type { Notice, NoticeKind } from '#common/contract/notices'
import type { Site } from '#common/contract/sites'
import { Button } from '../../../ui/Button.tsx'
import { momentWords, readerZone, spanWords } from '../../../ui/date-words.ts'
import { noticeKindWords } from '../../../ui/notice-words.ts'
import { Pill, type Tone } from '../../../ui/Pill.tsx'
import { cell, head } from '../../../ui/table.ts'

const tones: Record<NoticeKind, Tone> = { maintenance: 'orange', warning: 'violet', info: 'accent' }

/** Notices that stand alike: shown now, planned, or over; those that are over cannot be changed. */
export function NoticesTable({
  title,
  notices,
  sites,
  onEdit,
  onWithdraw,
}: {
  title: string
  notices: readonly Notice[]
  sites: readonly Site[]
  onEdit: ((notice: Notice) => void) | null
  onWithdraw: ((notice: Notice) => void) | null
}) {
  const id = useId()
  const zone = readerZone()
  const names = new Map(sites.map((site) => [site.id, site.name]))
  return (
    <section aria-labelledby={id} className="@container">
      <h2 id={id} className="mb-1 px-3 font-semibold">
        {title}
      </h2>
      <table className="w-full table-fixed border-separate border-spacing-0" aria-labelledby={id}>
        <thead>
          <tr>
            <th scope="col" className={`${head} w-32`}>
              Kind
            </th>
            <th scope="col" className={head}>
              Text
            </th>
            <th scope="col" className={`${head} w-36 @max-[52rem]:w-28`}>
              For
            </th>
            <th scope="col" className={`${head} w-72 @max-[52rem]:w-40`}>
              Shown
            </th>
            <th scope="col" className={`${head} w-24`}>
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {notices.map((notice) => (
            <tr key={notice.id} className="hover:bg-surface-2">
              <td className={cell}>
                <Pill tone={tones[notice.kind]}>{noticeKindWords[notice.kind]}</Pill>
              </td>
              <th scope="row" className={`${cell} text-left font-normal break-words whitespace-pre-line`}>
                {notice.words}
              </th>
              <td
                className={`${cell} truncate`}
                title={notice.siteId === null ? undefined : names.get(notice.siteId)}
              >
                {notice.siteId === null ? 'Everybody' : (names.get(notice.siteId) ?? 'A site')}
              </td>
              <td className={`${cell} tabular-nums`}>
                {spanWords(notice.startsAt, notice.endsAt, zone)}
                {notice.withdrawnAt && (
                  <span className="block text-sm text-muted">
                    Withdrawn {momentWords(notice.withdrawnAt, zone)}
                  </span>
                )}
              </td>
              {/* There too where nothing can be done, so that the tables stand in line. */}
              <td className={`${cell} text-right`}>
                {onEdit && (
                  <Button
                    look="icon"
                    aria-label={`Edit notice: ${notice.words}`}
                    title="Edit…"
                    onClick={() => onEdit(notice)}
                  >
                    <Pencil aria-hidden size={14} />
                  </Button>
                )}
                {onWithdraw && (
                  <Button
                    look="icon"
                    aria-label={`Withdraw notice: ${notice.words}`}
                    title="Withdraw…"
                    onClick={() => onWithdraw(notice)}
                  >
                    <Undo2 aria-hidden size={14} />
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
