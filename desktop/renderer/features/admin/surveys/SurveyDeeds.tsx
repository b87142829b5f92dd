import { type ReactNode, useState } from 'react'
import type { Question, Survey } from '#common/contract/surveys'
import { ask } from '../../../app/bridge.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button } from '../../../ui/Button.tsx'
import { Menu, MenuItem } from '../../../ui/Menu.tsx'
import { numbersWords, shownBy } from './questions.ts'
import { publishWords } from './survey-words.ts'

/** What is asked before a question goes whose answer shows others. */
export function DeleteQuestion({
  questions,
  id,
  onNo,
  onYes,
}: {
  questions: readonly Question[]
  id: string
  onNo: () => void
  onYes: () => void
}) {
  const at = questions.findIndex((question) => question.id === id) + 1
  const shown = shownBy(questions, id)
  const isOne = shown.length === 1
  return (
    <Ask
      open
      title={`Delete question ${at}?`}
      no="Keep it"
      onNo={onNo}
      actions={
        <Button look="danger-solid" onClick={onYes}>
          Delete
        </Button>
      }
    >
      <p>
        {isOne ? 'Question' : 'Questions'} {numbersWords(shown)} {isOne ? 'is' : 'are'} shown by its answer.
        Without it {isOne ? 'that one is' : 'they are'} always shown.
      </p>
    </Ask>
  )
}

export const PublishSurvey = ({
  open,
  name,
  publishedNumber,
  isUnsaved,
  onNo,
  onYes,
}: {
  open: boolean
  name: string
  publishedNumber: number | null
  isUnsaved: boolean
  onNo: () => void
  onYes: () => void
}) => (
  <Ask
    open={open}
    title={`Publish ${name} as version ${(publishedNumber ?? 0) + 1}?`}
    no="Not yet"
    onNo={onNo}
    actions={
      <Button look="primary" onClick={onYes}>
        {isUnsaved ? 'Save and publish' : 'Publish'}
      </Button>
    }
  >
    <p>{publishWords(publishedNumber)}</p>
    <p>What is published stays as it is; changes become the next version.</p>
  </Ask>
)

/** What can be done with a survey as a whole. */
export function SurveyMenu({
  survey: { name, active, publishedNumber },
  disabled,
  act,
  onDeleted,
  trigger,
}: {
  survey: Survey
  disabled: boolean
  act: (work: (now: Survey) => Promise<unknown>, words: string) => Promise<void>
  onDeleted: () => void
  trigger: ReactNode
}) {
  const [asking, setAsking] = useState(false)
  const isPublished = publishedNumber !== null
  const because = isPublished && (
    <span className="block text-sm text-muted">It was published: take it out of use</span>
  )
  return (
    <>
      <Menu label="What to do with the survey" align="end" trigger={trigger}>
        <MenuItem
          disabled={disabled || !isPublished}
          onSelect={() =>
            void act(
              ({ id, version }) => ask('surveys.update', { id, version, active: !active }),
              active ? `${name} is out of use: no new visit begins with it.` : `${name} is in use again.`,
            )
          }
        >
          <span>
            {active ? 'Take out of use' : 'Use again'}
            {!isPublished && <span className="block text-sm text-muted">It is not published yet</span>}
          </span>
        </MenuItem>
        <MenuItem disabled={disabled || isPublished} onSelect={() => setAsking(true)}>
          <span className={isPublished ? '' : 'text-bad'}>Delete…{because}</span>
        </MenuItem>
      </Menu>
      <Ask
        open={asking}
        title={`Delete the survey “${name}”?`}
        no="Keep it"
        onNo={() => setAsking(false)}
        actions={
          <Button
            look="danger-solid"
            onClick={() => {
              setAsking(false)
              void act(async ({ id }) => {
                await ask('surveys.remove', { id })
                onDeleted()
              }, `${name} is deleted.`)
            }}
          >
            Delete
          </Button>
        }
      >
        <p>It was never published, so no visit has it. Its questions are gone with it.</p>
      </Ask>
    </>
  )
}
