import { Dialog } from 'radix-ui'
import { useRef } from 'react'
import { type Place, type ShortcutName, shortcuts } from '../../app/keys.ts'
import { showOverlay, useOverlay } from '../../app/overlay.ts'
import { useWorkspace } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { useFocusBack } from '../../ui/focus-back.ts'
import { KeyCombination } from '../../ui/Kbd.tsx'

const names: Record<Place, string> = {
  list: 'In the list',
  columns: 'On a column’s name',
  form: 'In the open record',
  survey: 'In a survey',
  cycle: 'In a call cycle',
  shelf: 'On a shelf photo',
  anywhere: 'Everywhere',
}

/** The shortcuts of the screen one is on. */
export const HelpOverlay = () => useOverlay((overlay) => overlay.open === 'help') && <Shortcuts />

function Shortcuts() {
  const giveBack = useFocusBack()
  const close = useRef<HTMLButtonElement>(null)
  const view = useWorkspace((workspace) => workspace.view)
  const form = useWorkspace((workspace) => workspace.form !== null)
  const visit = useWorkspace((workspace) => workspace.visit)
  const places: Place[] = [
    ...(view === 'finder' ? (['list', 'columns'] as const) : []),
    ...(form ? (['form'] as const) : []),
    ...(form && view === 'surveys' ? (['survey'] as const) : []),
    ...(form && view === 'call-cycles' ? (['cycle'] as const) : []),
    ...(visit !== null ? (['shelf'] as const) : []),
    'anywhere',
  ]
  return (
    <Dialog.Root open onOpenChange={(next) => !next && showOverlay(null)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            close.current?.focus()
          }}
          onCloseAutoFocus={giveBack}
          className="floating fixed top-1/2 left-1/2 z-50 flex max-h-[88%] w-[min(46rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 flex-col"
        >
          <Dialog.Title className="px-5 pt-4 pb-3 text-lg font-semibold">Shortcuts</Dialog.Title>
          {/* Scrolled by keyboard too. */}
          <div
            tabIndex={0}
            className="min-h-0 columns-2 gap-8 overflow-y-auto px-5 pb-3 -outline-offset-2 max-[44rem]:columns-1"
          >
            {places.map((place) => (
              <section key={place} className="mb-4 break-inside-avoid">
                <h3 className="mb-1 font-semibold">{names[place]}</h3>
                <dl>
                  {(Object.keys(shortcuts) as ShortcutName[])
                    .filter((name) => shortcuts[name].place === place)
                    .map((name) => (
                      <Row key={name} name={name} />
                    ))}
                </dl>
              </section>
            ))}
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

function Row({ name }: { name: ShortcutName }) {
  const { keys, words } = shortcuts[name]
  return (
    <div className="flex items-baseline justify-between gap-4 border-b border-line py-1.5 last:border-0">
      <dt className="text-muted">{words}</dt>
      <dd className="flex flex-wrap justify-end gap-x-2.5 gap-y-1">
        {keys.map((combination) => (
          <KeyCombination key={combination} keys={combination} />
        ))}
      </dd>
    </div>
  )
}
