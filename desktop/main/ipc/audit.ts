import { exportFileName } from '#common/spreadsheet/file-name'
import type { AuditQuery } from '#desktop/bridge/audit'
import type { Session } from '../session/session.ts'
import { localDay } from '../spreadsheet/local-exports.ts'
import type { Files, Handlers } from './handlers.ts'
import { askServer } from './record-keeping.ts'

const audit = 'The audit is kept on the server.'

const filterOf = ({ from, to, actor, action, entityId }: AuditQuery) => ({
  ...(from && { from }),
  ...(to && { to }),
  ...(actor && { actor }),
  ...(action && { action }),
  ...(entityId && { entityId }),
})

/** What happened in the organisation, for those who look after it. */
export function auditHandlers(
  session: Session,
  files: Pick<Files, 'save'>,
): Pick<Handlers, 'audit.list' | 'audit.export' | 'activity.read'> {
  const client = () => session.client()
  return {
    'audit.list': ({ query: asked, cursor }) => {
      const { siteId } = asked
      const query = { ...filterOf(asked), ...(cursor && { cursor }) }
      return askServer(audit, () =>
        siteId
          ? client().call('listAuditOfSite', { params: { id: siteId }, query })
          : client().call('listAudit', { query }),
      )
    },
    'audit.export': async ({ query: asked }) => {
      const { siteId } = asked
      const query = filterOf(asked)
      const content = await askServer(audit, () =>
        siteId
          ? client().call('exportAuditOfSite', { params: { id: siteId }, query })
          : client().call('exportAudit', { query }),
      )
      return {
        saved: await files.save(exportFileName('audit', localDay(new Date()), 'csv'), content as Uint8Array),
      }
    },
    'activity.read': ({ from, to, timezone, search, page }) =>
      askServer(audit, () =>
        client().call('readActivity', {
          query: { from, to, timezone, page, ...(search.trim() && { search }) },
        }),
      ),
  }
}
