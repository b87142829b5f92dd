import type { Session } from '../session/session.ts'
import type { Handlers } from './handlers.ts'
import { askServer, changeOnServer } from './record-keeping.ts'

type Names = Extract<keyof Handlers, `tenants.${string}` | `registration.${string}`>

const why = 'The organisations are kept on the server.'
const registering = 'An organisation is registered at the server.'

/** The organisations of a server: for super admins all of them, and for whoever may register one theirs. */
export function tenantHandlers(session: Session): Pick<Handlers, Names> {
  // As themselves, wherever they act.
  const client = () => session.workspace().client
  return {
    'tenants.list': ({ search, page }) =>
      askServer(why, () =>
        client().call('listTenants', { query: { page, ...(search.trim() && { search }) } }),
      ),
    'tenants.read': ({ id }) => askServer(why, () => client().call('readTenant', { params: { id } })),
    'tenants.add': (body) =>
      askServer(why, async () => {
        const { tenant } = await client().call('createTenant', { body })
        return { tenant }
      }),
    'tenants.update': ({ id, ...body }) =>
      changeOnServer(session, why, async () => {
        const { tenant } = await client().call('updateTenant', { params: { id }, body })
        return { tenant }
      }),
    'tenants.enter': ({ id }) => askServer(why, () => session.enterTenant(id)).then(() => ({})),
    'registration.read': ({ server }) => session.callAt(server).call('readRegistration', {}),
    'registration.send': ({ server, ...body }) =>
      askServer(registering, () => session.callAt(server).call('registerTenant', { body })).then(() => ({})),
  }
}
