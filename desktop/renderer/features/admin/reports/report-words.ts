import type { FleetHealth, ReportKind, ReportSchedule, SurveyCompletion } from '#common/contract/reports'
import { countWords, numberWords } from '../../../ui/date-words.ts'

/** Reports in the words a person sees. */

export const kindWords: Record<ReportKind, string> = {
  visits: 'Visits by person',
  shelf_share: 'Shelf share by brand',
  coverage: 'Call cycle coverage',
  goals: 'Goals',
  survey_completion: 'Survey completion',
  activity: 'Activity',
}

export const kindHints: Record<ReportKind, string> = {
  visits: 'Who began, completed and cancelled how many visits, and at how many shops.',
  shelf_share: 'What part of the shelves each brand has, beside the time before.',
  coverage: 'How call cycles were kept: covered, missed, and missed for a reason.',
  goals: 'How far each goal of the time has come.',
  survey_completion: 'How many visits with each survey were completed.',
  activity: 'Who signed in, changed and exported how much.',
}

export const everyWords: Record<ReportSchedule['every'], string> = {
  day: 'Every day',
  week: 'Every Monday',
  month: 'On the 1st of each month',
}

/** Of what it tells then. */
export const tellsWords: Record<ReportSchedule['every'], string> = {
  day: 'Tells of the day before.',
  week: 'Tells of the week before, from Monday to Sunday.',
  month: 'Tells of the month before.',
}

export const formatWords: Record<ReportSchedule['format'], string> = {
  xlsx: 'Excel workbook',
  csv: 'CSV file',
}

export const hourWords = (hour: number): string => `${String(hour).padStart(2, '0')}:00`

/** Every Monday at 07:00, with the zone where it is not the reader's. */
export function whenWords({ every, hour, timezone }: ReportSchedule, readerZone: string): string {
  const zone = timezone === readerZone ? '' : `, ${timezone}`
  return `${everyWords[every]} at ${hourWords(hour)}${zone}`
}

/** The first two, and how many more. */
export function recipientWords(names: readonly string[]): string {
  if (names.length === 0) return 'Nobody'
  if (names.length <= 2) return names.join(' and ')
  return `${names.slice(0, 2).join(', ')} and ${countWords(names.length - 2, 'other')}`
}

/** 60%, or a dash where there is nothing to take a part of. */
export const rateWords = (rate: number | null): string => (rate === null ? '–' : `${Math.round(rate * 100)}%`)

const waits: Record<number, string> = {
  0: 'Less than an hour',
  1: 'An hour up to a day',
  24: 'A day up to a week',
  168: 'A week or longer',
}
export const waitWords = ({ hours }: FleetHealth['waits'][number]): string =>
  waits[hours] ?? `${numberWords(hours)} hours or longer`

/** The table as it is saved; how much is completed as a number that a spreadsheet can go on with. */
export const completionRows = (surveys: readonly SurveyCompletion[]): string[][] => [
  ['Survey', 'Started', 'Completed', 'Cancelled', 'In progress', 'Completed (%)', 'People'],
  ...surveys.map(({ name, started, completed, cancelled, open, rate, agents }) => [
    name,
    String(started),
    String(completed),
    String(cancelled),
    String(open),
    rate === null ? '' : String(Math.round(rate * 1000) / 10),
    String(agents),
  ]),
]
