import type { Load } from './run-parts.ts'

/** What is proved with the real thing. */
export const realParts: Readonly<Record<string, Load>> = {
  cursor: () => import('./real/cursor.ts'),
  'power-loss': () => import('./real/power-loss.ts'),
  kill: () => import('./real/kill.ts'),
  'kill-app': () => import('./real/kill-app.ts'),
  proxy: () => import('./real/proxy.ts'),
  drain: () => import('./real/drain.ts'),
  'disk-full': () => import('./real/disk-full.ts'),
  'many-records': () => import('./real/many-records.ts'),
  photos: () => import('./real/photos.ts'),
  restore: () => import('./real/restore.ts'),
}

/** Before them what is proved with a model of the server, and with the harness itself. */
export const parts: Readonly<Record<string, Load>> = {
  simulation: () => import('./simulation/simulation.ts'),
  planted: () => import('./planted/planted.ts'),
  ...realParts,
}
