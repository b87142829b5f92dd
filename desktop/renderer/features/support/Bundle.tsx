import { FileArchive, FolderOpen } from 'lucide-react'
import { useState } from 'react'
import type { Answer, Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { Button } from '../../ui/Button.tsx'
import { numberWords } from '../../ui/date-words.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'

type Prepared = Answer<'support.prepare'>

/** A file for whoever helps: what is in it is shown before it is written. */
export function Bundle() {
  const [prepared, setPrepared] = useState<Prepared | null>(null)
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)
  const during = async (work: () => Promise<void>) => {
    setBusy(true)
    setSaid('')
    setProblem(null)
    try {
      await work()
    } catch (error) {
      setProblem(problemOf(error))
    }
    setBusy(false)
  }
  const prepare = () =>
    during(async () => {
      setPrepared(await ask('support.prepare', {}))
      setSaid('Look what is in it, then save it.')
    })
  const save = () =>
    during(async () => {
      if ((await ask('support.save', {})).saved) setSaid('The support bundle is saved.')
    })
  return (
    <div className="space-y-3">
      <p className="text-muted">
        A ZIP file for your IT or whoever helps them: versions, settings, figures and log files. It holds no
        records, notes, searches, names, photos or passwords. Nothing is sent; you decide who gets it.
      </p>
      {problem && <ProblemNotice problem={problem} />}
      {prepared && (
        <table className="w-full">
          <caption className="sr-only">What is in the support bundle</caption>
          <thead className="sr-only">
            <tr>
              <th scope="col">File</th>
              <th scope="col">What it is</th>
              <th scope="col">Size</th>
            </tr>
          </thead>
          <tbody>
            {prepared.entries.map(({ name, about, bytes }) => (
              <tr key={name} className="border-b border-line last:border-0">
                <th scope="row" className="py-1 pr-4 text-left align-top font-[550] whitespace-nowrap">
                  {name}
                </th>
                <td className="py-1 pr-4 text-muted">{about}</td>
                <td className="py-1 text-right align-top whitespace-nowrap tabular-nums">
                  {sizeWords(bytes)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className="flex flex-wrap items-center gap-2">
        {/* One button, so that the keyboard stays on it. */}
        <Button disabled={busy} onClick={() => void (prepared ? save() : prepare())}>
          <FileArchive aria-hidden size={14} />
          {prepared ? 'Save support bundle…' : 'Gather support bundle'}
        </Button>
        <Button look="quiet" onClick={() => void ask('support.showLogs', {})}>
          <FolderOpen aria-hidden size={14} /> Show log files
        </Button>
        <span role="status" className="text-muted">
          {busy ? 'Just a moment…' : said}
        </span>
      </div>
    </div>
  )
}

const sizeWords = (bytes: number) =>
  bytes < 1024 ? `${numberWords(bytes)} bytes` : `${numberWords(Math.round(bytes / 1024))} KB`
