import { Dialog } from 'radix-ui'
import { type ReactNode, useId, useRef } from 'react'
import { ask } from '../../app/bridge.ts'
import { showSupport, useSupport } from '../../app/support.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { Button } from '../../ui/Button.tsx'
import { useFocusBack } from '../../ui/focus-back.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Bundle } from './Bundle.tsx'
import { Connection } from './Connection.tsx'
import { Managed } from './Managed.tsx'

/** What helps when the app does not do as it should; there whoever is signed in, and when nobody is. */
export const Support = () => useSupport((support) => support.open) && <OpenSupport />

function OpenSupport() {
  const giveBack = useFocusBack()
  const close = useRef<HTMLButtonElement>(null)
  const { value, problem } = useAnswer('', () => ask('support.about', {}))
  return (
    <Dialog.Root open onOpenChange={(next) => !next && showSupport(false)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            close.current?.focus()
          }}
          onCloseAutoFocus={giveBack}
          className="floating fixed top-1/2 left-1/2 z-50 flex max-h-[88%] w-[min(48rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 flex-col"
        >
          <Dialog.Title className="px-5 pt-4 pb-3 text-lg font-semibold">Support</Dialog.Title>
          {/* Scrolled by keyboard too. */}
          <div tabIndex={0} className="min-h-0 space-y-6 overflow-y-auto px-5 pb-5 -outline-offset-2">
            <Part title="About this app">
              {problem && <ProblemNotice problem={problem} />}
              <Facts facts={value?.facts ?? []} />
            </Part>
            <Part title="Connection">
              <Connection />
            </Part>
            <Part title="Managed settings">
              <Managed />
            </Part>
            <Part title="Support bundle">
              <Bundle />
            </Part>
          </div>
          <div className="flex justify-end border-t border-line px-5 py-3">
            <Dialog.Close asChild>
              <Button look="primary" ref={close}>
                Close
              </Button>
            </Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const id = useId()
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className="mb-2 font-semibold">
        {title}
      </h3>
      {children}
    </section>
  )
}

const Facts = ({ facts }: { facts: readonly { name: string; value: string }[] }) => (
  <dl className="grid grid-cols-[11rem_minmax(0,1fr)] gap-x-4 gap-y-1">
    {facts.map(({ name, value }) => (
      <div key={name} className="contents">
        <dt className="text-muted">{name}</dt>
        <dd className="min-w-0 break-words select-text">{value}</dd>
      </div>
    ))}
  </dl>
)
