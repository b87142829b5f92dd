import type { InteractionFields } from '#common/contract/interactions'
import { instantsOf } from '#common/rules/time-zone'

/** Believable interactions from a seed: the same seed gives the same records, on every machine. */

const leads = [
  'Ana Jones',
  'James Smith',
  'Priya Nair',
  'Tom Becker',
  'Paula García',
  'Mark Wilson',
  'Søren Ødegård',
  'Zoë Müller',
  'Łukasz Nowak',
  'Aoife Ní Bhriain',
  'Chidi Okafor',
  'Émile Lefèvre',
]
const shops = [
  'Nahkauf Meller Bogen',
  'REWE Alexanderplatz',
  'NORMA Spandau',
  'Edeka Güntzelstraße',
  'Netto Alte Jakobstraße',
  'Kaufland Storkower Bogen',
]
const clients = [
  'Harrow Foods',
  'Bravo Juices',
  'Västra Dairy',
  'Oatly North',
  'Alpro Benelux',
  'Garant Kitchen',
  'Vale Packaging',
  'Tropic & Co',
]
const topics = [
  'quarterly review',
  'price change',
  'new listing',
  'autumn promotion',
  'shelf plan',
  'delivery delays',
  'contract renewal',
  'complaint follow-up',
  'product tasting',
  'store opening',
]
const places: [name: string, zone: string][] = [
  ['Conference Room A', 'Europe/Berlin'],
  ['Virtual', 'Europe/Berlin'],
  ['Berlin office', 'Europe/Berlin'],
  ['Dublin office', 'Europe/Dublin'],
  ['London, Harbour Street', 'Europe/London'],
  ['New York', 'America/New_York'],
  ['São Paulo', 'America/Sao_Paulo'],
  ['Kolkata', 'Asia/Kolkata'],
]
const remarks = [
  'Follow up in one week.',
  'Samples were well received; send the price list.',
  'They asked for a second display near the tills.',
  'No decision yet; the buyer is on leave until the end of the month.',
  'Agreed in principle, waiting for the written order.',
  '',
]

/** Mulberry32: small, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function generateInteractions(count: number, seed: number): InteractionFields[] {
  const next = random(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!
  const lastDay = Date.UTC(2026, 8, 30)

  return Array.from({ length: count }, () => {
    const type = pick([
      'Meeting',
      'Meeting',
      'Call',
      'Call',
      'Email',
      'Update',
      'Review',
      'Training',
      'Visit',
      'Other',
    ])
    const topic = pick(topics)
    const [location, timezone] = pick(places)
    const shop = pick(shops)
    const day = new Date(lastDay - Math.floor(next() * 730) * 86_400_000).toISOString().slice(0, 10)
    const clock = (minutes: number) =>
      `${day}T${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
    const start = 8 * 60 + Math.floor(next() * 36) * 15
    const end = start + pick([15, 30, 45, 60, 90, 120])
    return {
      title: type === 'Visit' ? `Shelf check, ${shop}` : `${pick(clients)}: ${topic}`,
      type,
      lead: pick(leads),
      startDateTime: instantsOf(clock(start), timezone)[0]!,
      endDateTime: instantsOf(clock(end), timezone)[0]!,
      timezone,
      location: type === 'Visit' ? shop : location,
      description: next() < 0.6 ? '' : `About the ${topic}. ${pick(remarks)}`.trim(),
      notes: pick(remarks),
      status: next() < 0.1 ? 'active' : 'complete',
    }
  })
}
