import { AppError } from '#common/contract/errors'
import { TooMuchText } from '#common/spreadsheet/too-much-text'

/** What work with a file fails with is, where it is a thing that happens, told in words for people. */
export async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const message = error instanceof TooMuchText ? error.message : wordsFor(error as NodeJS.ErrnoException)
    throw message === undefined ? error : new AppError('VALIDATION_ERROR', message)
  }
}

function wordsFor({ code }: NodeJS.ErrnoException): string | undefined {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The disk is full. Make room or choose another place, then export again.'
    case 'EACCES':
    case 'EBUSY':
    case 'EPERM':
    case 'EROFS':
      return 'The file cannot be written there: it is open in another program, or the folder is closed to you. Close it or choose another place, then export again.'
    case 'ENOENT':
    case 'ENOTDIR':
      return 'The folder is not there any more. Choose another place, then export again.'
    case 'EISDIR':
    case 'EINVAL':
    case 'ENAMETOOLONG':
      return 'The file cannot have that name. Choose another one, then export again.'
    case 'EIO':
    case 'ENODEV':
    case 'ENXIO':
      return 'The disk does not answer. Choose another place, then export again.'
    default:
      return undefined
  }
}
