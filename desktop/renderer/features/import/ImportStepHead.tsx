import { ChevronLeft } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Button } from '../../ui/Button.tsx'
import { showList } from './import-work.ts'

/** What a step is about, with the ways on and back; the keyboard goes there as it comes. */
export function StepHead({
  title,
  about,
  back,
  children,
}: {
  title: string
  about?: ReactNode
  back?: { words: string; onClick: () => void }
  children?: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [title])
  return (
    <div className="mb-3.5 flex flex-wrap items-center gap-x-2 gap-y-2">
      {back && (
        <Button look="icon-plain" aria-label={back.words} title={back.words} onClick={back.onClick}>
          <ChevronLeft aria-hidden size={16} />
        </Button>
      )}
      <div className="mr-auto min-w-0 pl-1">
        <h2 ref={heading} tabIndex={-1} className="truncate text-lg font-semibold outline-none">
          {title}
        </h2>
        {about && <div className="text-muted">{about}</div>}
      </div>
      {children}
    </div>
  )
}

export const leave = { words: 'Back to all imports', onClick: showList }
