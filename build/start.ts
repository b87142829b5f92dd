import { once } from 'node:events'
import { type Config, readConfig } from '#server/config'
import { startApi, type ApiProcess } from './api-process.ts'
import { buildDesktop, hasDisplay, startDesktop, startDesktopDevelopment } from './desktop-process.ts'

/**
 * `npm start`: the API with its database and demo records, and the app's window; `npm run dev` the same from
 * source, reloading; `npm run desktop` the window alone. Closing the window or Ctrl+C ends all of it in order.
 */
const mode = process.argv[2] as 'dev' | 'desktop' | undefined
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
const interrupted = Promise.race(signals.map((signal) => once(process, signal))).then(() => 0)

try {
  process.exit(mode === 'desktop' ? await runDesktop() : await runAll())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

async function runDesktop() {
  if (!hasDisplay())
    throw new Error('There is no display here to open a window on. The API alone: npm run server')
  await buildDesktop()
  const desktop = await startDesktop(process.env.FIELDBOOK_SERVER_URL || 'http://127.0.0.1:3000')
  const code = await Promise.race([desktop.ended, interrupted])
  await desktop.stop()
  return code
}

async function runAll() {
  const config = readConfig(process.env)
  if (mode !== 'dev') {
    process.env.LOG_LEVEL ||= 'warn'
    if (hasDisplay()) await buildDesktop()
  }
  const api = await startApi(config, { watch: mode === 'dev' })
  try {
    const ready = await Promise.race([api.ready, interrupted])
    if (ready === 0) return 0
    if (!ready) return await api.ended
    printGreeting(api.url, config)
    return await (hasDisplay() ? runWindow(api) : Promise.race([api.ended, interrupted]))
  } finally {
    await api.stop()
  }
}

async function runWindow(api: ApiProcess) {
  const desktop = await (mode === 'dev' ? startDesktopDevelopment(api.url) : startDesktop(api.url))
  const over = Promise.race([desktop.ended, interrupted])
  const first = await Promise.race([over, api.ended.then(() => 'api' as const)])
  if (first === 'api') console.error('The API has ended. The app goes on without it, as if offline.')
  const code = await over
  await desktop.stop()
  return code
}

function printGreeting(url: string, { databaseUrl, demoData }: Config) {
  const demo = !databaseUrl && demoData
  const lines = [
    hasDisplay()
      ? 'Fieldbook is running.'
      : 'Fieldbook’s API is running; there is no display here for its window.',
    '',
    `  API      ${url}/api/v1`,
    `  Manual   ${url}/api/docs`,
  ]
  if (demo) lines.push('  People   admin, editor, viewer, agent, leader, outsider; password Fieldbook!2026')
  if (demo && !hasDisplay()) {
    lines.push(
      '',
      `  curl -s ${url}/api/v1/auth/login -H 'content-type: application/json' \\`,
      `    -d '{"username":"editor","password":"Fieldbook!2026"}'`,
    )
  }
  console.log(['', ...lines, '', 'Ctrl+C ends it.', ''].join('\n'))
}
