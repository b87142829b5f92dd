import { Crosshair, TriangleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Shop } from '#common/contract/shops'
import type { Position } from '#common/contract/visits'
import { distanceFrom } from '#common/rules/visit-rules'
import { TextButton } from '../../ui/Button.tsx'
import { Field } from '../../ui/Field.tsx'
import { Notice } from '../../ui/Notice.tsx'
import { findPlace, isWaiting, type Place, placeNow, usePlace } from './place.ts'
import { distanceWords, positionWords, readCoordinates } from '../../ui/place-words.ts'

type Source = Position['source'] | 'none'
type Where = Pick<Shop, 'latitude' | 'longitude'>

interface ChosenPosition {
  source: Source
  choose: (source: Source) => void
  typed: string
  type: (text: string) => void
  error: string | undefined
  value: Position | null
  /** What is recorded: the device's answer is waited for, as long as it may take. */
  settled: () => Promise<Position | null>
  /** A position that was begun to be written is whole; says so where it is not. */
  readonly isReady: boolean
  place: Place
}

/**
 * Where a visit begins: as the device says or, where it cannot, as the person says. The shop's own place is what is left
 * when neither is known.
 */
export function usePosition(shop: Where | null): ChosenPosition {
  const place = usePlace()
  const [chosen, setChosen] = useState<Source | null>(null)
  const [typed, setTyped] = useState('')
  useEffect(() => void findPlace(), [])
  const source =
    chosen ?? (isWaiting(place) || place.position ? 'device' : shopPosition(shop) ? 'shop' : 'none')
  const entered = readCoordinates(typed)
  const isWrong = source === 'entered' && typed.trim() !== '' && !entered
  const values: Record<Source, Position | null> = {
    device: isWaiting(place) ? null : place.position,
    entered: entered && { ...entered, accuracy: null, source: 'entered' },
    shop: shopPosition(shop),
    none: null,
  }
  return {
    source,
    choose: setChosen,
    typed,
    type: setTyped,
    error: isWrong ? 'Write degrees as 52.5219, 13.4132' : undefined,
    value: values[source],
    async settled() {
      return source === 'device' ? placeNow() : values[source]
    },
    isReady: !isWrong,
    place,
  }
}

const shopPosition = (shop: Where | null): Position | null =>
  shop && shop.latitude !== null && shop.longitude !== null
    ? { latitude: shop.latitude, longitude: shop.longitude, accuracy: null, source: 'shop' }
    : null

const silence: Partial<Record<Place['state'], string>> = {
  denied: 'This computer does not let Fieldbook see where it is.',
  unavailable: 'This device does not know where it is.',
  timeout: 'This device did not find out where it is in time.',
}

export function PositionField({ position, shop }: { position: ChosenPosition; shop: Where | null }) {
  const { source, choose, value, place } = position
  const distance = source === 'shop' ? null : distanceFrom(shop, value)
  const other = (next: Source, words: string) => (
    <TextButton key={next} onClick={() => choose(next)}>
      {words}
    </TextButton>
  )
  return (
    <div role="group" aria-label="Where you are">
      <div className="mb-1 font-[550]">Where you are</div>
      {source === 'entered' ? (
        <Field label={<span className="sr-only">Latitude and longitude</span>} error={position.error}>
          {(control) => (
            <input
              {...control}
              type="text"
              autoComplete="off"
              autoFocus
              placeholder="52.5219, 13.4132"
              value={position.typed}
              onChange={(event) => position.type(event.target.value)}
            />
          )}
        </Field>
      ) : (
        <div
          role="status"
          className="flex min-h-8 items-center gap-2 rounded-md bg-surface-2 px-2.5 py-1.5 tabular-nums"
        >
          <Crosshair aria-hidden size={14} className="shrink-0 text-muted" />
          {value
            ? positionWords(value)
            : source === 'device' && isWaiting(place)
              ? 'Finding where you are…'
              : 'Not recorded'}
        </div>
      )}
      {/* Has its place from the start: the dialog does not move when the answer comes. */}
      <p className="mt-1 min-h-[17px] text-sm text-muted">{source !== 'entered' && silence[place.state]}</p>
      <p className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-sm">
        {source !== 'device' && place.position && other('device', 'Use what this device says')}
        {source !== 'device' && !place.position && (
          <TextButton
            onClick={() => {
              choose('device')
              void findPlace()
            }}
          >
            Ask the device again
          </TextButton>
        )}
        {source !== 'entered' && other('entered', 'Enter coordinates')}
        {source !== 'shop' && shopPosition(shop) && other('shop', 'I am at the shop')}
        {source !== 'none' && other('none', 'Do not record it')}
      </p>
      {distance && !distance.isFar && (
        <p className="mt-1.5 text-muted">{distanceWords(distance.metres)} from the shop.</p>
      )}
      {distance?.isFar && (
        <Notice tone="warn" className="mt-2">
          <TriangleAlert aria-hidden size={14} className="shrink-0" />
          <span className="min-w-0 flex-1">
            {distanceWords(distance.metres)} from the shop. You can start; the visit will be flagged.
          </span>
        </Notice>
      )}
    </div>
  )
}
