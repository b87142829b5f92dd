/** Why the local files cannot serve. Nothing in them has been deleted or changed when one of these is thrown. */
export type StorageReason =
  /** `queue.db` is damaged, or is not readable with this key. */
  | 'unreadable'
  /** A file was written by a newer version of the app. */
  | 'newer'
  /** The disk is full or refuses to be written. */
  | 'unwritable'
  /** The storage process ended; the next call starts it again. */
  | 'stopped'

const sentences: Record<StorageReason, string> = {
  unreadable: 'The file with your unsent work cannot be read. It has been left as it is.',
  newer:
    'The data on this computer was written by a newer version of Fieldbook. Update Fieldbook to open it.',
  unwritable:
    'This could not be saved: the disk is full or cannot be written. Make some room and save again.',
  stopped: 'The local storage stopped for a moment. Try again.',
}

/** `message` is shown to the person as it is. */
export class StorageError extends Error {
  readonly reason: StorageReason

  constructor(reason: StorageReason, options?: ErrorOptions) {
    super(sentences[reason], options)
    this.name = 'StorageError'
    this.reason = reason
  }
}

const codeOf = (error: unknown) => {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : ''
}

/** The file's content is not what SQLite and the key expect: garbage, cut short, or another key. */
export const isDamage = (error: unknown) => /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error))

/** The disk, not the content, is the trouble. */
export const isUnwritable = (error: unknown) =>
  /^(SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PERM)|ENOSPC|EDQUOT|EROFS|EACCES|EPERM|EIO)/.test(codeOf(error))

/** `work`, with what SQLite throws turned into a StorageError; other errors pass. */
export function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (isDamage(error)) throw new StorageError('unreadable', { cause: error })
    if (isUnwritable(error)) throw new StorageError('unwritable', { cause: error })
    throw error
  }
}

/** `work` that can as well be done another time, should the disk not take it now. */
export function ifWritable(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof StorageError && error.reason === 'unwritable')) throw error
  }
}

/** `target`, with what SQLite throws in its methods turned into a StorageError. */
export const guardedMethods = <T extends object>(target: T): T =>
  new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function'
        ? (...args: unknown[]) => guarded(() => value.apply(target, args) as unknown)
        : value
    },
  })
