/** What people type for a time of day, on a 24-hour clock as it is written everywhere here: 9, 930, 9:30, 09.30 → 09:30. */
export function clockTime(typed: string): string | null {
  const [, hour, minute = '00'] = /^(\d{1,2}?)(?:\s*[:.,h]?\s*(\d\d))?\s*h?$/i.exec(typed.trim()) ?? []
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) return null
  return `${hour.padStart(2, '0')}:${minute}`
}
