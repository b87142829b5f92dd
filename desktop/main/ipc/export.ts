import type { LocalExports } from '../spreadsheet/local-exports.ts'
import type { Handlers } from './handlers.ts'

type Names = 'export.start' | 'export.cancel' | 'export.show'

/** Files for spreadsheets, written from what this device holds. */
export const exportHandlers = (exports: LocalExports): Pick<Handlers, Names> => ({
  'export.start': async (request) => ({ export: await exports.start(request) }),
  'export.cancel': async ({ exportId }) => {
    await exports.cancel(exportId)
    return {}
  },
  'export.show': ({ exportId }) => {
    exports.show(exportId)
    return Promise.resolve({})
  },
})
