import { AppError } from '#common/contract/errors'
import type { ProxySignIn } from '../network/proxy-sign-in.ts'
import type { Crashes } from '../support/crashes.ts'
import { type Piece, writeBundle } from '../support/bundle.ts'
import type { Gathering } from '../support/gather.ts'
import type { Files, Handlers } from './handlers.ts'

type Names = Extract<keyof Handlers, `support.${string}` | `proxy.${string}`>

/** For when the app does not do as it should. */
export function supportHandlers(
  gathering: Gathering,
  crashes: Crashes,
  proxy: ProxySignIn,
  files: Pick<Files, 'save'>,
  showLogs: () => void,
): Pick<Handlers, Names> {
  let prepared: { pieces: readonly Piece[]; at: Date } | null = null
  return {
    'support.about': async () => ({ facts: gathering.facts() }),
    'support.diagnose': async () => {
      proxy.reconsider()
      return { checks: await gathering.diagnose() }
    },
    'support.prepare': async () => {
      prepared = { pieces: await gathering.pieces(), at: new Date() }
      return {
        entries: prepared.pieces.map(({ name, about, text }) => ({
          name,
          about,
          bytes: Buffer.byteLength(text),
        })),
      }
    },
    'support.save': async () => {
      if (!prepared) throw new AppError('RESOURCE_NOT_FOUND', 'Gather the support bundle first.')
      const { pieces, at } = prepared
      const day = at.toISOString().slice(0, 10)
      return { saved: await files.save(`Fieldbook support ${day}.zip`, writeBundle(pieces, at)) }
    },
    'support.showLogs': async () => {
      showLogs()
      return {}
    },
    'support.crash': async () => ({ crash: crashes.untold }),
    'support.dismissCrash': async () => {
      crashes.dismiss()
      return {}
    },
    'proxy.read': async () => ({ asking: proxy.asking }),
    'proxy.answer': async ({ credentials }) => {
      proxy.answer(credentials)
      return {}
    },
  }
}
