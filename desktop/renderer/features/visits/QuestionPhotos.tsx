import type { Question } from '#common/contract/surveys'
import { photosWanted } from '#common/rules/survey-flow'
import type { OpenVisit } from '#desktop/bridge/field'
import { countWords } from '../../ui/date-words.ts'
import { AddPhotos } from './AddPhotos.tsx'
import { PhotoGrid, RefusedFiles } from './PhotoGrid.tsx'
import type { AddPhotos as Adding } from './use-photos.ts'

/** The photos that answer a question. */
export function QuestionPhotos({
  question,
  open: { photos, visit },
  parts,
  adding,
  onChanged,
  onFail,
}: {
  question: Question
  open: OpenVisit
  parts: ReadonlyMap<string, number>
  adding: Adding | null
  onChanged?: () => void
  onFail?: (error: unknown) => void
}) {
  const own = photos.filter(({ questionId }) => questionId === question.id)
  const pending = adding?.pendingOf((aim) => 'questionId' in aim && aim.questionId === question.id) ?? 0
  const counted = own.filter(({ isRefused }) => !isRefused).length
  const room = question.max === null ? null : Math.max(0, question.max - counted - pending)
  return (
    <div>
      {adding && (
        <RefusedFiles
          refused={adding.refused.filter(({ questionId }) => questionId === question.id)}
          onDismiss={adding.dismiss}
        />
      )}
      <PhotoGrid
        label={question.text}
        photos={own}
        zone={visit.timezone}
        parts={parts}
        pending={pending}
        showsPurpose={false}
        mayRemove={adding !== null && visit.status === 'in_progress'}
        {...(onChanged && { onChanged })}
        {...(onFail && { onFail })}
      />
      {adding ? (
        <div className="mt-2 flex flex-wrap items-center gap-2 first:mt-0">
          <AddPhotos
            aim={{ purpose: 'question', questionId: question.id }}
            label={question.text}
            adding={adding}
            {...(room !== null && { room })}
          />
          <span className="text-muted">{wantedWords(question, own.length)}</span>
        </div>
      ) : (
        own.length === 0 && <p className="text-muted">No photo</p>
      )}
    </div>
  )
}

function wantedWords(question: Question, there: number): string {
  const least = photosWanted(question)
  const most = question.max
  if (most !== null && there >= most) return most === 1 ? 'One photo is enough' : `${most} photos at most`
  if (there >= least) return most === null ? '' : `${countWords(most - there, 'more photo')} can be added`
  return most === null || most === least
    ? countWords(least, 'photo')
    : `${countWords(least, 'photo')} at least, ${most} at most`
}
