import {
  chooseSite,
  endSession,
  listMySessions,
  listMySites,
  readMe,
  refreshSession,
  signIn,
  signOut,
} from './auth.ts'
import { cancelExport, readExport, readExportFile, reportLocalExport, startExport } from './exports.ts'
import {
  cancelImport,
  checkImport,
  listImportProblems,
  listImports,
  readImport,
  readImportFile,
  runImport,
  sendImportRows,
  startImport,
  undoImport,
} from './imports.ts'
import {
  createInteraction,
  deleteInteraction,
  listInteractions,
  readInteraction,
  updateInteraction,
} from './interactions.ts'
import { addType, deleteType, listTypes, updateType } from './interaction-types.ts'
import { changeInBulk, listDeleted, readHistory, restoreInteraction, undoBulk } from './record-keeping.ts'
import { changeSiteSettings, listSites, readSite } from './sites.ts'
import { pullChanges, pushMutations } from './sync.ts'
import { changeTenantSettings, readTenantSettings } from './tenants.ts'
import { deleteView, listViews, saveView } from './views.ts'

/** Every endpoint under `/api/v1`, by the name the client calls it by. */
export const endpoints = {
  signIn,
  refreshSession,
  signOut,
  listMySessions,
  endSession,
  readMe,
  listMySites,
  chooseSite,
  listSites,
  readSite,
  changeSiteSettings,
  readTenantSettings,
  changeTenantSettings,
  listTypes,
  addType,
  updateType,
  deleteType,
  listViews,
  saveView,
  deleteView,
  listInteractions,
  readInteraction,
  createInteraction,
  updateInteraction,
  deleteInteraction,
  readHistory,
  listDeleted,
  restoreInteraction,
  changeInBulk,
  undoBulk,
  startExport,
  readExport,
  cancelExport,
  readExportFile,
  reportLocalExport,
  startImport,
  sendImportRows,
  listImports,
  readImport,
  checkImport,
  runImport,
  undoImport,
  cancelImport,
  listImportProblems,
  readImportFile,
  pushMutations,
  pullChanges,
}
export type Endpoints = typeof endpoints
