import { Ask } from '../ui/Ask.tsx'
import { Button } from '../ui/Button.tsx'
import { showFinder, useWorkspace } from './workspace.ts'

/** Asks what to do with unsaved changes before something else takes the place of the form. */
export function LeaveForm() {
  const { leaving, form } = useWorkspace()
  const stay = () => useWorkspace.setState({ leaving: null })
  const keepEditing = () => {
    stay()
    // The form may be behind Sync centre.
    if (useWorkspace.getState().view === 'sync-centre') showFinder()
  }
  const discard = () => {
    form?.discard()
    useWorkspace.setState({ leaving: null, dirty: false, panel: null, isWide: false })
    leaving?.()
  }
  const save = async () => {
    keepEditing()
    if (await form?.save()) leaving?.()
  }
  return (
    <Ask
      open={leaving !== null}
      title="Save your changes?"
      no="Keep editing"
      onNo={keepEditing}
      actions={
        <>
          <Button look="danger" onClick={discard}>
            Discard
          </Button>
          <Button look="primary" onClick={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <p>
        {form?.savesItself
          ? 'Not everything could be saved. “Keep editing” shows what is left.'
          : 'What you wrote in the open form is not saved yet.'}
      </p>
    </Ask>
  )
}
