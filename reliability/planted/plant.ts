import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bugs } from './bugs.ts'

/**
 * Preloaded (`node --import ./reliability/planted/plant.ts`) it breaks the product as the bug named by PLANTED_BUG says,
 * while the file is being loaded: the product itself has no switches for it. A bug whose place in the text is gone, or
 * no longer the only one, ends the process.
 */
const bug = bugs.find(({ name }) => name === process.env.PLANTED_BUG)
if (!bug) throw new Error(`There is no planted bug ${process.env.PLANTED_BUG ?? ''}`)
const { file, search, replace } = bug
const place = pathToFileURL(resolve(import.meta.dirname, '..', '..', file)).href

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (url !== place) return loaded
    const text = Buffer.from(loaded.source as Uint8Array).toString()
    const [before, after, ...others] = text.split(search)
    if (after === undefined || others.length > 0)
      throw new Error(
        `The planted bug "${bug.name}" finds its place in ${file} ${others.length} times too often`,
      )
    return { ...loaded, source: `${before}${replace}${after}` }
  },
})
