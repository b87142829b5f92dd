'use strict'
// The first thing `npm start` and `npm test` run. It must itself run on any Node from 14 up.
const { existsSync, readFileSync } = require('fs')
const { join } = require('path')

const project = join(__dirname, '..')
const [major, minor] = process.versions.node.split('.').map(Number)

/** What is wrong with this checkout and what to do about it; null when it is fit to run. */
function problem() {
  const installed = join(project, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return 'The packages are not installed yet. Run: npm ci'
  const wanted = readPackages(join(project, 'package-lock.json'))
  const present = readPackages(installed)
  const different = Object.keys(present).filter(
    (path) => (wanted[path] || {}).version !== present[path].version,
  )
  const missing = Object.keys(wanted).filter((path) => path && !wanted[path].optional && !present[path])
  if (different.length || missing.length) {
    return `The installed packages are not those of package-lock.json (${[...different, ...missing][0]}). Run: npm ci`
  }
  if (major < 24 || (major === 24 && minor < 12)) {
    return (
      `Fieldbook runs on Node 24.12 or newer; this is ${process.versions.node}. ` +
      'It brings its own Node, which is not linked here, most often because install scripts are switched off. ' +
      'Run: npm rebuild node --ignore-scripts=false'
    )
  }
  return null
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

const found = problem()
if (found) {
  console.error(found)
  process.exit(1)
}
