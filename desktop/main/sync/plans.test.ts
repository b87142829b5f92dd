import { expect, it } from 'vitest'
import type { Plan } from '#common/contract/plan'
import { NetworkError, ServerError } from '../api/failures.ts'
import { ManualClock, settled } from '../test/manual-clock.ts'
import type { MissNote } from '../store/miss-notes.ts'
import { PlanSync, type PlanSyncOptions } from './plans.ts'

const note = (slot: number): MissNote => ({
  cycleId: 'cycle',
  locationId: 'location',
  period: '2026-01-26',
  slot,
  reason: 'It was closed',
  savedAt: '2026-02-01T00:00:00.000Z',
  problem: null,
})

const error = (status: number) =>
  new ServerError(
    status,
    { status: 'error', error: { code: 'VALIDATION_ERROR', message: 'No such visit', requestId: 'r' } },
    undefined,
  )

/** Stands for the store and the server; `answers` says what becomes of each call. */
function world(notes: MissNote[], answers: Record<string, () => void> = {}) {
  const done: string[] = []
  const clock = new ManualClock()
  let isOld = true
  const faults: unknown[] = []
  const options: PlanSyncOptions = {
    clock,
    store: {
      missNotes: () => Promise.resolve([...notes]),
      settleMiss: ({ slot }, problem) => {
        done.push(`settled ${slot}: ${problem}`)
        return Promise.resolve([])
      },
      isPlanOld: (isLate) => Promise.resolve(isOld || isLate),
      keepPlan: () => {
        isOld = false
        done.push('kept')
        return Promise.resolve([])
      },
    },
    client: {
      call: ((name: string, { body }: { body?: { slot: number } }) => {
        const call = body ? `${name} ${body.slot}` : name
        done.push(call)
        return Promise.resolve().then(() => answers[call]?.() ?? ({} as Plan))
      }) as PlanSyncOptions['client']['call'],
    },
    events: { changed: () => {}, fault: (fault) => faults.push(fault) },
  }
  const sync = new PlanSync(options)
  const contact = async () => {
    done.length = 0
    sync.contact()
    await settled()
    return [...done]
  }
  return { contact, clock, faults, sync, answers }
}

it('tells what was said in its order, before it asks for the plan', async () => {
  const { contact, faults } = world([note(0), { ...note(1), problem: 'Refused' }, note(2)])
  expect(await contact()).toEqual([
    'explainMiss 0',
    'settled 0: null',
    'explainMiss 2',
    'settled 2: null',
    'readPlan',
    'kept',
  ])
  expect(faults).toEqual([])
})

it('goes on with the others when one is refused for good, and stops where nobody answers', async () => {
  const answers: Record<string, () => void> = {
    'explainMiss 0': () => {
      throw error(404)
    },
    'explainMiss 1': () => {
      throw new NetworkError('unreachable', 'the server')
    },
  }
  const { contact, faults } = world([note(0), note(1), note(2)], answers)
  expect(await contact()).toEqual(['explainMiss 0', 'settled 0: No such visit', 'explainMiss 1'])
  delete answers['explainMiss 1']
  expect((await contact()).slice(2)).toEqual([
    'explainMiss 1',
    'settled 1: null',
    'explainMiss 2',
    'settled 2: null',
    'readPlan',
    'kept',
  ])
  expect(faults).toEqual([])
})

it('asks for the plan anew where another is told of, and after a while', async () => {
  const { contact, clock } = world([])
  expect(await contact()).toEqual(['readPlan', 'kept'])
  expect(await contact()).toEqual([])
  clock.jump(10 * 60_000)
  expect(await contact()).toEqual(['readPlan', 'kept'])
})

it('says nothing more once it is stopped', async () => {
  const { contact, sync } = world([note(0)])
  await sync.stop()
  expect(await contact()).toEqual([])
})
