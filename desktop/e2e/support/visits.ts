import type { Locator, Page } from '@playwright/test'
import { createHash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { Photo } from '#common/contract/photos'
import type { Question, Survey } from '#common/contract/surveys'
import type { WholeVisit } from '#common/contract/visits'
import { plainQuestion } from '#common/rules/survey-draft'
import type { LocalPhoto, OpenVisit } from '#desktop/bridge/field'
import { ask, expect } from './journey.ts'
import type { ApiClient } from './server.ts'

export const button = (at: Page | Locator, name: string | RegExp) =>
  at.getByRole('button', { name, exact: true })
export const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
/** A step of a visit. */
export const tab = (page: Page, name: string) =>
  page.getByRole('tab', { name: new RegExp(`^(Done: )?${name}`) })
export const saved = (page: Page) => page.getByRole('status', { name: 'Saved', exact: true })
/** One of the choices of a question. */
export const choice = (page: Page, { text }: Question, name: string) =>
  page.getByRole('radiogroup', { name: text }).getByRole('radio', { name, exact: true })

export async function show(page: Page, name: string): Promise<Locator> {
  await button(page.getByRole('navigation', { name: 'Screens' }), name).click()
  return region(page, name)
}

/** A question as a new one is, but for what is said. */
export const asked = (type: Question['type'], text: string, more: Partial<Question> = {}): Question => ({
  id: uuidv7(),
  type,
  text,
  ...plainQuestion,
  ...more,
})
export const options = (...labels: string[]) => labels.map((label) => ({ id: uuidv7(), label }))

export interface Place {
  name: string
  address: string
  latitude: number
  longitude: number
}

/** Shops and a survey beside those of the demo, in the site its agent works in. */
export async function addFieldWork(
  admin: ApiClient,
  shops: readonly Place[],
  name: string,
  questions: readonly Question[],
): Promise<void> {
  for (const shop of shops) await admin.ask('POST', '/shops', 'Sales', { ...shop, reference: null })
  const { survey } = (await admin.ask('POST', '/surveys', 'Sales', { name, description: '', questions })) as {
    survey: Survey
  }
  await admin.ask('POST', `/surveys/${survey.id}/publish`, 'Sales', { version: survey.version })
}

/** The visit as this device has it. */
export async function openOn(page: Page, id: string): Promise<OpenVisit> {
  return (await ask(page, 'visits.open', { id })).open!
}

/** The one visit to this shop that this device knows of. */
export async function visitTo(page: Page, shop: string): Promise<OpenVisit> {
  const { siteId } = await ask(page, 'session.get', {})
  const found = await ask(page, 'visits.mine', {
    siteId: siteId!,
    search: shop,
    status: null,
    from: null,
    to: null,
    offset: 0,
    limit: 10,
  })
  expect(found.total).toBe(1)
  return openOn(page, found.visits[0]!.id)
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The digests of the photos as the device itself shows them. */
export async function shownDigests(page: Page, photos: readonly LocalPhoto[]): Promise<string[]> {
  const digests = await page.evaluate(
    (ids) =>
      Promise.all(
        ids.map(async (id) => {
          const bytes = await (await fetch(`app://fieldbook/photo/${id}`)).arrayBuffer()
          return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))]
        }),
      ),
    photos.map(({ id }) => id),
  )
  return digests.map((digest) => Buffer.from(digest).toString('hex'))
}

/** What there is on the server of a visit that the device holds like this: the same photos, to the last byte. */
export async function arrived(admin: ApiClient, kept: OpenVisit): Promise<WholeVisit> {
  const whole = (await admin.ask('GET', `/visits/${kept.visit.id}`, 'Sales')) as WholeVisit
  const digests = (photos: readonly Pick<Photo, 'id' | 'sha256'>[]) =>
    Object.fromEntries(photos.map((photo) => [photo.id, photo.sha256]))
  expect(digests(whole.photos)).toEqual(digests(kept.photos))
  for (const photo of whole.photos) {
    expect(photo.storedAt).not.toBeNull()
    expect(sha256(await admin.bytes(`/photos/${photo.id}/content`))).toBe(photo.sha256)
  }
  return whole
}
