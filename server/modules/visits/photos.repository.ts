import type { MarkedQuadrant, Photo, PhotoFields, PhotoPurpose, Polygon } from '#common/contract/photos'
import type { Transaction } from '../../shared/transaction.ts'

interface Row {
  id: string
  site_id: string
  visit_id: string
  question_id: string | null
  purpose: PhotoPurpose
  sha256: string
  size: number
  type: Photo['type']
  width: number
  height: number
  taken_at: Date | null
  latitude: number | null
  longitude: number | null
  shelf: Polygon | null
  received: number
  stored_at: Date | null
  has_thumbnail: boolean
  version: number
  created_at: Date
  quadrants: MarkedQuadrant[]
}

const toPhoto = (row: Row): Photo => ({
  id: row.id,
  siteId: row.site_id,
  visitId: row.visit_id,
  questionId: row.question_id,
  purpose: row.purpose,
  sha256: row.sha256,
  size: row.size,
  type: row.type,
  width: row.width,
  height: row.height,
  takenAt: row.taken_at?.toISOString() ?? null,
  latitude: row.latitude,
  longitude: row.longitude,
  shelf: row.shelf,
  quadrants: row.quadrants,
  received: row.received,
  storedAt: row.stored_at?.toISOString() ?? null,
  hasThumbnail: row.has_thumbnail,
  version: row.version,
  createdAt: row.created_at.toISOString(),
})

export const createPhotosRepository = ({ db, scope }: Transaction) => {
  const read = async (where: string, values: object): Promise<Photo[]> => {
    const { rows } = await db.raw<{ rows: Row[] }>(
      `SELECT p.*, f.sha256, f.size, f.type, f.width, f.height, f.received, f.stored_at, f.has_thumbnail,
         (SELECT coalesce(jsonb_agg(jsonb_build_object('id', q.id, 'brandId', q.brand_id, 'polygon', q.polygon,
           'areaPercentage', q.area_percentage) ORDER BY q.position), '[]')
          FROM shelf_quadrants q WHERE q.tenant_id = p.tenant_id AND q.photo_id = p.id) AS quadrants
       FROM photos p JOIN pictures f ON f.tenant_id = p.tenant_id AND f.id = p.id
       WHERE p.tenant_id = :tenantId AND ${where}`,
      { tenantId: scope.tenantId, ...values } as never,
    )
    return rows.map(toPhoto)
  }

  async function mark(id: string, quadrants: readonly MarkedQuadrant[]): Promise<void> {
    if (quadrants.length === 0) return
    await db('shelf_quadrants').insert(
      quadrants.map(({ id: quadrantId, brandId, polygon, areaPercentage }, position) => ({
        tenant_id: scope.tenantId,
        photo_id: id,
        id: quadrantId,
        brand_id: brandId,
        position,
        polygon: JSON.stringify(polygon),
        area_percentage: areaPercentage,
      })),
    )
  }

  return {
    async find(id: string): Promise<Photo | null> {
      return (await read('p.id = :id', { id }))[0] ?? null
    },

    /** In the order they were added. */
    ofVisits: (visitIds: readonly string[]): Promise<Photo[]> =>
      read('p.visit_id = ANY (:visitIds::uuid[]) ORDER BY p.created_at, p.id', { visitIds }),

    /** Those of visits that the person made at the scope's site. */
    ofAgent: (agentId: string, ids: readonly string[]): Promise<Photo[]> =>
      read(
        `p.id = ANY (:ids::uuid[]) AND EXISTS (SELECT FROM visits v WHERE v.tenant_id = p.tenant_id
           AND v.id = p.visit_id AND v.site_id = :siteId AND v.agent_id = :agentId)`,
        { ids, siteId: scope.siteId, agentId },
      ),

    /** How many a visit has for each question, whether their bytes have arrived or not. */
    async countByQuestion(visitId: string): Promise<Map<string, number>> {
      const rows = await db('photos')
        .where({ visit_id: visitId })
        .whereNotNull('question_id')
        .groupBy('question_id')
        .select<{ id: string; count: number }[]>('question_id as id', db.raw('count(*)::int AS count'))
      return new Map(rows.map(({ id, count }) => [id, count]))
    },

    /** How many a visit has, whether their bytes have arrived or not. */
    async count(visitId: string): Promise<number> {
      const row = await db('photos')
        .where({ visit_id: visitId })
        .first<{ count: number }>(db.raw('count(*)::int AS count'))
      return row.count
    },

    /** Those with these ids. */
    withIds: (ids: readonly string[]): Promise<Photo[]> => read('p.id = ANY (:ids::uuid[])', { ids }),

    /** Of these, those the organisation has. */
    async brands(ids: readonly string[]): Promise<Set<string>> {
      return new Set(await db('brands').whereIn('id', ids).pluck<string[]>('id'))
    },

    /** Its picture is announced already. */
    async insert(id: string, photo: PhotoFields, quadrants: readonly MarkedQuadrant[]): Promise<void> {
      await db('photos').insert({
        tenant_id: scope.tenantId,
        id,
        site_id: scope.siteId,
        visit_id: photo.visitId,
        question_id: photo.questionId,
        purpose: photo.purpose,
        taken_at: photo.takenAt,
        latitude: photo.latitude,
        longitude: photo.longitude,
        shelf: photo.shelf && JSON.stringify(photo.shelf),
      })
      await mark(id, quadrants)
    },

    /** In place of what was marked before. */
    async replaceMarks(
      id: string,
      shelf: Polygon | null,
      quadrants: readonly MarkedQuadrant[],
    ): Promise<void> {
      await db('photos')
        .where({ id })
        .update({ shelf: shelf && JSON.stringify(shelf), version: db.raw('version + 1') })
      await db('shelf_quadrants').where({ photo_id: id }).delete()
      await mark(id, quadrants)
    },

    /** Something else about it has changed. */
    async countUp(id: string): Promise<void> {
      await db('photos')
        .where({ id })
        .update({ version: db.raw('version + 1') })
    },

    /** Of these, those that were there and were removed, of the scope's person. */
    async removed(ids: readonly string[]): Promise<Set<string>> {
      const found = await db('feed_changes')
        .where({ feed_id: scope.siteId, entity: 'photo', owner_id: scope.userId ?? null, removed: true })
        .whereIn('entity_id', ids)
        .pluck<string[]>('entity_id')
      return new Set(found)
    },
  }
}
