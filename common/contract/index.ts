import { chooseSite, listMySites, readMe, refreshSession, signIn, signOut } from './auth.ts'
import {
  createInteraction,
  deleteInteraction,
  listInteractions,
  readInteraction,
  updateInteraction,
} from './interactions.ts'
import { listSites, readSite } from './sites.ts'
import { pullChanges, pushMutations } from './sync.ts'

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
  listInteractions,
  readInteraction,
  createInteraction,
  updateInteraction,
  deleteInteraction,
  pushMutations,
  pullChanges,
}
export type Endpoints = typeof endpoints
