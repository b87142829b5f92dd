import { ClipboardList, Plus } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Survey } from '#common/contract/surveys'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useCommands } from '../../../app/commands.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { Button } from '../../../ui/Button.tsx'
import { numberWords } from '../../../ui/date-words.ts'
import { afterDrawing } from '../../../ui/after-drawing.ts'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { Pill } from '../../../ui/Pill.tsx'
import { State } from '../../../ui/State.tsx'
import { cell, head } from '../../../ui/table.ts'
import { stepThrough } from '../../../ui/step-through.ts'
import { stateWords } from './survey-words.ts'
import { SurveyBuilder } from './SurveyBuilder.tsx'

const rowId = (id: string) => `survey-${id}`

/** The surveys of the organisation, and the builder of the one that is open. */
export function Surveys() {
  const online = useSync((sync) => sync.online)
  const { value, problem, reload, setValue } = useAnswer(`${online}`, () => ask('surveys.list', {}))
  const [opened, setOpened] = useState<Survey | 'new' | null>(null)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const surveys = value?.surveys ?? []

  const readAgain = async () => {
    const answer = await ask('surveys.list', {}).catch(() => null)
    if (answer) setValue(answer)
    return answer?.surveys ?? null
  }
  if (opened)
    return (
      <SurveyBuilder
        key={opened === 'new' ? 'new' : opened.id}
        survey={opened === 'new' ? null : opened}
        onChanged={readAgain}
        onClose={() => {
          setOpened(null)
          if (opened !== 'new') afterDrawing(() => document.getElementById(rowId(opened.id))?.focus())
        }}
      />
    )
  return (
    <SurveyList
      online={online}
      onAdd={() => setOpened('new')}
      found={
        <>
          {failed && (
            <Failed problem={failed} title="The surveys could not be read" onRetry={() => void reload()} />
          )}
          {problem && !failed && <ProblemNotice problem={problem} className="mb-3" />}
          {!value && !problem && <Loading words="Reading the surveys" />}
          {value && !failed && surveys.length === 0 && (
            <State icon={ClipboardList} title="There are no surveys yet">
              <p>Write the first one: what is to be found out on a visit, question by question.</p>
            </State>
          )}
          {value && !failed && surveys.length > 0 && <SurveysTable surveys={surveys} onOpen={setOpened} />}
        </>
      }
    />
  )
}

function SurveyList({ online, onAdd, found }: { online: boolean; onAdd: () => void; found: ReactNode }) {
  useCommands('surveys', () => (online ? [{ id: 'surveys.add', words: 'Add a survey', run: onAdd }] : []))
  return (
    <AdminScreen
      title="Surveys"
      about="What is asked on visits. A draft is yours to write; once published it is frozen as a version, and visits keep the version they began with."
      actions={
        <Button look="primary" disabled={!online} onClick={onAdd}>
          <Plus aria-hidden size={15} /> Add survey
        </Button>
      }
    >
      {found}
    </AdminScreen>
  )
}

function SurveysTable({ surveys, onOpen }: { surveys: readonly Survey[]; onOpen: (survey: Survey) => void }) {
  return (
    <div className="@container">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">Surveys</caption>
        <thead>
          <tr>
            <th scope="col" className={`${head} w-[32%] @max-[44rem]:w-auto`}>
              Name
            </th>
            <th scope="col" className={`${head} @max-[44rem]:hidden`}>
              Description
            </th>
            <th scope="col" className={`${head} w-24 text-right`}>
              Questions
            </th>
            <th scope="col" className={`${head} w-52`}>
              State
            </th>
            <th scope="col" className={`${head} w-28`}>
              For new visits
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={stepThrough}>
          {surveys.map((survey) => {
            const { id, name, description, questions, active, publishedNumber } = survey
            const state = stateWords(survey)
            return (
              <tr key={id} className="cursor-pointer hover:bg-surface-2" onClick={() => onOpen(survey)}>
                <th scope="row" className={`${cell} text-left font-[550]`}>
                  <button
                    type="button"
                    id={rowId(id)}
                    className="block w-full truncate rounded-sm text-left"
                    title={name}
                  >
                    {name}
                  </button>
                </th>
                <td className={`${cell} truncate text-muted @max-[44rem]:hidden`} title={description}>
                  {description}
                </td>
                <td className={`${cell} text-right tabular-nums`}>{numberWords(questions.length)}</td>
                <td className={cell}>
                  <span className="flex">
                    <Pill tone={state.tone}>{state.words}</Pill>
                  </span>
                </td>
                <td className={`${cell} text-muted`}>
                  {!active ? 'Out of use' : publishedNumber === null ? 'Not yet' : 'In use'}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
