import type { Answer, Problem, RequestName } from '#desktop/bridge/channels'
import type { Device } from './device.ts'

/** What the server says of itself when it fails. */
export const failure: Problem = {
  code: 'INTERNAL_ERROR',
  message: 'The server could not answer. Try again in a moment.',
  reference: '01990000-4711',
  details: [],
}

/** From now on main answers this request with a problem, or with null never. */
export const answerWith = (device: Device, name: RequestName, problem: Problem | null): Promise<void> =>
  device.app.evaluate(
    ({ ipcMain }, told) => {
      ipcMain.removeHandler(told.name)
      ipcMain.handle(told.name, () =>
        told.problem ? { ok: false, problem: told.problem } : new Promise(() => {}),
      )
    },
    { name, problem },
  )

/** From now on main answers this request, each time it is asked, once what this returns is called. */
export async function answerLater<N extends RequestName>(
  device: Device,
  name: N,
  value: Answer<N>,
): Promise<() => Promise<void>> {
  const gate = await device.app.evaluateHandle(
    ({ ipcMain }, told) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      ipcMain.removeHandler(told.name)
      ipcMain.handle(told.name, () => promise.then(() => ({ ok: true, value: told.value })))
      return { open: resolve }
    },
    { name, value },
  )
  return () => gate.evaluate(({ open }) => open())
}
