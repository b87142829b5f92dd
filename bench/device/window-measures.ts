/**
 * What is measured inside the window; each function is sent there as text and may use nothing from outside itself.
 * Times are milliseconds.
 */

/** From Enter in the search field, which waits for no pause, to the rows of that search on the screen. */
export async function keyToRows({ words }: { words: string[] }): Promise<number[]> {
  const field = document.querySelector<HTMLInputElement>('input[type=search]')!
  const shown = () =>
    document.querySelector('.rows-hidden')
      ? ''
      : [...document.querySelectorAll('.ag-row')].map((row) => row.getAttribute('row-id')).join()
  const counts = () => document.querySelector('[aria-label="Interactions found"]')?.textContent ?? ''
  const frame = () => new Promise((done) => requestAnimationFrame(done))
  const drawn = () =>
    new Promise<void>((done) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => done()
      requestAnimationFrame(() => port2.postMessage(null))
    })
  const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!
  const times: number[] = []
  for (const word of words) {
    const before = shown()
    setValue.call(field, word)
    field.dispatchEvent(new Event('input', { bubbles: true }))
    await frame()
    const start = performance.now()
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    do await drawn()
    while (shown() === before && performance.now() - start < 10_000)
    times.push(performance.now() - start)
    while (counts().startsWith('…')) await frame()
    for (let rest = 0; rest < 6; rest++) await frame()
  }
  return times
}

/** From a click on a row to its form on the screen with the record in it, down the list and again. */
export async function clickToForm({ clicks, rows }: { clicks: number; rows: number }): Promise<number[]> {
  const frame = () => new Promise((done) => requestAnimationFrame(done))
  const drawn = () =>
    new Promise<void>((done) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => done()
      requestAnimationFrame(() => port2.postMessage(null))
    })
  const title = () => document.querySelector<HTMLInputElement>('form input[name=title]')?.value
  const openId = () => document.querySelector('.ag-row.row-open')?.getAttribute('row-id')
  const times: number[] = []
  for (let n = 0; n < clicks; n++) {
    const cell = document.querySelector<HTMLElement>(`.ag-row[row-index="${n % rows}"] [col-id=title]`)!
    const id = cell.closest('.ag-row')!.getAttribute('row-id')
    const words = cell.textContent.trim()
    const start = performance.now()
    cell.click()
    do await drawn()
    while ((openId() !== id || title() !== words) && performance.now() - start < 10_000)
    times.push(performance.now() - start)
    for (let rest = 0; rest < 6; rest++) await frame()
  }
  return times
}

/**
 * From Save to the word that it is saved, which is after the edit is on the disk. Before the next the last one has
 * reached the server and half a second has passed, as it has when a person saves.
 */
export async function saveToSaved({ saves }: { saves: number }): Promise<number[]> {
  const frame = () => new Promise((done) => requestAnimationFrame(done))
  const notes = document.querySelector<HTMLTextAreaElement>('form textarea[name=notes]')!
  const status = document.querySelector('[aria-label="Form status"]')!
  const saysSaved = () => status.textContent.startsWith('Saved')
  const isSent = () =>
    document.querySelector('[aria-label="Sync status"]')!.textContent.includes('Up to date')
  const setValue = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')!.set!
  const button = document.querySelector<HTMLButtonElement>('form button[type=submit]')!
  const times: number[] = []
  for (let n = 0; n < saves; n++) {
    setValue.call(notes, `Note ${n} of ${performance.now()}`)
    notes.dispatchEvent(new Event('input', { bubbles: true }))
    while (saysSaved()) await frame()
    for (let rest = 0; rest < 6; rest++) await frame()
    const start = performance.now()
    await new Promise<void>((done) => {
      const observer = new MutationObserver(() => {
        if (!saysSaved()) return
        observer.disconnect()
        done()
      })
      observer.observe(status, { subtree: true, childList: true, characterData: true })
      button.click()
    })
    times.push(performance.now() - start)
    for (let rest = 0; rest < 30; rest = isSent() ? rest + 1 : 0) await frame()
  }
  return times
}

/** The longest time between two frames while the list scrolls up and down for so long. */
export async function longestFrameScrolling({ duration }: { duration: number }): Promise<number> {
  const list = [...document.querySelectorAll<HTMLElement>('.ag-root *')].find(
    (element) =>
      element.scrollHeight > element.clientHeight + 50 &&
      ['auto', 'scroll'].includes(getComputedStyle(element).overflowY),
  )!
  let longest = 0
  let last = performance.now()
  const end = last + duration
  for (let step = 0; last < end; step++) {
    const range = list.scrollHeight - list.clientHeight
    list.scrollTop = Math.abs(((step * 120) % (2 * range || 1)) - range)
    const now = await new Promise<number>((done) => requestAnimationFrame(done))
    longest = Math.max(longest, now - last)
    last = now
  }
  return longest
}

/** The longest time between two frames until `until` says the work is over. */
export async function longestFrameUntil({ text }: { text: string }): Promise<number> {
  let longest = 0
  let last = performance.now()
  const end = last + 60_000
  const isDone = () =>
    document.querySelector('[aria-label="Interactions found"]')?.textContent?.includes(text)
  for (let step = 0; last < end && (step % 10 !== 0 || !isDone()); step++) {
    const now = await new Promise<number>((done) => requestAnimationFrame(done))
    longest = Math.max(longest, now - last)
    last = now
  }
  return longest
}
