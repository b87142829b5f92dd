import { FileX } from 'lucide-react'
import { Button } from '../../ui/Button.tsx'
import { State } from '../../ui/State.tsx'
import { encodingWords } from './import-words.ts'
import { type GuessContext, reopen, showList, useImport } from './import-work.ts'

/** Why the file could not be read, and the other ways in which it may be. */
export function ImportUnread({ context, onChoose }: { context: GuessContext; onChoose: () => void }) {
  const unread = useImport((work) => work.unread)
  if (!unread) return null
  const { fileName, message, encodings, sheets } = unread
  return (
    <State icon={FileX} title="This file cannot be imported" urgent>
      <p className="font-[550] break-all text-text">{fileName}</p>
      <p>{message}</p>
      <div className="mt-2 flex w-max max-w-[60vw] flex-wrap justify-center gap-2">
        {encodings.map((encoding) => (
          <Button key={encoding} look="primary" onClick={() => void reopen({ encoding }, context)}>
            Read as {encodingWords[encoding]}
          </Button>
        ))}
        <Button look={encodings.length > 0 ? 'plain' : 'primary'} onClick={onChoose}>
          Choose another file…
        </Button>
        <Button look="quiet" onClick={showList}>
          Cancel
        </Button>
      </div>
      {sheets.length > 0 && (
        <label className="mt-3 w-64 text-left text-text">
          <span className="mb-1 block font-[550]">Or another sheet of it</span>
          <select
            className="control"
            value=""
            onChange={(event) => void reopen({ sheet: event.target.value }, context)}
          >
            <option value="" disabled>
              Choose a sheet
            </option>
            {sheets.map((sheet) => (
              <option key={sheet} value={sheet}>
                {sheet}
              </option>
            ))}
          </select>
        </label>
      )}
    </State>
  )
}
