import { chooseSite, listMySites, readMe, refreshSession, signIn, signOut } from './auth.ts'
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
import { deleteView, listViews, saveView } from './views.ts'

/** Every endpoint under `/api/v1`, by the name the client calls it by. */
export const endpoints = {
  signIn,
  refreshSession,
  signOut,
  readMe,
  listMySites,
  chooseSite,
  listSites,
  readSite,
  changeSiteSettings,
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
  pushMutations,
  pullChanges,
}
export type Endpoints = typeof endpoints
