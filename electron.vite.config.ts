import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import { resolve } from 'node:path'

/**
 * Everything an installed app needs is bundled, so that it ships without node_modules; only Electron itself
 * and the native SQLite module stay outside. Targets follow the installed Electron's Node and Chromium.
 */
const external = ['better-sqlite3-multiple-ciphers']

/** What each bundle took from elsewhere, for build/notices.ts. */
const license = { fileName: 'licences.json' }

export default defineConfig({
  main: {
    build: {
      externalizeDeps: false,
      license,
      outDir: 'out/desktop/main',
      rolldownOptions: {
        external,
        input: {
          main: 'desktop/main/main.ts',
          'store-process': 'desktop/main/store/store-process.ts',
          'spreadsheet-process': 'desktop/main/spreadsheet/spreadsheet-process.ts',
        },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      license,
      outDir: 'out/desktop/preload',
      rolldownOptions: {
        input: 'desktop/preload/preload.ts',
        // A sandboxed page's preload is one CommonJS file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'desktop/renderer',
    base: './',
    plugins: [react(), tailwindcss()],
    build: {
      outDir: 'out/desktop/renderer',
      license,
      minify: true,
      // The content security policy allows neither inline scripts nor data: addresses for fonts and scripts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // Read from disk, not over a network: one chunk opens sooner than several.
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: { input: resolve('desktop/renderer/index.html') },
    },
  },
})
