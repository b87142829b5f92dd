import { Building2, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import type { Problem, SessionState } from '#desktop/bridge/channels'
import { problemOf } from '../../app/bridge.ts'
import { chooseSite } from '../../app/session.ts'
import { TextButton } from '../../ui/Button.tsx'
import { Checkbox } from '../../ui/Checkbox.tsx'
import { Logo } from '../../ui/Logo.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { siteRoleWords } from '../../ui/role-words.ts'

/** Which site to work in, for people who have several. */
export function SiteChoice({ session, onSignOut }: { session: SessionState; onSignOut: () => void }) {
  return (
    <main className="grid h-full place-items-center overflow-y-auto p-6">
      <div className="w-full max-w-md pb-10">
        <div className="mb-5 flex items-center justify-center gap-2.5">
          <Logo size={26} />
          <span className="text-2xl font-semibold tracking-tight">Fieldbook</span>
        </div>
        <section aria-labelledby="site-choice" className="rounded-lg border border-line bg-surface p-6">
          <Sites session={session} />
        </section>
        <p className="mt-4 flex items-center justify-center gap-2 text-sm text-muted">
          <span>Signed in as {session.user?.displayName}</span>
          <TextButton onClick={onSignOut}>Sign out</TextButton>
        </p>
      </div>
    </main>
  )
}

function Sites({ session }: { session: SessionState }) {
  const [makeDefault, setMakeDefault] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const choose = (siteId: string) =>
    chooseSite(siteId, makeDefault).catch((error: unknown) => setProblem(problemOf(error)))
  return (
    <>
      <h1 id="site-choice" className="text-xl font-semibold tracking-tight">
        Where are you working?
      </h1>
      <p className="mt-1 text-muted">You can change the site at any time from the title bar.</p>
      <ul className="mt-4 space-y-2">
        {session.user?.sites.map((site, index) => (
          <li key={site.id}>
            <button
              type="button"
              autoFocus={index === 0}
              className="group flex w-full items-center gap-3 rounded-md border border-line-strong px-3 py-2.5 text-left hover:border-accent hover:bg-accent-soft"
              onClick={() => void choose(site.id)}
            >
              <Building2 aria-hidden size={17} className="shrink-0 text-accent" />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-semibold">{site.name}</span>
                <span className="block text-sm text-muted">{siteRoleWords[site.role]}</span>
              </span>
              <ChevronRight aria-hidden size={16} className="shrink-0 text-faint group-hover:text-accent" />
            </button>
          </li>
        ))}
      </ul>
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <Checkbox
        className="mt-4"
        checked={makeDefault}
        onChange={(event) => setMakeDefault(event.target.checked)}
      >
        Make this my default site
      </Checkbox>
    </>
  )
}
