import type { SessionState } from '#desktop/bridge/channels'
import { TextButton } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { ChangePassword } from './ChangePassword.tsx'

/** Nobody gets past it with a password that somebody else chose, or one that is too old. */
export function MustChangePassword({ session, onSignOut }: { session: SessionState; onSignOut: () => void }) {
  const { user } = session
  if (!user) return null
  return (
    <Card
      title="Choose a new password"
      below={
        <p className="mt-4 flex items-center justify-center gap-2 text-sm text-muted">
          <span>Not {user.displayName}?</span>
          <TextButton onClick={onSignOut}>Sign out</TextButton>
        </p>
      }
    >
      <p className="mt-1.5 mb-5 text-muted">
        Your password was given to you by somebody else, or has been in use for too long. Choose one that only
        you know, and Fieldbook goes on. Your records and what you have not sent yet are kept on this device.
      </p>
      <ChangePassword username={user.username} autoFocus />
    </Card>
  )
}
