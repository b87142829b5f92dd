import type { Device, DeviceState } from '#common/contract/devices'
import { unseenAfterDays } from '#common/contract/devices'
import { countWords } from '../../../ui/date-words.ts'
import { capital } from '../../../ui/field-rows.ts'

/** Devices of the organisation in the words a person sees. */

export const deviceName = ({ deviceName: name }: Pick<Device, 'deviceName'>): string =>
  name ?? 'A device without a name'

export const stateWords: Record<DeviceState, string> = {
  outdated: 'On an older version',
  unseen: `Not seen for ${unseenAfterDays} days`,
  waiting: 'With unsent work',
  failing: 'With a recent error',
}

const errors: Record<string, string> = {
  VALIDATION_ERROR: 'The server refused what it sent',
  AUTHORIZATION_ERROR: 'The server did not allow what it sent',
  RESOURCE_NOT_FOUND: 'What it asked for is not there',
  RATE_LIMITED: 'It asked the server too often',
  INTERNAL_ERROR: 'The server failed',
  TIMEOUT: 'The server did not answer in time',
  UNUSABLE_ANSWER: 'Something else answered for the server',
  CERTIFICATE_REFUSED: 'The certificate of the server was refused',
  STORAGE_UNREADABLE: 'Its unsent work cannot be read',
  STORAGE_NEWER: 'Its data is of a newer app',
  STORAGE_UNWRITABLE: 'Disk full or not writable',
  STORAGE_STOPPED: 'Its storage stopped for a moment',
  FAULT: 'The app failed',
}

/** What a newer app may call by a name that is not known here is said by that name. */
export const errorWords = (code: string): string =>
  errors[code] ?? capital(code.toLowerCase().replaceAll('_', ' '))

/** How much waits there, as it last told. */
export function waitingWords({ waiting }: Device): string {
  if (waiting === null) return 'Not known'
  return waiting === 0 ? 'Nothing' : countWords(waiting, 'edit')
}
