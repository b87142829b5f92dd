import { SearchX } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { Photo } from '#common/contract/photos'
import type { WholeVisit } from '#common/contract/visits'
import type { LocalPhoto, OpenVisit } from '#desktop/bridge/field'
import { Failed } from '../../app/AdminScreen.tsx'
import { useDataChanges } from '../../app/data-changes.ts'
import { closeVisit } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { State } from '../../ui/State.tsx'
import { OthersVisit } from './OthersVisit.tsx'
import { OwnVisit } from './OwnVisit.tsx'
import { createReading } from './visit-reading.ts'

/** One visit, in place of the list it was opened from. */
export function VisitScreen({ id, from }: { id: string; from: 'today' | 'visits' }) {
  const [reading] = useState(() => createReading(id))
  const { own, others, problem } = useStore(reading.store)
  useEffect(() => void reading.reload(), [reading])
  // What others do is not on this device, so nothing here tells of it.
  useDataChanges(null, () => own && void reading.reload())
  if (own) return <OwnVisit open={own} unread={problem} reading={reading} from={from} />
  if (others) return <OthersVisit open={asOpen(others)} from={from} />
  return (
    <section aria-label="Visit" className="flex min-w-0 flex-1 flex-col bg-surface p-5">
      {!problem && <LoadingVisit />}
      {problem?.code === 'RESOURCE_NOT_FOUND' && (
        <State icon={SearchX} title="There is no visit here">
          <p>It has no visit behind it, it was deleted, or you may not read it.</p>
          <Button className="mt-2" onClick={closeVisit}>
            Back
          </Button>
        </State>
      )}
      {problem && problem.code !== 'RESOURCE_NOT_FOUND' && (
        <Failed problem={problem} title="The visit could not be read" onRetry={() => void reading.reload()} />
      )}
    </section>
  )
}

/** A visit of somebody else in the form of one's own, of which nothing waits. */
const asOpen = ({ visit, photos, ...rest }: WholeVisit): OpenVisit => ({
  ...rest,
  visit: { ...visit, unsent: false, needsAttention: false },
  laterSurvey: null,
  photos: photos.map(asLocal),
})

const asLocal = (photo: Photo): LocalPhoto => ({
  ...photo,
  state: photo.storedAt ? 'sent' : 'missing',
  problem: photo.storedAt ? null : 'It has not arrived yet',
  isHere: false,
  isRefused: false,
})

const LoadingVisit = () => (
  <div role="status" aria-label="Opening the visit" className="max-w-3xl space-y-5">
    <div className="skeleton h-6 w-1/2" />
    {['w-full', 'w-2/3', 'w-full'].map((width, index) => (
      <div key={index} className="space-y-2">
        <div className="skeleton h-3 w-1/3" />
        <div className={`skeleton h-9 ${width}`} />
      </div>
    ))}
  </div>
)
