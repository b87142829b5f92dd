import { packageFolder, packageRelease } from './packaging.ts'
import { readUpdateKeys } from './update-feed.ts'

/**
 * `npm run package` puts the app together in dist/ as a folder, for trying out and for tests: whatever Electron
 * this machine has will do. `npm run package -- --release` makes the installers of this operating system: with
 * Electron's official binary, fetched and checked against its published checksums, or not at all; signed, or not at
 * all. Which keys may sign its updates is in UPDATE_PUBLIC_KEYS.
 */
try {
  if (process.argv.includes('--release')) {
    const updateKeys = readUpdateKeys(process.env.UPDATE_PUBLIC_KEYS)
    console.log((await packageRelease({ updateKeys })).join('\n'))
  } else console.log(await packageFolder())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
