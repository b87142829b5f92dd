import { useEffect, useState } from 'react'

/** Milliseconds. */
const lookEvery = 30_000

const two = (part: number) => String(part).padStart(2, '0')

/** The day it is on a clock of this computer: 2026-11-30. */
export const localDay = (now = new Date()) =>
  `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`

/**
 * Tells when another day has begun; answers how to stop. Looks now and again: a timer until midnight would be late by as
 * long as the computer sleeps.
 */
export function watchDay(onDay: (day: string) => void): () => void {
  let day = localDay()
  const timer = setInterval(() => {
    const now = localDay()
    if (now !== day) onDay(now)
    day = now
  }, lookEvery)
  return () => clearInterval(timer)
}

/** The day it is, from one midnight to the next. */
export function useLocalDay(): string {
  const [day, setDay] = useState(() => localDay())
  useEffect(() => watchDay(setDay), [])
  return day
}
