import { addInteraction, expect, search, syncStatus, test, upToDate } from './support/journey.ts'

test('a first fetch that is broken off leaves what came usable, says so, and goes on by itself', async ({
  server,
  cable,
  computer,
}) => {
  const device = await computer()
  let page = await device.start()
  const brokenOff = cable.swallowAnswerTo('cursor=')
  await device.giveCredentials('editor')
  await brokenOff
  await cable.pull()
  await page.getByRole('button', { name: 'Marketing' }).click()

  const partial = /^Offline · \d{3} of about [\d,]+$/
  const counts = () => page.getByRole('status', { name: 'Interactions found' })
  await expect(syncStatus(page)).toHaveText(partial)
  await expect(page.getByText('The rest comes by itself once you are online.')).toBeVisible()
  await expect(page.getByRole('row').nth(5)).toBeVisible()
  await expect(counts()).toHaveText(/^[\d,]+ so far$/)
  await search(page, 'nothing has this name')
  await expect(page.getByRole('heading', { name: 'Nothing found so far' })).toBeVisible()
  await search(page, '')

  await device.quit()
  page = await device.start()
  await expect(syncStatus(page)).toHaveText(partial)
  await expect(counts()).toHaveText(/^[\d,]+ so far$/)
  await addInteraction(page, 'Before everything was here')
  await expect(syncStatus(page)).toHaveText('Offline · 1 waiting')

  await cable.plugIn()
  await upToDate(page)
  const editor = await server.signIn('editor')
  await expect(counts()).toHaveText((await editor.count('Marketing', '')).toLocaleString('en'))
})
