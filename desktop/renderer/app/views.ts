import { useEffect } from 'react'
import { create } from 'zustand'
import type { View, ViewInput } from '#common/contract/views'
import { may } from '#common/rules/permissions'
import { ask, on } from './bridge.ts'
import { useSession } from './session.ts'

/** The saved views of the site: the person's own and those shared, as main last said; null before that. */
export const useViews = create<{ views: readonly View[] | null }>(() => ({ views: null }))

const inOrder = (views: readonly View[]) => views.toSorted((a, b) => a.name.localeCompare(b.name))

/** Follows the saved views of a site. */
export function useFollowViews(siteId: string) {
  useEffect(() => {
    let current = true
    const read = () =>
      void ask('views.list', { siteId }).then(
        ({ views }) => {
          if (current) useViews.setState({ views: inOrder(views) })
        },
        // The list stays as it is; the next change asks again.
        () => undefined,
      )
    read()
    const stop = on('views.changed', (event) => event.siteId === siteId && read())
    return () => {
      current = false
      stop()
      useViews.setState({ views: null })
    }
  }, [siteId])
}

/** Keeps a view, a new one where there is no id. It is sent when there is a network. */
export async function saveView(siteId: string, view: ViewInput, id?: string): Promise<View> {
  const saved = await ask('views.save', { ...(id && { id }), siteId, view })
  useViews.setState(({ views }) => ({
    views: inOrder([...(views ?? []).filter((other) => other.id !== saved.view.id), saved.view]),
  }))
  return saved.view
}

export async function deleteView({ id, siteId }: View): Promise<void> {
  await ask('views.delete', { id, siteId })
  useViews.setState(({ views }) => ({ views: views?.filter((view) => view.id !== id) ?? null }))
}

/** One's own, or a shared one where the person looks after the site. */
export const mayChangeView = (view: View): boolean => {
  const { user } = useSession.getState()
  if (!user) return false
  if (view.ownerId === user.id) return true
  return view.shared && may(user, 'view.manage', { siteId: view.siteId })
}
