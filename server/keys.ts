import { runWithSettings } from './command.ts'
import { rotateKeys } from './modules/auth/keyring.ts'

/** `npm run keys:rotate`: another key signs access tokens from some minutes on; servers at work take it up. */

await runWithSettings(async ({ jwtPrivateKey, dataDir }) => {
  if (jwtPrivateKey) {
    return {
      ok: false,
      words: 'JWT_PRIVATE_KEY holds the keys: put the new one there, in the steps of docs/security.md',
    }
  }
  const rotated = await rotateKeys(dataDir)
  if ('not' in rotated) return { ok: false, words: rotated.not }
  const at = rotated.from.toISOString()
  return { ok: true, words: `A new key is in ${dataDir}: published at once, it signs from ${at}` }
})
