import { createStore, type StoreApi } from 'zustand'
import type { Problem } from '#desktop/bridge/channels'
import { problemOf } from '../../app/bridge.ts'

/** What somebody writes and the app saves by itself. */
interface SavingState<Edit> {
  /** All that is not known to be kept yet, to be laid over what is; null where everything is. */
  edit: Edit | null
  /** Why the last try failed; what was written waits for the next one. */
  problem: Problem | null
}

export interface Saving<Edit> {
  store: StoreApi<SavingState<Edit>>
  change: (edit: Edit, when: 'soon' | 'now') => void
  /** Has everything kept that was written so far; false where something could not be. */
  flush: () => Promise<boolean>
  /** Forgets what is not kept. */
  discard: () => void
}

/** Milliseconds without another key after which what was typed is saved. */
const pause = 400

/**
 * Saves edits one after the other, never two at once, so that the last one written is the last one kept. `keep` resolves
 * once the edit is durable and what lies beneath shows it.
 */
export function createSaving<Edit extends object>(
  keep: (edit: Edit) => Promise<void>,
  merge: (before: Edit, after: Edit) => Edit,
): Saving<Edit> {
  const store = createStore<SavingState<Edit>>(() => ({ edit: null, problem: null }))
  let typed: Edit | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<boolean> | null = null

  async function run(): Promise<boolean> {
    while (typed) {
      const sent: Edit = typed
      typed = null
      try {
        await keep(sent)
        store.setState({ edit: typed, problem: null })
      } catch (error) {
        typed = typed ? merge(sent, typed) : sent
        store.setState({ edit: typed, problem: problemOf(error) })
        return false
      }
    }
    return true
  }
  const flush = async (): Promise<boolean> => {
    clearTimeout(timer)
    running ??= run().finally(() => {
      running = null
    })
    const done = await running
    return done && typed ? flush() : done
  }
  return {
    store,
    change(edit, when) {
      typed = typed ? merge(typed, edit) : edit
      store.setState(({ edit: before }) => ({ edit: before ? merge(before, edit) : edit }))
      clearTimeout(timer)
      if (when === 'now') void flush()
      else timer = setTimeout(() => void flush(), pause)
    },
    flush,
    discard() {
      clearTimeout(timer)
      typed = null
      store.setState({ edit: null, problem: null })
    },
  }
}
