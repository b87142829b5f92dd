import { type ReactNode, useState } from 'react'
import type { User } from '#common/contract/users'
import { ask } from '../../../app/bridge.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button } from '../../../ui/Button.tsx'
import { momentWords, readerZone } from '../../../ui/date-words.ts'
import { lastSignIn } from './person-words.ts'
import { PersonForgetDialog } from './PersonForgetDialog.tsx'

interface Deed {
  button: string
  title: string
  what: ReactNode
  go: string
  isGrave?: boolean
  work: () => Promise<unknown>
  /** Said once it is done. */
  done: string
}

function deedsFor(user: User, isSelf: boolean): Deed[] {
  const { id, displayName: name, email, status, version } = user
  const disabled = status === 'disabled'
  const deeds: (Deed | false)[] = [
    status === 'invited' && {
      button: 'Invite again…',
      title: `Invite ${name} again?`,
      what: (
        <p>
          Another invitation goes to {email}. It is good for seven days; the one sent before no longer works.
        </p>
      ),
      go: 'Invite again',
      work: () => ask('people.invite', { id }),
      done: `Another invitation is on its way to ${email}.`,
    },
    status === 'locked' && {
      button: 'Unlock…',
      title: `Unlock ${name}?`,
      what: (
        <p>
          Too many wrong passwords were given. Unlocked, {name} can sign in again at once with the password
          they have.
        </p>
      ),
      go: 'Unlock',
      work: () => ask('people.unlock', { id }),
      done: `${name} can sign in again.`,
    },
    !disabled &&
      status !== 'invited' && {
        button: 'Send password reset…',
        title: `Send ${name} a password reset?`,
        what: (
          <p>
            A mail with a code to choose another password goes to {email}. It is good for an hour; until it is
            used the present password works.
          </p>
        ),
        go: 'Send',
        work: () => ask('people.resetPassword', { id }),
        done: `A password reset is on its way to ${email}.`,
      },
    !disabled &&
      !isSelf && {
        button: 'Disable…',
        title: `Disable ${name}?`,
        what: (
          <p>
            {name} is signed out everywhere and cannot sign in any more; their devices notice at the next
            contact with the server. What they wrote stays, and you can enable them again.
          </p>
        ),
        go: 'Disable',
        isGrave: true,
        work: () => ask('people.setActive', { id, version, active: false }),
        done: `${name} is disabled and signed out everywhere.`,
      },
    disabled && {
      button: 'Enable…',
      title: `Enable ${name}?`,
      what: <p>{name} can sign in again, with the password, the sites and the roles they had.</p>,
      go: 'Enable',
      work: () => ask('people.setActive', { id, version, active: true }),
      done: `${name} can sign in again.`,
    },
  ]
  return deeds.filter((deed) => deed !== false)
}

/** Where the account stands, and what can be done about it; everything is asked first and done at once. */
export function PersonAccount({
  user,
  isSelf,
  disabled,
  act,
}: {
  user: User
  isSelf: boolean
  disabled: boolean
  /** `words` are said once it is done; null where there is nothing to say. */
  act: <T>(work: () => Promise<T>, words: (answer: T) => string | null) => Promise<void>
}) {
  const [asked, setAsked] = useState<Deed | null>(null)
  const [forgetting, setForgetting] = useState(false)
  const [copying, setCopying] = useState(false)
  const copy = async () => {
    setCopying(true)
    const { id, displayName } = user
    await act(
      () => ask('people.copyData', { id, displayName }),
      ({ saved }) => (saved ? `A copy of what is kept about ${displayName} is saved.` : null),
    )
    setCopying(false)
  }
  const facts: [string, string][] = [
    ['Last sign-in', lastSignIn(user)],
    ['Added', momentWords(user.createdAt, readerZone())],
    ...(user.status === 'invited' && user.invitedAt
      ? ([['Invited', momentWords(user.invitedAt, readerZone())]] as [string, string][])
      : []),
  ]
  return (
    <section aria-labelledby="person-account" className="mt-5 border-t border-line pt-4">
      <h3 id="person-account" className="font-semibold">
        Account
      </h3>
      <dl className="mt-1.5 grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1">
        {facts.map(([name, words]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="tabular-nums">{words}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-3 flex flex-wrap gap-2">
        {deedsFor(user, isSelf).map((deed) => (
          <Button
            key={deed.go}
            look={deed.isGrave ? 'danger' : 'plain'}
            disabled={disabled}
            onClick={() => setAsked(deed)}
          >
            {deed.button}
          </Button>
        ))}
        <Button disabled={disabled || copying} onClick={() => void copy()}>
          {copying ? 'Copying…' : isSelf ? 'Copy of my data…' : 'Copy of their data…'}
        </Button>
        {!isSelf && (
          <Button look="danger" disabled={disabled} onClick={() => setForgetting(true)}>
            Forget this person…
          </Button>
        )}
      </div>
      {forgetting && (
        <PersonForgetDialog
          user={user}
          onClose={() => setForgetting(false)}
          onForgotten={() => {
            setForgetting(false)
            void act(
              () => Promise.resolve(),
              () => 'The person is forgotten.',
            )
          }}
        />
      )}
      {asked && (
        <Ask
          open
          title={asked.title}
          no="Cancel"
          onNo={() => setAsked(null)}
          actions={
            <Button
              look={asked.isGrave ? 'danger-solid' : 'primary'}
              onClick={() => {
                setAsked(null)
                void act(asked.work, () => asked.done)
              }}
            >
              {asked.go}
            </Button>
          }
        >
          {asked.what}
        </Ask>
      )}
    </section>
  )
}
