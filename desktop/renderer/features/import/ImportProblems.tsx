import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Import, ImportProblem } from '#common/contract/imports'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { Button } from '../../ui/Button.tsx'
import { RowProblems } from '../../ui/import-parts.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Loading } from '../../app/AdminScreen.tsx'

interface Listed {
  rows: ImportProblem[]
  total: number
  hasMore: boolean
}

/** Rows of the table with the reasons why not, in a list that goes on as one scrolls. */
export function ImportProblems({ found, title }: { found: Import; title: string }) {
  const { id, siteId, state } = found
  return <Problems key={`${id} ${state}`} id={id} siteId={siteId} title={title} />
}

function Problems({ id, siteId, title }: { id: string; siteId: string; title: string }) {
  const [listed, setListed] = useState<Listed | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const asking = useRef(false)
  const end = useRef<HTMLDivElement>(null)

  const more = async () => {
    if (asking.current || (listed && !listed.hasMore)) return
    asking.current = true
    setProblem(null)
    try {
      const after = listed?.rows.at(-1)?.row ?? null
      const { problems, total, hasMore } = await ask('import.problems', { siteId, id, after })
      setListed({ rows: [...(listed?.rows ?? []), ...problems], total, hasMore })
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      asking.current = false
    }
  }
  const onEnd = useEffectEvent(() => void more())
  const shown = listed?.rows.length ?? -1
  useEffect(() => {
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) onEnd()
      },
      { rootMargin: '400px' },
    )
    watcher.observe(end.current!)
    return () => watcher.disconnect()
    // Anew after each part, as one that does not fill the screen leaves its end in sight.
  }, [shown])

  return (
    <>
      {listed && listed.total > 0 && (
        <section aria-label={title}>
          <RowProblems
            title={title}
            total={listed.total}
            nameOf="Title"
            rows={listed.rows.map(({ row, title: name, reason }) => ({ row, name, reason }))}
          />
        </section>
      )}
      {!listed && !problem && <Loading words="Reading the rows" />}
      {problem && <ProblemNotice problem={problem} className="my-3" />}
      {problem && (
        <Button className="self-start" onClick={() => void more()}>
          Try again
        </Button>
      )}
      <div ref={end} />
    </>
  )
}
