import { useState } from 'react'
import type { SiteRole } from '#common/contract/sites'
import type { FoundPerson } from '#desktop/bridge/people'
import { ask } from '../../../app/bridge.ts'
import { useMay } from '../../../app/session.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { Button } from '../../../ui/Button.tsx'
import { Combobox } from '../../../ui/Combobox.tsx'
import { Field } from '../../../ui/Field.tsx'
import { usePause } from '../../../ui/pause.ts'
import { RoleSelect } from '../people/PersonFields.tsx'

const labelOf = ({ displayName, detail }: FoundPerson) =>
  detail ? `${displayName} · ${detail}` : displayName

/** Looks somebody up by name and adds them. */
export function SitePersonAdd({
  disabled,
  onAdd,
}: {
  disabled: boolean
  onAdd: (userId: string, name: string, role: SiteRole) => Promise<boolean>
}) {
  const mayManage = useMay('user.manage')
  const [typed, setTyped] = useState('')
  const [search, setSearch] = useState('')
  const [role, setRole] = useState<SiteRole>('editor')
  const [error, setError] = useState<string | undefined>()
  const { after, flush } = usePause(250)
  const found = useAnswer(search, () => ask('people.find', { search })).value?.people ?? []
  const person = found.find((candidate) => labelOf(candidate) === typed)

  const type = (text: string) => {
    setTyped(text)
    setError(undefined)
    // Taken from the list: there is nothing more to look for.
    if (!found.some((candidate) => labelOf(candidate) === text)) after(() => setSearch(text.trim()))
  }
  const add = async () => {
    if (!person) {
      flush()
      return setError('Choose somebody from the list')
    }
    if (await onAdd(person.id, person.displayName, role)) {
      setTyped('')
      setSearch('')
    }
  }
  return (
    <form
      aria-label="Add to the site"
      noValidate
      className="mt-1.5"
      onSubmit={(event) => {
        event.preventDefault()
        void add()
      }}
    >
      <Field
        label="Add somebody"
        error={error}
        hint={
          mayManage
            ? undefined
            : 'Not to be found, or two of the same name? An admin of the organisation can add them.'
        }
      >
        {(control) => (
          <div className="flex flex-wrap gap-1.5">
            <div className="min-w-full">
              <Combobox {...control} value={typed} onChange={type} suggestions={found.map(labelOf)} />
            </div>
            <RoleSelect label="Role of the person added" value={role} onChange={setRole} />
            <Button type="submit" className="h-8" disabled={disabled}>
              Add
            </Button>
          </div>
        )}
      </Field>
    </form>
  )
}
