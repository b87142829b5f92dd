import { ArrowDown, ArrowUp, Ellipsis, GripVertical, ListOrdered, Plus } from 'lucide-react'
import { type DragEvent, type ReactNode, useState } from 'react'
import type { ManagedType } from '#common/contract/interaction-types'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button } from '../../../ui/Button.tsx'
import { countWords } from '../../../ui/date-words.ts'
import { Menu, MenuItem } from '../../../ui/Menu.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { Pill, typeTone } from '../../../ui/Pill.tsx'
import { State } from '../../../ui/State.tsx'
import { AdminScreen, Failed, Loading } from '../../../app/AdminScreen.tsx'
import { moved } from '../../../ui/order.ts'
import { TypeNameDialog } from './TypeNameDialog.tsx'

/** The types interactions can have, in the order in which they are offered. */
export function InteractionTypes() {
  const online = useSync((sync) => sync.online)
  const { value, problem, reload, setValue } = useAnswer(`${online}`, () => ask('types.list', {}))
  const [failure, setFailure] = useState<Problem | null>(null)
  const [dialog, setDialog] = useState<'add' | ManagedType | null>(null)
  const [said, setSaid] = useState('')
  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null

  /** Shows the list as the server has it afterwards, whatever came of it. */
  const act = async (work: () => Promise<unknown>, words: string) => {
    setFailure(null)
    setSaid('')
    try {
      await work()
      setSaid(words)
    } catch (error) {
      setFailure(problemOf(error))
    }
    await reload()
  }
  const types = value?.types ?? []
  const move = (from: number, to: number) => {
    const type = types[from]
    if (!type || from === to || to < 0 || to >= types.length) return
    setValue({ types: moved(types, from, to) })
    void act(
      () => ask('types.update', { id: type.id, position: to }),
      `${type.name} is now ${to + 1} of ${types.length}.`,
    )
  }

  return (
    <AdminScreen
      title="Interaction types"
      about="What people choose from when they write something down, in this order, in every site. A type that is in use keeps its name; taken out of use it stays on the records that have it."
      actions={
        <Button look="primary" disabled={!online} onClick={() => setDialog('add')}>
          <Plus aria-hidden size={15} /> Add type
        </Button>
      }
    >
      <p role="status" className="sr-only">
        {said}
      </p>
      {failure && <ProblemNotice problem={failure} className="mb-3" />}
      {failed && (
        <Failed problem={failed} title="The types could not be read" onRetry={() => void reload()} />
      )}
      {!value && !problem && <Loading words="Reading the types" />}
      {value && !failed && types.length === 0 && (
        <State icon={ListOrdered} title="There are no types yet">
          <p>Add the first one, such as Meeting or Call: an interaction needs a type.</p>
        </State>
      )}
      {value && !failed && types.length > 0 && (
        <ol aria-label="Types" className="border-t border-line">
          {types.map((type, index) => (
            <TypeRow
              key={type.id}
              type={type}
              index={index}
              count={types.length}
              onMove={move}
              menu={<TypeMenu type={type} onRename={() => setDialog(type)} act={act} />}
            />
          ))}
        </ol>
      )}
      {dialog && (
        <TypeNameDialog
          type={dialog === 'add' ? null : dialog}
          onClose={() => setDialog(null)}
          onDone={() => {
            setDialog(null)
            void reload()
          }}
        />
      )}
    </AdminScreen>
  )
}

const dragged = 'application/x-fieldbook-type'

function TypeRow({
  type,
  index,
  count,
  onMove,
  menu,
}: {
  type: ManagedType
  index: number
  count: number
  onMove: (from: number, to: number) => void
  menu: ReactNode
}) {
  const [isOver, setIsOver] = useState(false)
  const over = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes(dragged)) return
    event.preventDefault()
    setIsOver(true)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setIsOver(false)
    onMove(Number(event.dataTransfer.getData(dragged)), index)
  }
  return (
    <li
      draggable
      className={`flex h-11 items-center gap-2 border-b border-line pr-1 ${
        isOver ? 'bg-accent-soft shadow-[inset_0_0_0_2px_var(--accent)]' : 'hover:bg-surface-2'
      }`}
      onDragStart={(event) => {
        event.dataTransfer.setData(dragged, String(index))
        event.dataTransfer.effectAllowed = 'move'
      }}
      onDragOver={over}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <GripVertical aria-hidden size={15} className="ml-1 shrink-0 cursor-grab text-faint" />
      <span className="flex w-96 min-w-0 items-center gap-2">
        <span className="flex min-w-0">
          <Pill tone={type.active ? typeTone(type.name) : 'plain'}>{type.name}</Pill>
        </span>
        {!type.active && <span className="shrink-0 text-sm text-muted">Out of use</span>}
      </span>
      <span className="min-w-0 flex-1 truncate text-muted">
        {type.used === 0 ? 'Not used yet' : countWords(type.used, 'interaction')}
      </span>
      <Button
        look="icon"
        aria-label={`Move ${type.name} up`}
        disabled={index === 0}
        onClick={() => onMove(index, index - 1)}
      >
        <ArrowUp aria-hidden size={15} />
      </Button>
      <Button
        look="icon"
        aria-label={`Move ${type.name} down`}
        disabled={index === count - 1}
        onClick={() => onMove(index, index + 1)}
      >
        <ArrowDown aria-hidden size={15} />
      </Button>
      {menu}
    </li>
  )
}

function TypeMenu({
  type,
  onRename,
  act,
}: {
  type: ManagedType
  onRename: () => void
  act: (work: () => Promise<unknown>, words: string) => Promise<void>
}) {
  const [asking, setAsking] = useState(false)
  const { id, name, active } = type
  const isUsed = type.used > 0
  const because = isUsed && <span className="block text-sm text-muted">Records have it</span>
  return (
    <>
      <Menu
        label={`What to do with ${name}`}
        align="end"
        trigger={
          <Button look="icon" aria-label={`More for ${name}`}>
            <Ellipsis aria-hidden size={16} />
          </Button>
        }
      >
        <MenuItem disabled={isUsed} onSelect={onRename}>
          <span>Rename…{because}</span>
        </MenuItem>
        <MenuItem
          onSelect={() =>
            void act(
              () => ask('types.update', { id, active: !active }),
              `${name} is ${active ? 'out of use' : 'in use again'}.`,
            )
          }
        >
          {active ? 'Take out of use' : 'Use again'}
        </MenuItem>
        <MenuItem disabled={isUsed} onSelect={() => setAsking(true)}>
          <span className={isUsed ? '' : 'text-bad'}>Delete…{because}</span>
        </MenuItem>
      </Menu>
      <Ask
        open={asking}
        title={`Delete the type “${name}”?`}
        no="Keep it"
        onNo={() => setAsking(false)}
        actions={
          <Button
            look="danger-solid"
            onClick={() => {
              setAsking(false)
              void act(() => ask('types.delete', { id }), `${name} is deleted.`)
            }}
          >
            Delete
          </Button>
        }
      >
        <p>No interaction has it. It is gone from the list for everybody.</p>
      </Ask>
    </>
  )
}
