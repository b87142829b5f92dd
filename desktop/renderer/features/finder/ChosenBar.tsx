import { X } from 'lucide-react'
import { maxChosen } from '#common/contract/record-keeping'
import { useFinder } from '../../app/finder.ts'
import { useMay } from '../../app/session.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { numberWords } from '../../ui/date-words.ts'
import { startBulk } from './bulk.ts'
import { startExport, useMayExport } from './exports.ts'
import { tickAllFound, untick } from './ticks.ts'

/** How many records are ticked and what can be done with them; stands where the title of the list does. */
export function ChosenBar() {
  const count = useFinder(({ chosen }) => chosen.size)
  const found = useFinder((finder) => finder.found) ?? 0
  const mayChange = useMay('interaction.update')
  const mayDelete = useMay('interaction.deleteMany')
  const mayExport = useMayExport()
  return (
    <div
      role="toolbar"
      aria-label="Chosen records"
      className="flex min-w-0 flex-1 flex-wrap items-center gap-2"
    >
      <span role="status" className="font-semibold">
        {numberWords(count)} chosen
      </span>
      {count < Math.min(found, maxChosen) && (
        <TextButton className="ml-1" onClick={() => void tickAllFound()}>
          {found > maxChosen
            ? `Choose the first ${numberWords(maxChosen)}`
            : `Choose all ${numberWords(found)} found`}
        </TextButton>
      )}
      <span className="flex-1" />
      {mayChange && (
        <>
          <Button onClick={() => startBulk('update')}>Edit…</Button>
          <Button onClick={() => startBulk('archive')}>Archive…</Button>
        </>
      )}
      {mayExport && <Button onClick={() => startExport({ chosen: true })}>Export…</Button>}
      {mayDelete && (
        <Button look="danger" onClick={() => startBulk('delete')}>
          Delete…
        </Button>
      )}
      <Button look="icon" aria-label="Choose nothing" title="Choose nothing (Esc)" onClick={untick}>
        <X aria-hidden size={16} />
      </Button>
    </div>
  )
}
