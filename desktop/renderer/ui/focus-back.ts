import { useEffect, useState } from 'react'

/** What had the keyboard when a dialog opened, with all it stood in, and then what had it before the dialog under that. */
type Way = readonly { opener: HTMLElement | null; around: readonly Element[] }[]

/** Of the dialogs that are open, the one on top last. */
const ways: Way[] = []

function wayFromHere(): Way {
  const active = document.activeElement as HTMLElement | null
  // A menu closes with what is chosen in it; its button stays.
  const menu = active?.closest('[role=menu]')
  const opener = menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : active
  const around: Element[] = []
  for (let place = opener?.parentElement; place && place !== document.body; place = place.parentElement)
    around.push(place)
  return [{ opener, around }, ...(ways.at(-1) ?? [])]
}

function isLost(): boolean {
  const active = document.activeElement
  return !active || active === document.body || active.matches(':disabled')
}

function focusHeading(place: Element): boolean {
  const headings = place.querySelectorAll<HTMLElement>(':is(h1, h2, h3):not(nav *)')
  const heading = place.isConnected && [...headings].find((each) => each.checkVisibility())
  if (!heading) return false
  heading.tabIndex = -1
  heading.focus()
  return true
}

/** Puts the keyboard at the heading of the screen, unless it is somewhere already. */
export const focusScreen = () => isLost() && focusHeading(document.body)

function goBack(way: Way) {
  if (!isLost()) return
  for (const { opener, around } of way) {
    opener?.focus()
    if (!isLost()) return stayNear(way)
    if (around.some(focusHeading)) return
  }
  focusScreen()
}

/** What was answered may take away a moment later what has the keyboard now: the row it was about. */
function stayNear(way: Way) {
  const kept = document.activeElement!
  const watch = new MutationObserver(() => {
    const isThere = kept.isConnected && !kept.matches(':disabled')
    if (isThere && document.activeElement === kept) return
    watch.disconnect()
    if (!isThere) goBack(way)
  })
  watch.observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['disabled'],
  })
}

/**
 * For a dialog that is there as long as it is open: gives the keyboard back where it was or, where that is gone or
 * cannot have it, to the heading nearest around it. Where the keyboard has gone elsewhere meanwhile, it stays.
 */
export function useFocusBack(): (event: Event) => void {
  const [way] = useState(wayFromHere)
  useEffect(() => {
    ways.push(way)
    return () => void ways.splice(ways.indexOf(way), 1)
  }, [way])
  return (event) => {
    // A dialog without a button of its own would give it to nobody.
    event.preventDefault()
    goBack(way)
  }
}
