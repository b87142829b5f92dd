import { Failed } from '../../../app/AdminScreen.tsx'
import { ask } from '../../../app/bridge.ts'
import { useMay } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { SidePanel, PanelHead, PanelLoading } from '../../../ui/SidePanel.tsx'
import { PersonCard } from './PersonCard.tsx'
import type { SiteName } from './PersonFields.tsx'
import { PersonForm } from './PersonForm.tsx'

/** One person beside the list: to change for those who may, to read for the others. */
export function PersonPanel({
  id,
  focus,
  sites,
  onChanged,
  onClose,
}: {
  id: string
  /** Put the cursor here: it was opened by keyboard. */
  focus: boolean
  sites: readonly SiteName[]
  onChanged: () => void
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  const mayManage = useMay('user.manage')
  const { value, problem, reload } = useAnswer(`${online}`, () => ask('people.read', { id }))
  const isForm = mayManage && value?.user.status !== 'forgotten'
  return (
    <SidePanel label="Person">
      {value && isForm && (
        <PersonForm user={value.user} focus={focus} sites={sites} onChanged={onChanged} onClose={onClose} />
      )}
      {value && !isForm && <PersonCard user={value.user} focus={focus} onClose={onClose} />}
      {!value && (
        <>
          <PanelHead title="" onClose={onClose} />
          {problem ? (
            <Failed problem={problem} title="This person could not be read" onRetry={() => void reload()} />
          ) : (
            <PanelLoading />
          )}
        </>
      )}
    </SidePanel>
  )
}
