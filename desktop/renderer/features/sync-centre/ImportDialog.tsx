import { useRef, useState } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { countWords, numberWords } from '../../ui/date-words.ts'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { Notice } from '../../ui/Notice.tsx'
import { SecretField } from '../../ui/SecretField.tsx'
import { passphraseProblem } from './passphrase.ts'

/** Takes in unsent edits that were exported on another computer by the same person. */
export function ImportDialog({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const [passphrase, setPassphrase] = useState('')
  const [shown, setShown] = useState(false)
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [taken, setTaken] = useState<{ imported: number; known: number } | null>(null)
  const input = useRef<HTMLInputElement>(null)

  const fail = (message: string | undefined) => {
    setError(message)
    input.current?.focus()
  }
  const send = async () => {
    const short = passphraseProblem(passphrase)
    if (short) return fail(short)
    setError(undefined)
    setBusy(true)
    try {
      const answer = await ask('sync.import', { passphrase })
      if (answer.read) {
        setTaken(answer)
        onDone()
      }
    } catch (failure) {
      fail(failureWords(problemOf(failure)))
    }
    setBusy(false)
  }

  return (
    <FormDialog
      title="Import unsent work"
      intro={
        <p>From a file you exported on another computer. What has been sent meanwhile is not sent twice.</p>
      }
      send={taken ? null : busy ? 'Importing…' : 'Choose the file…'}
      busy={busy}
      onSend={() => void send()}
      onClose={onClose}
    >
      {taken ? (
        <Notice className="mt-4">{takenWords(taken)}</Notice>
      ) : (
        <SecretField
          label="Passphrase"
          value={passphrase}
          onChange={setPassphrase}
          error={error}
          hint="The one you gave when you exported the file."
          shown={shown}
          onShow={setShown}
          autoFocus
          ref={input}
        />
      )}
    </FormDialog>
  )
}

/** What is wrong with the passphrase, or with the file it should open. */
function failureWords({ details: [detail], message }: Problem): string {
  if (!detail) return message
  const { field, message: words } = detail
  return field === 'file' ? `This file ${words.charAt(0).toLowerCase()}${words.slice(1)}.` : words
}

const takenWords = ({ imported, known }: { imported: number; known: number }) => {
  const here = known === 0 ? '' : `, ${numberWords(known)} ${known === 1 ? 'was' : 'were'} here already`
  return `${countWords(imported, 'edit')} taken in${here}.`
}
