import { useState } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { useSupport } from '../../app/support.ts'
import { Field } from '../../ui/Field.tsx'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { PasswordField } from '../../ui/PasswordField.tsx'

/** The network's proxy wants to know who is there before it lets anything through. */
export function ProxySignIn() {
  const asking = useSupport((support) => support.asking)
  return (
    asking && (
      <Form
        key={`${asking.host}:${asking.port}`}
        place={`${asking.host}:${asking.port}`}
        refused={asking.refused}
      />
    )
  )
}

function Form({ place, refused }: { place: string; refused: boolean }) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const answer = (credentials: { username: string; password: string } | null) =>
    ask('proxy.answer', { credentials }).catch((error: unknown) => setProblem(problemOf(error)))
  const missing = tried && username.trim() === '' ? 'Enter your user name for the proxy' : undefined
  return (
    <FormDialog
      title="Sign in to the proxy"
      intro={
        <p>
          The proxy {place} of your network asks who you are. This is not your Fieldbook password; it is kept
          until you quit, and given to the proxy alone.
        </p>
      }
      send="Sign in to the proxy"
      busy={false}
      onSend={() => {
        setTried(true)
        if (username.trim() !== '') void answer({ username: username.trim(), password })
      }}
      onClose={() => void answer(null)}
    >
      <div className="mt-4 space-y-4">
        <Field label="Proxy user name" error={missing}>
          {(control) => (
            <input
              type="text"
              {...control}
              autoComplete="off"
              spellCheck={false}
              maxLength={200}
              value={username}
              onChange={({ target }) => setUsername(target.value)}
            />
          )}
        </Field>
        <PasswordField
          label="Proxy password"
          autoComplete="current-password"
          maxLength={200}
          value={password}
          onChange={({ target }) => setPassword(target.value)}
        />
        {refused && <Notice tone="bad">The proxy did not take that name and password.</Notice>}
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </FormDialog>
  )
}
