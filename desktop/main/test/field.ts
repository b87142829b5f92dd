import type { Brand } from '#common/contract/brands'
import type { Shop } from '#common/contract/shops'
import type { Question, SurveyHead, SurveyVersion } from '#common/contract/surveys'
import { plainQuestion } from '#common/rules/survey-draft'
import { jpegOfSize, realJpeg } from '#common/rules/test/pictures'
import type { Request } from '#desktop/bridge/channels'
import type { StoreOptions } from '../store/local-store.ts'
import { alice, Device, siteA } from './device.ts'
import { ServerModel } from './server-model.ts'

/** What an agent meets in the field: shops, a brand, and a survey in two versions, of which the first is out. */

const id = (n: number) => `0192f000-0000-7000-8000-${String(n).padStart(12, '0')}`

export const shopId = id(501)
export const otherShopId = id(502)
export const brandId = id(601)
export const surveyId = id(701)

export const asked = { fridge: id(711), doors: id(712), shelf: id(713), remark: id(714) }

const question = (changes: Partial<Question> & Pick<Question, 'id' | 'type' | 'text'>): Question => ({
  ...plainQuestion,
  ...changes,
})

export const questions: Question[] = [
  question({ id: asked.fridge, type: 'yes_no', text: 'Is there a fridge?', required: true }),
  question({
    id: asked.doors,
    type: 'number',
    text: 'How many doors?',
    required: true,
    min: 1,
    showIf: { questionId: asked.fridge, is: 'equal', value: true },
  }),
  question({ id: asked.shelf, type: 'photo', text: 'The shelf', required: true }),
  question({ id: asked.remark, type: 'text', text: 'Anything else?' }),
]

export const shop = (changes: Partial<Shop> = {}): Shop => ({
  id: shopId,
  siteId: siteA,
  name: 'Müller am Markt',
  address: 'Marktplatz 1',
  reference: 'M-1',
  latitude: 52.52,
  longitude: 13.4,
  active: true,
  version: 1,
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...changes,
})

export const brand: Brand = {
  id: brandId,
  name: 'Arla',
  description: '',
  colour: '#0d6e6e',
  active: true,
  infographics: [],
  version: 1,
}

export const head = (publishedNumber = 1): SurveyHead => ({
  id: surveyId,
  name: 'Dairy shelf',
  active: true,
  publishedNumber,
})

export const version = (number: number, ofIt: Question[] = questions): SurveyVersion => ({
  id: id(720 + number),
  surveyId,
  number,
  name: 'Dairy shelf',
  description: '',
  questions: ofIt,
  publishedAt: '2026-01-01T00:00:00.000Z',
})

/** A server with all that, and an agent of one of its sites. */
export function fieldModel(): ServerModel {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'viewer' })
  model.setRoles(alice, ['agent'])
  model.putField({ entity: 'shop', record: shop() })
  model.putField({
    entity: 'shop',
    record: shop({ id: otherShopId, name: 'Aldi', reference: null, latitude: null, longitude: null }),
  })
  model.putField({ entity: 'brand', record: brand })
  model.putField({ entity: 'survey', record: head() })
  model.putField({ entity: 'surveyVersion', record: version(1) })
  return model
}

/** The agent's device, with everything the server had. */
export async function fieldDevice(
  model: ServerModel,
  options: Partial<StoreOptions> = {},
): Promise<FieldDevice> {
  const device = new FieldDevice(model, alice, options)
  await device.sync()
  return device
}

export const startRequest: Request<'visits.start'> = {
  siteId: siteA,
  shopId,
  surveyId,
  visitType: 'routine',
  position: { latitude: 52.52, longitude: 13.4, accuracy: 12, source: 'device' },
  timezone: 'Europe/Berlin',
}

export const photoRequest = (
  visitId: string,
  changes: Partial<Request<'photos.add'>> = {},
): Request<'photos.add'> => ({
  visitId,
  purpose: 'shelf',
  questionId: null,
  original: null,
  picture: jpegOfSize(2000, 1),
  thumbnail: realJpeg,
  ...changes,
})

export class FieldDevice extends Device {
  start(changes: Partial<Request<'visits.start'>> = {}): string {
    return this.local.field.startVisit({ ...startRequest, ...changes })
  }

  answer(visitId: string, answers: Request<'visits.edit'>['answers'] & object) {
    this.local.field.editVisit({ id: visitId, answers })
  }

  photo(visitId: string, changes: Partial<Request<'photos.add'>> = {}): string {
    return this.local.photos.addPhoto(photoRequest(visitId, changes)).id
  }

  /** The photo that the survey wants. */
  shelfPhoto(visitId: string, seed = 1): string {
    const asking = { purpose: 'question' as const, questionId: asked.shelf }
    return this.photo(visitId, { ...asking, picture: jpegOfSize(2000, seed) })
  }

  complete(visitId: string) {
    this.local.field.completeVisit(visitId)
  }

  /** What one has to do at least. */
  wholeVisit(): string {
    const visitId = this.start()
    this.answer(visitId, { [asked.fridge]: false })
    this.shelfPhoto(visitId)
    this.complete(visitId)
    return visitId
  }

  open(visitId: string) {
    return this.local.field.openVisit(visitId)!
  }

  /** What is on its way, in order: what is done to what. */
  get queued(): string[] {
    return this.local.queueItems().map(({ entity, op, state }) => `${entity} ${op} ${state}`)
  }
}
