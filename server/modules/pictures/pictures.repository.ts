import type { PictureType } from '#common/contract/pictures'
import type { Transaction } from '../../shared/transaction.ts'

export interface Announced {
  id: string
  /** Whose photo it is; null of an infographic. */
  visitId: string | null
  sha256: string
  size: number
  type: PictureType
  width: number
  height: number
}

export interface Picture extends Announced {
  received: number
  storedAt: string | null
  hasThumbnail: boolean
}

interface PictureRow extends Omit<Picture, 'visitId' | 'storedAt' | 'hasThumbnail'> {
  visit_id: string | null
  stored_at: Date | null
  has_thumbnail: boolean
}

const columns = [
  'id',
  'visit_id',
  'sha256',
  'size',
  'type',
  'width',
  'height',
  'received',
  'stored_at',
  'has_thumbnail',
] as const satisfies readonly (keyof PictureRow)[]

const toPicture = ({ visit_id, stored_at, has_thumbnail, ...row }: PictureRow): Picture => ({
  ...row,
  visitId: visit_id,
  storedAt: stored_at?.toISOString() ?? null,
  hasThumbnail: has_thumbnail,
})

/** Parts that are read in one statement: some mebibytes. */
const partsAtOnce = 16

export const createPicturesRepository = ({ db, scope }: Transaction) => ({
  async find(id: string): Promise<Picture | null> {
    const row = await db('pictures')
      .where({ id })
      .first<PictureRow | undefined>(...columns)
    return row ? toPicture(row) : null
  },

  /** Held until the transaction ends. */
  async lock(id: string): Promise<Picture | null> {
    const row = await db('pictures')
      .where({ id })
      .forUpdate()
      .first<PictureRow | undefined>(...columns)
    return row ? toPicture(row) : null
  },

  /** False when there is one under this id already, seen or not. */
  async insert({ visitId, ...given }: Announced): Promise<boolean> {
    const { rowCount } = await db.raw<{ rowCount: number }>('? ON CONFLICT DO NOTHING', [
      db('pictures').insert({ ...given, tenant_id: scope.tenantId, visit_id: visitId }),
    ])
    return rowCount > 0
  },

  async addPart(id: string, first: number, bytes: Buffer): Promise<void> {
    await db('picture_parts').insert({ tenant_id: scope.tenantId, picture_id: id, first, bytes })
    await db('pictures')
      .where({ id })
      .update({ received: first + bytes.length })
  },

  async readParts(id: string, size: number): Promise<Buffer> {
    const whole = Buffer.alloc(size)
    let at = 0
    while (at < size) {
      const parts = await db('picture_parts')
        .where({ picture_id: id })
        .where('first', '>=', at)
        .orderBy('first')
        .limit(partsAtOnce)
        .select<{ first: number; bytes: Buffer }[]>('first', 'bytes')
      if (parts[0]?.first !== at) throw new Error(`A part of picture ${id} is missing at ${at}`)
      for (const { first, bytes } of parts) at = first + bytes.copy(whole, first)
    }
    return whole
  },

  async forgetParts(id: string): Promise<void> {
    await db('picture_parts').where({ picture_id: id }).delete()
    await db('pictures').where({ id }).update({ received: 0 })
  },

  async store(id: string): Promise<Picture> {
    await db('picture_parts').where({ picture_id: id }).delete()
    const [row] = await db('pictures')
      .where({ id })
      .update({ stored_at: db.fn.now(), received: db.ref('size') })
      .returning<PictureRow[]>([...columns])
    return toPicture(row!)
  },

  async addThumbnail(id: string): Promise<void> {
    await db('pictures').where({ id }).update({ has_thumbnail: true })
  },

  /** Says whether it was stored. */
  async remove(id: string): Promise<boolean> {
    const [row] = await db('pictures')
      .where({ id })
      .delete()
      .returning<Pick<PictureRow, 'stored_at'>[]>('stored_at')
    return row !== undefined && row.stored_at !== null
  },

  /** Of infographics that were announced so many days ago and did not come. */
  overdue: (days: number): Promise<string[]> =>
    db('pictures')
      .where({ visit_id: null, stored_at: null })
      .whereRaw('created_at < now() - make_interval(days => ?)', [days])
      .pluck('id'),

  /** The photos that were announced so many days ago, and of which only a part came. */
  overduePhotos: (days: number): Promise<{ id: string; siteId: string; agentId: string }[]> =>
    db('pictures as p')
      .join('visits as v', (join) => join.on('v.tenant_id', 'p.tenant_id').on('v.id', 'p.visit_id'))
      .whereNull('p.stored_at')
      .where('p.received', '>', 0)
      .whereRaw('p.created_at < now() - make_interval(days => ?)', [days])
      .select({ id: 'p.id', siteId: 'v.site_id', agentId: 'v.agent_id' }),
})
