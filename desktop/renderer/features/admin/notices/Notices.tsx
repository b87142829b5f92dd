import { Megaphone, Plus } from 'lucide-react'
import { useState } from 'react'
import type { Notice } from '#common/contract/notices'
import { hasBegun, isOver } from '#common/rules/notices'
import type { Problem } from '#desktop/bridge/channels'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useCommands } from '../../../app/commands.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { hideTold, tell, whenClean } from '../../../app/workspace.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button } from '../../../ui/Button.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { State } from '../../../ui/State.tsx'
import { NoticeDialog } from './NoticeDialog.tsx'
import { NoticesTable } from './NoticesTable.tsx'

/** What every open app says, said before and is to say: writing it, changing it and taking it back. */
export function Notices() {
  const online = useSync((sync) => sync.online)
  const { value, problem, reload } = useAnswer(`${online}`, async () => {
    const [{ notices, asOf }, { sites }] = await Promise.all([ask('notices.list', {}), ask('sites.list', {})])
    return { notices, sites, now: Date.parse(asOf) }
  })
  const [writing, setWriting] = useState<Notice | 'new' | null>(null)
  const [withdrawing, setWithdrawing] = useState<Notice | null>(null)
  const [failure, setFailure] = useState<Problem | null>(null)
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  const add = () => whenClean(() => setWriting('new'))
  useCommands('notices', () => (online ? [{ id: 'notices.add', words: 'Write a notice', run: add }] : []))

  const withdraw = async ({ id }: Notice) => {
    setWithdrawing(null)
    setFailure(null)
    hideTold()
    try {
      await ask('notices.withdraw', { id })
      tell('The notice is withdrawn.')
    } catch (error) {
      setFailure(problemOf(error))
    }
    await reload()
  }
  const groups = value ? grouped(value.notices, value.now) : []
  return (
    <AdminScreen
      title="Notices"
      about="What every open app says at the top of its window: to everybody in the organisation, or to those at one site. Apps without a network say what they last heard."
      actions={
        <Button look="primary" disabled={!online} onClick={add}>
          <Plus aria-hidden size={15} /> Write notice
        </Button>
      }
    >
      {failed && (
        <Failed problem={failed} title="The notices could not be read" onRetry={() => void reload()} />
      )}
      {(failure ?? (failed ? null : problem)) && (
        <ProblemNotice problem={(failure ?? problem)!} className="mb-3" />
      )}
      {!value && !problem && <Loading words="Reading the notices" />}
      {value && !failed && value.notices.length === 0 && (
        <State icon={Megaphone} title="There are no notices yet">
          <p>Write one to tell everybody at once, about maintenance tonight, say.</p>
        </State>
      )}
      {value && !failed && (
        <div className="space-y-6">
          {groups.map(([words, notices]) => (
            <NoticesTable
              key={words}
              title={words}
              notices={notices}
              sites={value.sites}
              onEdit={words === 'Past' ? null : setWriting}
              onWithdraw={words === 'Past' ? null : setWithdrawing}
            />
          ))}
        </div>
      )}
      {writing && value && (
        <NoticeDialog
          notice={writing === 'new' ? null : writing}
          sites={value.sites}
          onClose={() => setWriting(null)}
          onWritten={async () => {
            await reload()
            setWriting(null)
          }}
        />
      )}
      <Ask
        open={withdrawing !== null}
        title="Withdraw the notice?"
        no="Keep it"
        onNo={() => setWithdrawing(null)}
        actions={
          <Button look="danger-solid" onClick={() => withdrawing && void withdraw(withdrawing)}>
            Withdraw
          </Button>
        }
      >
        <p className="break-words">“{withdrawing?.words}”</p>
        <p>Every open app stops showing it at once. It stays in the list of past notices.</p>
      </Ask>
    </AdminScreen>
  )
}

const groupNames = ['Now', 'Planned', 'Past'] as const

/** By where they stand; those without any are left out. */
function grouped(notices: readonly Notice[], now: number) {
  const by = Map.groupBy(notices, (notice) =>
    isOver(notice, now) ? 'Past' : hasBegun(notice, now) ? 'Now' : 'Planned',
  )
  return groupNames.flatMap((name) => {
    const found = by.get(name)
    return found ? [[name, found] as const] : []
  })
}
