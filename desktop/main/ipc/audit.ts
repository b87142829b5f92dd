import type { Session } from '../session/session.ts'
import type { Handlers } from './handlers.ts'
import { askServer } from './record-keeping.ts'

const audit = 'The audit is kept on the server.'

/** What happened in the organisation, for those who look after it. */
export function auditHandlers(session: Session): Pick<Handlers, 'audit.list' | 'activity.read'> {
  const client = () => session.workspace().client
  return {
    'audit.list': ({ query: { siteId, from, to, actor, action, entityId }, cursor }) => {
      const query = {
        ...(from && { from }),
        ...(to && { to }),
        ...(actor && { actor }),
        ...(action && { action }),
        ...(entityId && { entityId }),
        ...(cursor && { cursor }),
      }
      return askServer(audit, () =>
        siteId
          ? client().call('listAuditOfSite', { params: { id: siteId }, query })
          : client().call('listAudit', { query }),
      )
    },
    'activity.read': ({ from, to, timezone, search, page }) =>
      askServer(audit, () =>
        client().call('readActivity', {
          query: { from, to, timezone, page, ...(search.trim() && { search }) },
        }),
      ),
  }
}
