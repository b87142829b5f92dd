import { useRef, useState } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { countWords } from '../../ui/date-words.ts'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { SecretField } from '../../ui/SecretField.tsx'
import { passphraseProblem } from './passphrase.ts'

/** Writes the unsent edits into a file that opens with a passphrase only; they stay here too. */
export function ExportDialog({ unsent, onClose }: { unsent: number; onClose: () => void }) {
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const [shown, setShown] = useState(false)
  const [errors, setErrors] = useState<{ passphrase?: string | undefined; again?: string | undefined }>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const [written, setWritten] = useState<number | null>(null)
  const first = useRef<HTMLInputElement>(null)
  const second = useRef<HTMLInputElement>(null)

  const send = async () => {
    const short = passphraseProblem(passphrase)
    const different = short || passphrase === again ? undefined : 'The two are not the same'
    setErrors({ passphrase: short, again: different })
    setProblem(null)
    if (short) return first.current?.focus()
    if (different) return second.current?.focus()
    setBusy(true)
    try {
      const { saved, count } = await ask('sync.export', { passphrase })
      if (saved) setWritten(count)
    } catch (error) {
      setProblem(problemOf(error))
    }
    setBusy(false)
  }

  return (
    <FormDialog
      title="Export unsent work"
      intro={
        <p>
          {countWords(unsent, 'edit')} that the server does not have yet, in an encrypted file for another
          computer on which you use Fieldbook. They stay here too; wherever they are sent from first, they
          take effect once.
        </p>
      }
      send={written === null ? (busy ? 'Exporting…' : 'Choose where…') : null}
      busy={busy}
      onSend={() => void send()}
      onClose={onClose}
    >
      {written === null ? (
        <>
          <SecretField
            label="Passphrase"
            value={passphrase}
            onChange={setPassphrase}
            error={errors.passphrase}
            hint="At least 10 characters. It cannot be recovered: without it nobody opens the file, not even you."
            shown={shown}
            onShow={setShown}
            autoFocus
            ref={first}
          />
          <SecretField
            label="Passphrase again"
            value={again}
            onChange={setAgain}
            error={errors.again}
            shown={shown}
            ref={second}
          />
          {problem && <ProblemNotice problem={problem} className="mt-4" />}
        </>
      ) : (
        <Notice className="mt-4">{countWords(written, 'edit')} written to the file.</Notice>
      )}
    </FormDialog>
  )
}
