import type { App, Session as ElectronSession } from 'electron'

/**
 * Whatever a page might try beyond showing itself and speaking over the bridge is refused: permissions, new windows,
 * leaving for another page, embedding one, downloads.
 */
export function lockDown(
  app: Pick<App, 'on'>,
  session: ElectronSession,
  isOurPage: (url: string) => boolean,
): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event) => event.preventDefault())
  // The spelling dictionary would be fetched from the network, and words people add to it kept in plain text.
  session.setSpellCheckerEnabled(false)

  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-frame-navigate', (event) => {
      if (!isOurPage(event.url)) event.preventDefault()
    })
    contents.on('will-redirect', (event) => event.preventDefault())
  })
}
