import type { Interaction } from '#common/contract/interactions'
import type { MarkedQuadrant, Photo, PhotoFields, Polygon, Quadrant } from '#common/contract/photos'
import type { Shop } from '#common/contract/shops'
import type { PhotoMutation, VisitMutation } from '#common/contract/sync'
import type { Visit, VisitFields } from '#common/contract/visits'
import { difference } from '#common/rules/merge'
import { shelfShares } from '#common/rules/shelf-share'
import { interactionOf, withPatch } from '#common/rules/visit-rules'
import type { LocalInteraction } from '#desktop/bridge/channels'
import type { LocalPhoto, LocalVisit } from '#desktop/bridge/field'
import type { Picture } from '../store/pictures.ts'
import { type Entry, type FieldEntry, needsAttention } from './entry.ts'

/** Visits and photos as the person sees them: the server's copies with the edits of the queue put on top. */

export const visitEntries = (family: readonly FieldEntry[]): Entry<VisitMutation>[] =>
  family.filter((entry) => entry.entity === 'visit')

export const photoEntries = (family: readonly FieldEntry[], id: string): Entry<PhotoMutation>[] =>
  family.filter((entry) => entry.entity === 'photo').filter(({ entityId }) => entityId === id)

const isUnsent = ({ state }: FieldEntry) => state !== 'applied' && state !== 'resending'

/** Null when neither a copy nor the edit that starts the visit is there. `family` holds its photos' edits too. */
export function presentVisit(
  copy: Visit | null,
  family: readonly FieldEntry[],
  userId: string,
): LocalVisit | null {
  const chain = visitEntries(family)
  let shown: Omit<LocalVisit, 'unsent' | 'needsAttention'> | null = copy
  for (const { op, mutation, state, siteId, entityId, savedAt } of chain) {
    if (state === 'resending' || !mutation) continue
    if (shown) shown = { ...withPatch(shown, mutation.patch), updatedAt: savedAt }
    else if (op === 'create') {
      const made = { id: entityId, siteId, agentId: userId, version: null }
      shown = { ...(mutation.patch as VisitFields), ...made, createdAt: savedAt, updatedAt: savedAt }
    }
  }
  return shown && { ...shown, unsent: chain.some(isUnsent), needsAttention: family.some(needsAttention) }
}

export const photoIsElsewhere =
  'The photo itself is neither here nor on the server: it is on the device it was added on, and is sent from there.'

/** The photos of a visit in the order they were added; `pictures` are those whose bytes are here. */
export function presentPhotos(
  visitId: string,
  copies: readonly Photo[],
  family: readonly FieldEntry[],
  pictures: readonly Picture[],
): LocalPhoto[] {
  const ids = [
    ...copies.map(({ id }) => id),
    ...family.filter(({ entity }) => entity === 'photo').map(({ entityId }) => entityId),
  ]
  return [...new Set(ids)].sort().flatMap((id) => {
    const chain = photoEntries(family, id)
    const copy = copies.find((photo) => photo.id === id) ?? null
    const shown = presentPhoto(visitId, copy, chain)
    if (!shown) return []
    const picture = pictures.find((each) => each.id === id)
    return {
      ...shown,
      ...whereabouts(shown, chain, picture),
      isHere: picture !== undefined && picture.state !== 'missing',
      isRefused: chain.some(isRefused),
    }
  })
}

type ShownPhoto = Omit<LocalPhoto, 'state' | 'problem' | 'isHere' | 'isRefused'>

const isRefused = ({ op, state }: Entry<PhotoMutation>) =>
  op === 'create' && (state === 'rejected' || state === 'conflict')

function presentPhoto(
  visitId: string,
  copy: Photo | null,
  chain: readonly Entry<PhotoMutation>[],
): ShownPhoto | null {
  let shown: ShownPhoto | null = copy
  for (const { op, mutation, state, siteId, entityId, savedAt } of chain) {
    if (state === 'resending') continue
    if (op === 'delete') {
      if (state === 'waiting' || state === 'applied') shown = null
      continue
    }
    if (!mutation) continue
    const { quadrants, ...patch } = mutation.patch
    if (shown) shown = { ...shown, ...patch }
    else if (op === 'create') {
      const made = { id: entityId, siteId, visitId, version: null, createdAt: savedAt }
      const nothing = { quadrants: [], received: 0, storedAt: null, hasThumbnail: false }
      shown = { ...(patch as Omit<PhotoFields, 'quadrants'>), ...made, ...nothing }
    }
    if (shown && quadrants) shown = { ...shown, quadrants: marked(quadrants, shown.shelf) }
  }
  return shown
}

function whereabouts(
  { storedAt, received }: ShownPhoto,
  chain: readonly Entry<PhotoMutation>[],
  picture: Picture | undefined,
): Pick<LocalPhoto, 'state' | 'problem' | 'received'> {
  const stopped = chain.find((entry) => entry.op === 'create' && needsAttention(entry))
  if (stopped) {
    const { message = 'An earlier change of the visit needs your attention.' } = stopped.problem ?? {}
    return { state: 'stopped', problem: message, received: 0 }
  }
  if (picture) return { state: picture.state, problem: picture.problem, received: picture.received }
  if (storedAt !== null) return { state: 'sent', problem: null, received }
  return { state: 'missing', problem: photoIsElsewhere, received }
}

/** With the share each has of what is marked. */
function marked(quadrants: readonly Quadrant[], shelf: Polygon | null): MarkedQuadrant[] {
  const shares = shelfShares(
    quadrants.map(({ polygon }) => polygon),
    shelf,
  )
  return quadrants.map((quadrant, index) => ({ ...quadrant, areaPercentage: shares[index]! }))
}

/** How many photos a visit has by question, but for those that the server did not take. */
export function photosByQuestion(photos: readonly LocalPhoto[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { questionId, isRefused } of photos)
    if (questionId !== null && !isRefused) counts.set(questionId, (counts.get(questionId) ?? 0) + 1)
  return counts
}

/** A visit as the Finder has to know it. */
export interface ShownVisit {
  visit: LocalVisit
  /** The server's copy. */
  copy: Visit | null
  /** Its start is still in the queue, so that its interaction may not have arrived. */
  isStarting: boolean
  shop: Pick<Shop, 'name' | 'address'> | null
  agentName: string
}

/**
 * The interaction of a visit before the server has told of it, and later with what edits of the visit will do to it.
 * Null when there is nothing to show, as of one that was deleted.
 */
export function interactionOnTop(
  { visit, copy, isStarting, shop, agentName }: ShownVisit,
  record: Interaction | null,
): LocalInteraction | null {
  const fields = interactionOf(visit, { shop, agentName })
  const { id, siteId, agentId, createdAt, updatedAt, unsent, needsAttention } = visit
  if (record) {
    const { patch } = copy ? difference(interactionOf(copy, { shop, agentName }), fields) : { patch: {} }
    return { ...record, ...patch, unsent, needsAttention }
  }
  if (!isStarting || visit.status === 'cancelled') return null
  const made = { createdBy: agentId, createdAt, updatedBy: agentId, updatedAt }
  return { id, siteId, ...fields, version: null, ...made, unsent: true, needsAttention }
}
