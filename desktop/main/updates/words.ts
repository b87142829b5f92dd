import { UpdateRefused } from './version-list.ts'

/** Why there is no update, for people: what happened, what did not, what to do. */
export function wordsOf(error: unknown): string {
  if (error instanceof UpdateRefused) return error.message
  const {
    code = '',
    statusCode = 0,
    message = '',
  } = error as { code?: string; statusCode?: number; message?: string }
  switch (code) {
    case 'ERR_CHECKSUM_MISMATCH':
      return 'The update that arrived is not the one that was released. It was thrown away; nothing was installed.'
    case 'ERR_UPDATER_INVALID_SIGNATURE':
      return 'The update is not signed by the makers of Fieldbook. It was thrown away; nothing was installed.'
    case 'ENOSPC':
      return 'There is not enough room on the disk for the update. Make some and check again.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'Fieldbook may not write where it is installed. Ask whoever looks after this computer to update it.'
    case 'ENOENT':
      return 'The folder with the updates, or a file in it, is not there.'
  }
  if (statusCode === 404)
    return 'The update source has no updates for this kind of computer, or not all of its files.'
  if (statusCode > 0)
    return `The update source answered with an error (${statusCode}). Fieldbook tries again later.`
  if (/net::ERR_CERT|certificate/i.test(message)) {
    return 'The update source’s certificate is not trusted by this computer. Tell whoever looks after it.'
  }
  if (/net::|ECONN|ENOTFOUND|ETIMEDOUT|EAI_AGAIN/.test(`${code} ${message}`)) {
    return 'The update source cannot be reached. Fieldbook tries again later.'
  }
  return 'The update could not be fetched. Fieldbook tries again later.'
}
