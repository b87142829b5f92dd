import type { EndpointName } from '../api/client.ts'
import type { PictureSource } from '../security/picture-protocol.ts'
import type { Session } from './session.ts'

/** Bytes of pictures that had to be fetched. */
const usuallyHeld = 64 * 1024 * 1024

type Reading = Extract<EndpointName, 'readPhotoFile' | 'readThumbnail' | 'readInfographicFile'>

/**
 * The pictures of whoever is signed in: from this device, else from the server, as far as it lets them. What was fetched
 * is held in memory, the last used longest, until they leave or what they may see changes: `follow` is called with each
 * change of the session.
 */
export function sessionPictures(
  session: Pick<Session, 'workspace' | 'client' | 'state'>,
  mostHeld = usuallyHeld,
): PictureSource & { follow(): void } {
  let held = new Map<string, Uint8Array>()
  let owner = ''
  let heldBytes = 0

  const hold = (key: string, bytes: Uint8Array) => {
    heldBytes += bytes.length - (held.get(key)?.length ?? 0)
    held.delete(key)
    held.set(key, bytes)
    for (const [oldest, { length }] of held) {
      if (heldBytes <= mostHeld) break
      held.delete(oldest)
      heldBytes -= length
    }
  }

  /** Nobody is shown what another has fetched, nor what they themselves fetched with other roles, sites or elsewhere. */
  const takeOver = () => {
    const { phase, server, user, entered, mustSignIn } = session.state()
    const now = JSON.stringify([phase, server, user?.id, user?.roles, user?.sites, entered?.id, mustSignIn])
    if (now !== owner) {
      held = new Map()
      heldBytes = 0
    }
    owner = now
    return now
  }

  const fetched = async (name: Reading, id: string): Promise<Uint8Array> => {
    const whose = takeOver()
    const key = `${name} ${id}`
    const here = held.get(key)
    const bytes = here ?? ((await session.client().call(name, { params: { id } })) as Uint8Array)
    if (takeOver() === whose) hold(key, bytes)
    return bytes
  }

  return {
    follow: () => void takeOver(),
    photo: async (id) => (await session.workspace().store.photoBytes(id)) ?? fetched('readPhotoFile', id),
    thumbnail: async (id) =>
      (await session.workspace().store.thumbnailBytes(id)) ?? fetched('readThumbnail', id),
    infographic: async (id) => {
      session.workspace()
      return fetched('readInfographicFile', id)
    },
  }
}
