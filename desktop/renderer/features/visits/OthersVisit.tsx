import { useState } from 'react'
import type { OpenVisit } from '#desktop/bridge/field'
import { closeVisit } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { FinishedNotes } from './NotesStep.tsx'
import { PhotosStep } from './PhotosStep.tsx'
import { QuestionPhotos } from './QuestionPhotos.tsx'
import { ShelfStep } from './shelf/ShelfStep.tsx'
import { SurveyStep } from './SurveyStep.tsx'
import { type StepName, stepsOf, VisitFrame } from './VisitFrame.tsx'

const noParts: ReadonlyMap<string, number> = new Map()

/** A visit of somebody else, from the server: to be read. */
export function OthersVisit({ open, from }: { open: OpenVisit; from: 'today' | 'visits' }) {
  const [step, setStep] = useState<StepName>(() => stepsOf(open)[0]!.name)
  const [shelf, setShelf] = useState<string | null>(null)
  return (
    <VisitFrame
      open={open}
      saved={<>by {open.agentName}</>}
      step={step}
      onStep={setStep}
      actions={
        <Button onClick={closeVisit}>{from === 'today' ? 'Back to Today' : 'Back to the list'}</Button>
      }
    >
      {step === 'survey' && (
        <SurveyStep
          open={open}
          readOnly
          photosOf={(question) => (
            <QuestionPhotos question={question} open={open} parts={noParts} adding={null} />
          )}
        />
      )}
      {step === 'photos' && <PhotosStep open={open} parts={noParts} adding={null} />}
      {step === 'shelf' && (
        <ShelfStep open={open} chosen={shelf} onChoose={setShelf} marking={null} brandsFrom="server" />
      )}
      {step === 'notes' && <FinishedNotes notes={open.visit.notes} />}
    </VisitFrame>
  )
}
