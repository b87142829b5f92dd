import { build, type CliOptions } from 'electron-builder'
import { resolve } from 'node:path'
import { electronBinary } from './electron-binary.ts'

/**
 * `npm run package` puts the app together in dist/ as a folder, for trying out and for tests: whatever Electron
 * this machine has will do, and its inspector stays on, because Playwright drives the app through it.
 * `npm run package -- --release` makes the installers of this operating system: with Electron's official binary,
 * fetched and checked against its published checksums, or not at all.
 */
const release = process.argv.includes('--release')
const config = 'electron-builder.yml'
const projectDir = resolve(import.meta.dirname, '..')

const options: CliOptions = release
  ? { projectDir, config, publish: 'never' }
  : {
      projectDir,
      dir: true,
      publish: 'never',
      config: {
        extends: config,
        electronDist: (await electronBinary()).dist,
        electronFuses: { enableNodeCliInspectArguments: true },
      },
    }

try {
  const artifacts = await build(options)
  console.log(release ? artifacts.join('\n') : 'For trying out and tests only: its inspector is on.')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
