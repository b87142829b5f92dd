import { FileUp } from 'lucide-react'
import type { SiteMembership } from '#common/contract/sites'
import { useCommands } from '../../app/commands.ts'
import { useLookups } from '../../app/lookups.ts'
import { useSync } from '../../app/sync.ts'
import { Button } from '../../ui/Button.tsx'
import { ImportSteps } from '../../ui/import-parts.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { AdminScreen, Loading } from '../../app/AdminScreen.tsx'
import { type GuessContext, openFile, useImport } from './import-work.ts'
import { ImportColumns } from './ImportColumns.tsx'
import { ImportList } from './ImportList.tsx'
import { ImportRun } from './ImportRun.tsx'
import { ImportUnread } from './ImportUnread.tsx'

/** Interactions from a table: what was imported before, and the steps from a file to records. */
export function ImportScreen({ site }: { site: SiteMembership }) {
  const { step, reading, problem, progress } = useImport()
  const state = progress?.import.state
  const online = useSync((sync) => sync.online)
  const lookups = useLookups(site.id)
  const context: GuessContext = { timezone: site.settings?.timezone, types: lookups.types }
  const choose = () => void openFile(context)
  useCommands('import', () => [{ id: 'import-file', words: 'Import a file…', run: choose }])
  const isList = step === 'list'
  return (
    <AdminScreen
      title="Import"
      {...(isList && {
        about: `Interactions from a CSV file or an Excel workbook become records of ${site.name}. You see what would happen before anything does, and can undo it for 30 days.`,
      })}
      actions={
        isList ? (
          <Button look="primary" disabled={reading || !online} onClick={choose}>
            <FileUp aria-hidden size={15} /> Import a file…
          </Button>
        ) : (
          <ImportSteps at={step === 'unread' ? 0 : step === 'columns' ? 1 : isBeforeRun(state) ? 2 : 3} />
        )
      }
    >
      {isList && !online && (
        <Notice tone="warn" className="mb-3">
          An import is done by the server. You can begin one once you are online.
        </Notice>
      )}
      {problem && <ProblemNotice problem={problem} className="mb-3" />}
      {reading ? (
        <Loading words="Reading the file" />
      ) : (
        <>
          {isList && <ImportList site={site} people={lookups.people} onChoose={choose} />}
          {step === 'unread' && <ImportUnread context={context} onChoose={choose} />}
          {step === 'columns' && <ImportColumns lookups={lookups} context={context} onChoose={choose} />}
          {step === 'import' && <ImportRun people={lookups.people} />}
        </>
      )}
    </AdminScreen>
  )
}

const isBeforeRun = (state: string | undefined) =>
  state === undefined || ['receiving', 'checking', 'checked'].includes(state)
