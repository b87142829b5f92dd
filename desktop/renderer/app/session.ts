import { create } from 'zustand'
import { type Action, may, type Target } from '#common/rules/permissions'
import type { Request, SessionState } from '#desktop/bridge/channels'
import { ask, on } from './bridge.ts'

/** Where the person stands, as main last said. */
export const useSession = create<SessionState>(() => ({
  phase: 'starting',
  server: '',
  user: null,
  siteId: null,
  entered: null,
  keepsData: true,
  mustSignIn: false,
  blockedBy: null,
  notice: null,
}))

const adopt = (state: SessionState) => useSession.setState(state, true)

/** Follows main's session. Rejects with a ProblemError where main cannot say. */
export async function connectSession() {
  on('session.changed', adopt)
  adopt(await ask('session.get', {}))
}

export const signIn = async (request: Request<'session.signIn'>) =>
  adopt(await ask('session.signIn', request))

export const chooseSite = async (siteId: string, makeDefault: boolean) =>
  adopt(await ask('session.chooseSite', { siteId, makeDefault }))

export const retryStorage = async (setAside: boolean) =>
  adopt(await ask('session.retryStorage', { setAside }))

/** Acts in an organisation from now on, or with null in none; main tells what follows from it. */
export const enterTenant = (id: string | null) => ask('tenants.enter', { id })

/** The person as they are, wherever they act. */
export const oneself = ({ user, entered }: SessionState): SessionState['user'] =>
  user && entered ? { ...user, tenant: null, roles: ['super_admin'] } : user

/** What is looked after at the moment: the organisation one is or acts in, or the platform. */
export const useWhole = () =>
  useSession(({ user, entered }) =>
    !entered && user?.roles.includes('super_admin') ? 'the platform' : 'the organisation',
  )

/** May the person do `action`, in the site they work in unless `target` says otherwise? */
export const useMay = (action: Action, target: Target = {}) =>
  useSession(
    ({ user, siteId }) => user !== null && may(user, action, { ...(siteId && { siteId }), ...target }),
  )
