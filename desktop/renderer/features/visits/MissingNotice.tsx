import type { FieldProblem } from '#common/contract/errors'
import type { Gap } from '#common/rules/survey-flow'
import { TextButton } from '../../ui/Button.tsx'
import { Notice } from '../../ui/Notice.tsx'

/** What keeps a visit from being completed; each leads to where it is put right, and goes as it is. */
export function MissingNotice({
  gaps,
  others,
  onShow,
}: {
  gaps: readonly Gap[]
  /** What is no matter of a question. */
  others: readonly FieldProblem[]
  onShow: (questionId: string) => void
}) {
  if (gaps.length === 0 && others.length === 0)
    return <Notice>Nothing is missing any more. You can complete the visit.</Notice>
  return (
    <Notice tone="bad">
      <div className="max-h-32 min-w-0 flex-1 overflow-y-auto">
        <p className="font-[550]">Before the visit can be completed:</p>
        <ul className="mt-1 list-disc space-y-0.5 pl-5">
          {gaps.map(({ questionId, text, message }) => (
            <li key={questionId}>
              <TextButton look="inherit" className="text-left" onClick={() => onShow(questionId)}>
                {text}
              </TextButton>
              : {message.charAt(0).toLowerCase() + message.slice(1)}
            </li>
          ))}
          {others.map(({ field, message }) => (
            <li key={field}>{message}</li>
          ))}
        </ul>
      </div>
    </Notice>
  )
}
