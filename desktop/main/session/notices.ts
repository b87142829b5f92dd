/** What a person is told about their data on this device. */
export const notices = {
  keepsNothing:
    'This computer offers no safe place for keys, so nothing is kept on it: unsent changes are lost when you quit.',
  copyReplaced: 'The local copy was damaged and is being fetched again. Your unsent changes are safe.',
  setAside: 'The file that could not be read was kept under another name. Sign in to go on with a new one.',
  locked:
    'The keychain of this computer does not open the key to your data. Nothing has been changed. Unlock it, then try again.',
  siteGone: 'You no longer belong to the site you were working in.',
  leftTenant: (name: string) => `You no longer act in ${name}: you may not, or it is not there any more.`,
  defaultNotSet: 'The site is chosen, but could not be made your default: the server did not answer.',
  viewRefused: (name: string | null, reason: string) =>
    `${name === null ? 'A view could not be deleted' : `The view “${name}” could not be saved`}: ${reason.replace(/\.$/, '')}. It is as the server has it again.`,
  memoryLost:
    'The local storage stopped. Nothing is kept on this computer, so changes not yet sent were lost.',
}
