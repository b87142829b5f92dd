import type { ListedVisit } from '#common/contract/visits'
import { visitTypeWords } from '#common/rules/visit-rules'
import type { LocalListedVisit } from '#desktop/bridge/field'
import { Pill } from '../../ui/Pill.tsx'
import { stepThrough } from '../../ui/step-through.ts'
import { cell, head } from '../../ui/table.ts'
import { distanceWords } from '../../ui/place-words.ts'
import { visitName, whenWords } from './visit-words.ts'
import { UnsentWords } from './VisitRow.tsx'
import { statusWords } from '../../ui/visit-labels.ts'

/** One's own says what of it is not sent; those of others are on the server. */
export type ShownVisit = ListedVisit | LocalListedVisit

const heading = `${head} sticky top-0 bg-surface`
const roomy = '@max-[56rem]:hidden'

/** A page of visits, the latest first. Arrows go from one to the next, and the name of its shop opens it. */
export function VisitsTable({
  visits,
  showsAgent,
  showsSite,
  onOpen,
}: {
  visits: readonly ShownVisit[]
  showsAgent: boolean
  showsSite: boolean
  onOpen: (id: string) => void
}) {
  const now = new Date()
  return (
    <div className="@container">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">Visits</caption>
        <thead>
          <tr>
            <th scope="col" className={heading}>
              Shop
            </th>
            {showsAgent && (
              <th scope="col" className={`${heading} w-32`}>
                Agent
              </th>
            )}
            {showsSite && (
              <th scope="col" className={`${heading} w-24 ${roomy}`}>
                Site
              </th>
            )}
            <th scope="col" className={`${heading} w-32`}>
              When
            </th>
            <th scope="col" className={`${heading} w-[18%] ${roomy}`}>
              Survey
            </th>
            <th scope="col" className={`${heading} w-16 text-right`}>
              Photos
            </th>
            <th scope="col" className={`${heading} w-20 text-right ${roomy}`}>
              Distance
            </th>
            <th scope="col" className={`${heading} w-28`}>
              Status
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={stepThrough}>
          {visits.map((visit) => (
            <tr key={visit.id} className="cursor-pointer hover:bg-surface-2" onClick={() => onOpen(visit.id)}>
              <th scope="row" className={`${cell} text-left font-normal`}>
                <button type="button" className="block w-full truncate rounded-sm text-left">
                  <span className="font-[550]">{visitName(visit)}</span>
                  {visit.shopName && visit.visitType !== 'routine' && (
                    <span className="text-muted"> · {visitTypeWords[visit.visitType]}</span>
                  )}
                </button>
                {'unsent' in visit && <UnsentWords visit={visit} />}
              </th>
              {showsAgent && <Cut words={visit.agentName} />}
              {showsSite && <Cut words={visit.siteName} className={roomy} />}
              <td className={`${cell} tabular-nums`}>{whenWords(visit, now)}</td>
              <Cut words={visit.surveyName ?? ''} className={roomy} />
              <td className={`${cell} text-right tabular-nums`}>{visit.photos || ''}</td>
              <td
                className={`${cell} text-right tabular-nums ${visit.isFar ? 'font-[550] text-warn' : ''} ${roomy}`}
              >
                {visit.distance !== null &&
                  (visit.distance === 0 ? 'at shop' : distanceWords(visit.distance))}
                {visit.isFar && <span className="sr-only">, too far to be at the shop</span>}
              </td>
              <td className={`${cell} [&>.pill]:align-middle`}>
                <Pill tone={statusWords[visit.status].tone}>{statusWords[visit.status].words}</Pill>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const Cut = ({ words, className = '' }: { words: string; className?: string }) => (
  <td className={`${cell} truncate ${className}`} title={words}>
    {words}
  </td>
)
