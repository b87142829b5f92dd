import { create } from 'zustand'
import { useSession } from '../../app/session.ts'
import type { Choice, Draft } from './edit-rows.ts'
import type { HandValues } from './hand-values.ts'

/** Conflicts half decided, by mutation: kept while the app runs and the same person works in it. */
const useDrafts = create<Record<string, Draft>>(() => ({}))

const none: Draft = { choices: {}, values: null }

export const useDraft = (mutationId: string): Draft => useDrafts((drafts) => drafts[mutationId] ?? none)

export const choose = (mutationId: string, choices: Record<string, Choice>) =>
  useDrafts.setState(({ [mutationId]: draft = none }) => ({
    [mutationId]: { ...draft, choices: { ...draft.choices, ...choices } },
  }))

export const writeByHand = (mutationId: string, values: HandValues) =>
  useDrafts.setState(({ [mutationId]: draft = none }) => ({ [mutationId]: { ...draft, values } }))

useSession.subscribe(({ user }, before) => {
  if (user?.id !== before.user?.id) useDrafts.setState({}, true)
})
