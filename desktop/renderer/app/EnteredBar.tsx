import { ShieldAlert } from 'lucide-react'
import type { Entered } from '#desktop/bridge/tenants'
import { enterTenant } from './session.ts'
import { whenClean } from './workspace.ts'
import { Button } from '../ui/Button.tsx'

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
