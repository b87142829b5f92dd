import { useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import { type Team, type TeamLevel, teamLevels } from '#common/contract/teams'
import { teamsAtOrBelow, treeOf, whyNotBelow, whyNotLevel } from '#common/rules/team-tree'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useMay } from '../../../app/session.ts'
import { tell } from '../../../app/workspace.ts'
import { Field, FieldNotes } from '../../../ui/Field.tsx'
import { FormDialog } from '../../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { LeaderField, type Leader } from './TeamLeaderField.tsx'
import { levelWords } from './team-words.ts'

type Errors = Partial<Record<'name' | 'level' | 'parentId' | 'leaderId', string>>

/** The highest level there is room for below a team. */
const levelBelow = (parent: Team | null): TeamLevel =>
  parent ? (teamLevels[teamLevels.indexOf(parent.level) - 1] ?? 'team') : 'nation'

/** Makes a team, or renames and moves one. A place it cannot have is there to see, with the reason. */
export function TeamDialog({
  team,
  below,
  teams,
  onClose,
  onDone,
}: {
  team: Team | null
  below: Team | null
  teams: readonly Team[]
  onClose: () => void
  onDone: (id: string) => void
}) {
  // The same when it is sent again, so that no team is made twice.
  const [id] = useState(() => team?.id ?? uuidv7())
  const mayBeTop = useMay('team.manage', { inTeam: false })
  const [start] = useState(() => ({
    name: team?.name ?? '',
    level: team?.level ?? levelBelow(below),
    parentId: team?.parentId ?? below?.id ?? null,
    leader: { id: team?.leaderId ?? null, words: team?.leaderName ?? '' },
  }))
  const [name, setName] = useState(start.name)
  const [level, setLevel] = useState<TeamLevel>(start.level)
  const [parentId, setParentId] = useState(start.parentId)
  const [leader, setLeader] = useState<Leader>(start.leader)
  const [errors, setErrors] = useState<Errors>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)

  const isSeen = (wanted: string) => teams.some((other) => other.id === wanted)
  /** Where it is, out of sight, it may stay. */
  const isStaying = parentId === (team?.parentId ?? null) && team !== null
  const inside = team ? teamsAtOrBelow(teams, (other) => other.id === team.id) : new Set<string>()
  const whyNot = (parent: Team) =>
    parent.id !== team?.id && inside.has(parent.id)
      ? `It is below ${team!.name} itself`
      : whyNotBelow({ id: team?.id ?? null, level }, parent)

  const wrong = (): Errors => {
    const parent = teams.find((other) => other.id === parentId)
    const place =
      parentId === null
        ? !mayBeTop && !isStaying && 'Choose the team it is below'
        : parent
          ? whyNot(parent)
          : !isStaying && 'Choose the team it is below'
    const ofLevel = whyNotLevel(
      level,
      teams.filter((other) => other.parentId === team?.id),
    )
    return {
      ...(name.trim() === '' && { name: 'Is required' }),
      ...(ofLevel && { level: ofLevel }),
      ...(place && { parentId: place }),
      ...(leader.id === null && leader.words.trim() !== '' && { leaderId: 'Choose somebody from the list' }),
    }
  }
  const send = async () => {
    setProblem(null)
    const found = wrong()
    setErrors(found)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    const fields = { name: name.trim(), level, parentId, leaderId: leader.id }
    try {
      if (team) await ask('teams.update', { id, version: team.version, ...fields })
      else await ask('teams.add', { id, ...fields })
      tell(team ? `${fields.name} is changed.` : `${fields.name} is added.`)
      onDone(id)
    } catch (failure) {
      const said = problemOf(failure)
      const known = said.details.filter(({ field }) =>
        ['name', 'level', 'parentId', 'leaderId'].includes(field),
      )
      setErrors(Object.fromEntries(known.map(({ field, message }) => [field, message])))
      setProblem(known.length > 0 ? null : said)
      setBusy(false)
    }
  }
  const isChanged =
    name.trim() !== start.name ||
    level !== start.level ||
    parentId !== start.parentId ||
    leader.words.trim() !== start.leader.words
  return (
    <FormDialog
      title={team ? `Change “${team.name}”` : below ? `Add a team below ${below.name}` : 'Add a team'}
      intro={<p>{team ? 'The teams below it move with it.' : 'People are put into it afterwards.'}</p>}
      send={team ? 'Save' : 'Add'}
      busy={busy}
      unsaved={
        !isChanged
          ? null
          : team
            ? 'Your changes to the team are not saved yet.'
            : 'The team is not added yet.'
      }
      onSend={() => void send()}
      onClose={onClose}
    >
      <div className="mt-4 space-y-3.5">
        <Field label="Name" error={errors.name}>
          {(control) => (
            <input
              type="text"
              {...control}
              autoFocus
              autoComplete="off"
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Level" error={errors.level}>
          {(control) => (
            <select
              {...control}
              value={level}
              onChange={(event) => {
                setLevel(event.target.value as TeamLevel)
                setErrors({})
              }}
            >
              {teamLevels.toReversed().map((each) => (
                <option key={each} value={each}>
                  {levelWords[each].words}
                </option>
              ))}
            </select>
          )}
        </Field>
        <LeaderField leader={leader} error={errors.leaderId} onChange={setLeader} />
        <fieldset aria-describedby={errors.parentId ? 'team-parent-error' : undefined}>
          <legend className="mb-1 font-[550]">Below</legend>
          <div className="max-h-56 overflow-y-auto rounded-md border border-line-strong py-1">
            <Place
              words="None: at the top"
              depth={1}
              checked={parentId === null}
              why={mayBeTop || team?.parentId === null ? null : 'Only admins put teams at the top'}
              onChoose={() => setParentId(null)}
            />
            {team?.parentId && !isSeen(team.parentId) && (
              <Place
                words="Where it is, below a team of others"
                depth={1}
                checked={parentId === team.parentId}
                why={null}
                onChoose={() => setParentId(team.parentId)}
              />
            )}
            {treeOf(teams).map(({ team: other, depth }) => (
              <Place
                key={other.id}
                words={other.name}
                level={levelWords[other.level].words}
                depth={depth}
                checked={parentId === other.id}
                why={whyNot(other)}
                onChoose={() => setParentId(other.id)}
              />
            ))}
          </div>
          <FieldNotes id="team-parent" error={errors.parentId} />
        </fieldset>
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </FormDialog>
  )
}

/** A place in the tree; one it cannot have says why. */
function Place({
  words,
  level,
  depth,
  checked,
  why,
  onChoose,
}: {
  words: string
  level?: string
  depth: number
  checked: boolean
  why: string | null
  onChoose: () => void
}) {
  return (
    <label
      className={`flex items-start gap-2 px-2.5 py-1 ${why ? 'text-muted' : 'hover:bg-surface-2'}`}
      style={{ paddingLeft: `${(depth - 1) * 18 + 10}px` }}
    >
      <input
        type="radio"
        name="team-parent"
        className="mt-[3px] shrink-0 accent-(--accent)"
        checked={checked}
        disabled={why !== null && !checked}
        onChange={onChoose}
      />
      <span className="min-w-0">
        <span className="break-words">{words}</span>
        {level && <span className="ml-1.5 text-sm text-muted">{level}</span>}
        {why && <span className="block text-sm">{why}</span>}
      </span>
    </label>
  )
}
