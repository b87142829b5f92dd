/** Puts text on the clipboard by way of a copy event: the app has no permission to reach for it by itself. */
export function copy(text: string): boolean {
  let done = false
  const fill = (event: ClipboardEvent) => {
    event.preventDefault()
    event.clipboardData?.setData('text/plain', text)
    done = true
  }
  document.addEventListener('copy', fill)
  document.execCommand('copy')
  document.removeEventListener('copy', fill)
  return done
}
