import type { Page } from '@playwright/test'
import type { AssignmentProgress, Goal } from '#common/contract/goals'
import type { Adherence, CallCycle, CycleSlot } from '#common/contract/call-cycles'
import { dateOfDay, dayNumber } from '#common/rules/calendar'
import type { Answer } from '#desktop/bridge/channels'
import { ask, expect, startAs, syncStatus, test, upToDate } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import type { ApiClient, TestServer } from './support/server.ts'
import { addFieldWork, asked, button, show } from './support/visits.ts'

test.use({ serverOf: 'today' })

const shops = ['Quay Market', 'Lock Market', 'Mole Market'] as const
const cycleName = 'Harbour, every day'
const today = new Date().toISOString().slice(0, 10)
const inDays = (days: number) => dateOfDay(dayNumber(today) + days)

interface Status {
  slots: CycleSlot[]
  periods: ({ start: string } & Adherence)[]
}

/** Three shops the agent visits every day, since yesterday, and a goal of theirs and one of their team's. */
async function prepare(server: TestServer): Promise<{ leader: ApiClient; cycle: CallCycle; goal: Goal }> {
  const admin = await server.signIn('admin')
  const places = shops.map((name) => ({ name, address: 'Am Hafen 1', latitude: 52.5, longitude: 13.4 }))
  await addFieldWork(admin, places, 'Harbour check', [asked('yes_no', 'Is it open?')])
  const found = (await admin.ask('GET', '/shops?search=market&pageSize=100', 'Sales')) as {
    shops: { id: string; name: string }[]
  }
  const idOf = (name: string) => found.shops.find((shop) => shop.name === name)!.id
  const leader = await server.signIn('leader')
  const { session } = await server.signIn('agent')
  const made = (await leader.ask('POST', '/call_cycles', 'Sales', {
    name: cycleName,
    userId: session.user.id,
    teamId: null,
    recurrence: { every: 1, unit: 'day' },
    startsOn: inDays(-1),
    endsOn: null,
    timezone: 'UTC',
    locations: shops.map((name, position) => ({
      shopId: idOf(name),
      day: null,
      position,
      visitsPerCycle: 1,
    })),
  })) as { cycle: CallCycle }
  const goal = (await leader.ask('POST', '/goals', 'Sales', {
    name: 'Four harbour visits',
    metric: 'visits_completed',
    target: 4,
    brandId: null,
    startsOn: today,
    endsOn: inDays(3),
    timezone: 'UTC',
    assignTo: [{ userId: session.user.id, teamId: null }],
  })) as { goal: Goal }
  return { leader, cycle: made.cycle, goal: goal.goal }
}

const plan = async (page: Page): Promise<Answer<'today.read'>> => {
  const { siteId } = await ask(page, 'session.get', {})
  return ask(page, 'today.read', { siteId: siteId! })
}
const due = (page: Page) => page.getByRole('list', { name: 'Due', exact: true })
const stop = (page: Page, name: string) => due(page).getByRole('button', { name: new RegExp(`^${name} `) })
const goalBar = (page: Page) => page.getByRole('img', { name: /^Four harbour visits/ })

test('a planned visit that is made offline changes the route, how it is kept and the goal at once, and the server agrees', async ({
  server,
  cable,
  computer,
}) => {
  const { leader, cycle, goal } = await prepare(server)
  const device = await computer(cable.url)
  let page = await startAs(device, 'agent')
  await show(page, 'Today')
  const route = () => page.getByRole('region', { name: 'Route' })
  await expect(stop(page, 'Quay Market')).toContainText('Due today', { timeout: 60_000 })
  await expect(goalBar(page)).toHaveAccessibleName(/: 0 of 4, behind pace/)
  await lookAt(device, 'today-route')

  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await stop(page, 'Quay Market').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Survey').selectOption('No survey')
  await button(dialog, 'Start visit').click()
  await expect(page.getByRole('heading', { name: 'Quay Market' })).toBeVisible()
  await show(page, 'Today')
  await expect(stop(page, 'Quay Market')).toContainText('Continue')
  await stop(page, 'Quay Market').click()
  await button(page, 'Complete visit').click()
  await show(page, 'Today')
  const done = () => route().getByRole('list', { name: 'Done', exact: true })
  await expect(done()).toContainText('Quay Market')
  await expect(done()).toContainText('Visited today')
  await expect(goalBar(page)).toHaveAccessibleName(/: 1 of 4, on pace/)

  // Why a shop is not visited: said offline, and kept.
  await due(page).getByRole('button', { name: 'Say why Lock Market is not visited' }).click()
  await button(dialog, 'The shop was closed').click()
  await lookAt(device, 'today-reason')
  await button(dialog, 'Save').click()
  await expect(due(page)).toContainText('“The shop was closed”Reason not sent yet')
  await show(page, 'Sync centre')
  await expect(page.getByRole('region', { name: 'Sync centre' })).toContainText(
    '1 reason for a missed visit is still to be sent.',
  )
  await lookAt(device, 'today-reason-waits')
  await show(page, 'Today')
  await lookAt(device, 'today-done')
  await device.quit()
  page = await device.start()
  await show(page, 'Today')
  await expect(done()).toContainText('Quay Market')
  await expect(goalBar(page)).toHaveAccessibleName(/: 1 of 4, on pace/)
  await expect(due(page)).toContainText('Reason not sent yet')

  await cable.plugIn()
  await upToDate(page)
  await expect(route()).not.toContainText('Reason not sent yet')
  await expect(route()).toContainText('“The shop was closed”')
  const kept = await plan(page)
  const status = (await leader.ask('GET', `/call_cycles/${cycle.id}/status`, 'Sales')) as Status
  const onDevice = kept.cycles.find(({ id }) => id === cycle.id)!
  const period = status.periods.find(({ start }) => start === onDevice.period!.start)!
  expect(period).toMatchObject(onDevice.kept)
  expect(onDevice.kept).toMatchObject({ covered: 1, due: 2 })
  const slotOf = ({ locationId, period, slot, status, reason, visit }: CycleSlot) => ({
    slot: `${locationId} ${period} ${slot}`,
    status,
    reason,
    visit,
  })
  const stops = kept.stops.filter(({ cycleId }) => cycleId === cycle.id)
  const shown = new Set(stops.map((each) => slotOf(each).slot))
  const bySlot = (one: { slot: string }, other: { slot: string }) => (one.slot < other.slot ? -1 : 1)
  expect(stops.map(slotOf).sort(bySlot)).toEqual(
    status.slots
      .map(slotOf)
      .filter(({ slot }) => shown.has(slot))
      .sort(bySlot),
  )
  expect(stops.map(({ group }) => group).sort()).toEqual(['done', 'due', 'due', 'missed', 'missed', 'missed'])
  const { progress } = (await leader.ask('GET', `/goals/${goal.id}/progress`, 'Sales')) as {
    progress: AssignmentProgress[]
  }
  expect(kept.goals.find(({ id }) => id === goal.id)!.progress).toEqual(progress[0]!.progress)

  // How a cycle was kept before and what is planned is one step away, and back.
  const { name } = onDevice
  await page.getByRole('region', { name: 'Call cycles' }).getByRole('button', { name }).click()
  await expect(page.getByRole('heading', { name })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Periods' })).toBeVisible()
  await lookAt(device, 'today-cycle')
  await button(page, 'Back to Today').click()
  await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible()
  const cycles = await show(page, 'Call cycles')
  await expect(cycles.getByRole('button', { name })).toBeVisible()
  await expect(button(cycles, 'Add call cycle')).toHaveCount(0)
  await lookAt(device, 'today-cycles')
  await show(page, 'Today')

  // What the leader changes is on the device with the next contact.
  await leader.ask('PUT', `/goals/${goal.id}`, 'Sales', { target: 8, version: goal.version })
  await expect(goalBar(page)).toHaveAccessibleName(/: 1 of 8/, { timeout: 60_000 })
})
