const { app, BrowserWindow } = require('electron')
const { join } = require('node:path')

// The least an Electron app can do: what starting and memory are measured against.
void app
  .whenReady()
  .then(() => new BrowserWindow({ width: 1280, height: 800 }).loadFile(join(__dirname, 'index.html')))
