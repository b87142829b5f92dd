import type { App, Session as ElectronSession } from 'electron'

/**
 * Whatever a page might try beyond showing itself and speaking over the bridge is refused: permissions, new windows,
 * leaving for another page, embedding one, downloads. Our own page may use a camera, as visits need it, and never a
 * microphone. It may ask where it is on systems that know it themselves: elsewhere a stranger's server would be asked.
 */
export function lockDown(
  app: Pick<App, 'on'>,
  session: ElectronSession,
  isOurPage: (url: string) => boolean,
  platform: NodeJS.Platform = process.platform,
): void {
  const isNeeded = (permission: string, kinds: readonly string[]) =>
    permission === 'geolocation'
      ? platform === 'darwin' || platform === 'win32'
      : permission === 'media' && kinds.length > 0 && kinds.every((kind) => kind === 'video')
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const kinds = 'mediaTypes' in details ? (details.mediaTypes ?? []) : []
    answer(details.isMainFrame && isOurPage(details.requestingUrl) && isNeeded(permission, kinds))
  })
  session.setPermissionCheckHandler(
    (_contents, permission, origin, { isMainFrame, mediaType, requestingUrl }) => {
      const kinds = mediaType === undefined ? [] : [mediaType]
      return isMainFrame && isOurPage(requestingUrl ?? withPath(origin)) && isNeeded(permission, kinds)
    },
  )
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

const withPath = (origin: string) => (origin.endsWith('/') ? origin : `${origin}/`)
