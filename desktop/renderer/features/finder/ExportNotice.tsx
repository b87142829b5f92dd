import { X } from 'lucide-react'
import { useState } from 'react'
import type { LocalExportState } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { Button } from '../../ui/Button.tsx'
import { numberWords } from '../../ui/date-words.ts'
import { exportWords } from './export-words.ts'
import { cancelExport, dismissExport, useExports } from './exports.ts'

/** Files that are being written or have been, below whatever the person goes on with. */
export function ExportNotice() {
  const files = useExports((exports) => exports.files)
  return files.map((file) => <FileNotice key={file.exportId} file={file} />)
}

function FileNotice({ file }: { file: LocalExportState }) {
  const { exportId, state, done, total, fileName, problem } = file
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const act = async (work: Promise<unknown>) => {
    setBusy(true)
    setFailure(null)
    await work.catch((error: unknown) => setFailure(problemOf(error).message))
    setBusy(false)
  }
  const words = exportWords(file)
  const said = problem ?? failure
  return (
    <section
      aria-label="Export"
      className="flex min-h-[43px] flex-wrap items-center gap-x-3 gap-y-1 border-t border-line bg-surface px-3.5 py-1.5"
    >
      <span role="status" className="min-w-0 break-words">
        {words}
      </span>
      {said && (
        <span role="alert" className="min-w-0 text-bad">
          {said}
        </span>
      )}
      {state === 'running' && (
        <>
          <progress
            aria-label={words}
            className={`progress h-1.5 w-40 shrink-0 ${done < total ? '' : 'motion-safe:animate-pulse'}`}
            max={total}
            value={done}
          />
          <span className="text-muted tabular-nums">
            {numberWords(done)} of {numberWords(total)}
          </span>
        </>
      )}
      <span className="flex-1" />
      {state === 'running' && (
        <Button disabled={busy} onClick={() => void act(cancelExport(exportId))}>
          Cancel
        </Button>
      )}
      {state === 'done' && (
        <Button onClick={() => void act(ask('export.show', { exportId }))}>Show in folder</Button>
      )}
      {state !== 'running' && (
        <Button
          look="icon"
          aria-label={`Dismiss ${fileName}`}
          title="Dismiss"
          onClick={() => dismissExport(exportId)}
        >
          <X aria-hidden size={15} />
        </Button>
      )}
    </section>
  )
}
