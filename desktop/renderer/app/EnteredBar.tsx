import { ShieldAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Entered } from '#desktop/bridge/tenants'
import { enterTenant, useSession } from './session.ts'
import { whenClean } from './workspace.ts'
import { afterDrawing } from '../ui/after-drawing.ts'
import { Button } from '../ui/Button.tsx'
import { focusScreen } from '../ui/focus-back.ts'

/** Back to one's own, after the person has decided about unsaved changes. Where it fails they are out already. */
export const leaveTenant = () => whenClean(() => void enterTenant(null).catch(() => undefined))

/** Says, as long as it lasts, in whose organisation a super admin acts. */
export function EnteredBar({ entered: { name, status } }: { entered: Entered }) {
  return (
    <div
      role="region"
      aria-label="Acting in an organisation"
      className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 border-b border-line bg-warn-soft px-4 py-1.5 text-warn"
    >
      <ShieldAlert aria-hidden size={15} className="shrink-0" />
      <p className="min-w-0 break-words">
        You are acting in <strong>{name}</strong> as super admin.
        {status === 'suspended' && ' It is suspended: nobody who belongs to it can sign in.'}
      </p>
      <Button onClick={leaveTenant}>Leave</Button>
    </div>
  )
}

/**
 * Outside all that is drawn anew when somebody comes to act in an organisation or leaves it: says so to those who do not
 * see the bar, and puts the keyboard on the screen they come to.
 */
export function EnteredNews() {
  const [news, setNews] = useState('')
  useEffect(
    () =>
      useSession.subscribe(({ entered }, before) => {
        if (entered?.id === before.entered?.id) return
        setNews(
          entered
            ? `You are acting in ${entered.name} as super admin.`
            : `You are no longer acting in ${before.entered?.name}.`,
        )
        afterDrawing(focusScreen)
      }),
    [],
  )
  return (
    <p role="status" className="sr-only">
      {news}
    </p>
  )
}
