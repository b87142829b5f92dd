import { useEffect, useRef, useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import { type VisitType, visitTypes } from '#common/contract/visits'
import { visitTypeWords } from '#common/rules/visit-rules'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { openVisit } from '../../app/workspace.ts'
import { TextButton } from '../../ui/Button.tsx'
import { readerZone } from '../../ui/date-words.ts'
import { Field } from '../../ui/Field.tsx'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { PositionField, usePosition } from './PositionField.tsx'
import type { FoundShop } from './ShopPicker.tsx'
import { startOnceSettled } from './starting.ts'

/** What a visit begins with. Where it begins is recorded, and never a reason not to begin. */
export function StartVisit({
  site,
  shop,
  onClose,
}: {
  site: SiteMembership
  shop: FoundShop | null
  onClose: () => void
}) {
  const lookups = useAnswer('lookups', () => ask('field.lookups', {}))
  const surveys = lookups.value?.surveys
  const [visitType, setVisitType] = useState<VisitType>('routine')
  const [chosen, setChosen] = useState<string | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const position = usePosition(shop)
  const surveyId = chosen ?? (surveys?.length === 1 ? surveys[0]!.id : '')
  const isThere = useRef(false)
  useEffect(() => {
    isThere.current = true
    return () => {
      isThere.current = false
    }
  }, [])
  const start = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const visit = {
        siteId: site.id,
        shopId: shop?.id ?? null,
        surveyId: surveyId || null,
        visitType,
        timezone: readerZone(),
      }
      const id = await startOnceSettled(visit, position.settled, () => isThere.current)
      if (id === null) return
      if (isThere.current) onClose()
      openVisit(id, 'today')
    } catch (error) {
      setProblem(problemOf(error))
      setBusy(false)
    }
  }
  return (
    <FormDialog
      title={shop ? `Visit ${shop.name}` : 'Visit without a shop'}
      intro={<p>{shop ? shop.address || 'No address' : `A visit at ${site.name}.`}</p>}
      send="Start visit"
      busy={busy || !surveys}
      onSend={() => position.isReady && void start()}
      onClose={onClose}
    >
      <div className="mt-4 space-y-3.5">
        <Field label="Type of visit">
          {(control) => (
            <select
              {...control}
              value={visitType}
              onChange={(event) => setVisitType(event.target.value as VisitType)}
            >
              {visitTypes.map((type) => (
                <option key={type} value={type}>
                  {visitTypeWords[type]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field
          label="Survey"
          hint={surveys?.length === 0 && 'No survey is published yet; the visit can take photos and notes.'}
        >
          {(control) => (
            <select {...control} value={surveyId} onChange={(event) => setChosen(event.target.value)}>
              <option value="">No survey</option>
              {surveys?.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <PositionField position={position} shop={shop} />
        {lookups.problem && !surveys && (
          <Notice tone="bad">
            <span>The surveys could not be read. {lookups.problem.message}</span>
            <TextButton look="inherit" onClick={() => void lookups.reload()}>
              Try again
            </TextButton>
          </Notice>
        )}
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </FormDialog>
  )
}
