import { AdminScreen } from '../../app/AdminScreen.tsx'
import { oneself, useSession } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { Notice } from '../../ui/Notice.tsx'
import { ChangePassword } from './ChangePassword.tsx'
import { CopyOfData } from './CopyOfData.tsx'
import { Devices } from './Devices.tsx'
import { Profile } from './Profile.tsx'

/** One's own account: who one is, one's password, and where one is signed in. */
export function AccountScreen() {
  const user = oneself(useSession())
  const online = useSync((sync) => sync.online)
  if (!user) return null
  return (
    <AdminScreen title="Your account">
      <div className="max-w-2xl">
        {!online && (
          <Notice tone="warn" className="mb-5">
            Your account is kept on the server. It can be changed once you are online.
          </Notice>
        )}
        <Profile user={user} online={online} />
        <Section id="account-devices" title="Where you are signed in">
          <Devices />
        </Section>
        <Section id="account-password" title="Password">
          <ChangePassword username={user.username} online={online} />
        </Section>
        <Section id="account-data" title="Your data">
          <CopyOfData user={user} online={online} />
        </Section>
      </div>
    </AdminScreen>
  )
}

function Section({ id, title, children }: { id: string; title: string; children: React.ReactNode }) {
  return (
    <section aria-labelledby={id} className="mt-7 border-t border-line pt-5">
      <h2 id={id} className="mb-3 text-lg font-semibold">
        {title}
      </h2>
      {children}
    </section>
  )
}
