import { useRef, useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { Shop } from '#common/contract/shops'
import type { SiteMembership } from '#common/contract/sites'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useFormGuard, whenSaved } from '../../../app/form-guard.ts'
import { useSync } from '../../../app/sync.ts'
import { tell } from '../../../app/workspace.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button } from '../../../ui/Button.tsx'
import { useFocusWrong } from '../../../ui/focus-wrong.ts'
import { Notice } from '../../../ui/Notice.tsx'
import { Pill } from '../../../ui/Pill.tsx'
import { SidePanel, PanelHead } from '../../../ui/SidePanel.tsx'
import { asSentence, errorsAt, type FieldErrors, isSaid, withoutErrors } from '../../../ui/field-errors.ts'
import { shopTargets, type ShopTarget } from './shop-columns.ts'
import { emptyShop, readValues, rebased, shopChanges, type ShopValues, valuesOf } from './shop-values.ts'
import { ShopFieldSet } from './ShopFieldSet.tsx'
import { PanelFooter } from '../../../ui/PanelFooter.tsx'

/** A shop beside the list: a new one, or one to be changed, taken out of use or deleted. */
export function ShopPanel({
  site,
  shop: first,
  focus,
  onSaved,
  onDeleted,
  onClose,
}: {
  site: SiteMembership
  /** Null for a new one. */
  shop: Shop | null
  focus: boolean
  onSaved: (shop: Shop) => void
  onDeleted: () => void
  onClose: () => void
}) {
  const siteId = site.id
  const online = useSync((sync) => sync.online)
  // The same when it is sent again, so that it is not added twice.
  const [id] = useState(() => first?.id ?? uuidv7())
  const [shop, setShop] = useState(first)
  const [saved, setSaved] = useState<ShopValues>(() => (first ? valuesOf(first) : emptyShop))
  const [values, setValues] = useState(saved)
  const [errors, setErrors] = useState<FieldErrors<ShopTarget>>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [news, setNews] = useState('')
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const focusWrong = useFocusWrong(form)
  const changes = shopChanges(saved, values)
  const dirty = Object.keys(changes).length > 0

  /** The shop as it is by now, under what is typed here. */
  const adopt = (now: Shop) => {
    const next = valuesOf(now)
    setShop(now)
    setSaved(next)
    setValues((typed) => rebased(typed, saved, next))
    onSaved(now)
  }
  const tellProblem = async (failure: Problem) => {
    const found = errorsAt(failure, shopTargets)
    setErrors(found)
    if (isSaid(found)) return
    const now =
      failure.code === 'CONFLICT' && shop ? await ask('shops.read', { siteId, id }).catch(() => null) : null
    if (now && now.shop.version !== shop?.version) {
      adopt(now.shop)
      setNews(
        'Somebody else has just changed this shop. What you typed is kept: look it over, then save again.',
      )
    } else setProblem(asSentence(failure))
  }
  const begin = () => {
    setProblem(null)
    setNews('')
    setNote('')
  }
  const save = async (): Promise<boolean> => {
    begin()
    if (shop && !dirty) {
      setNote('No changes to save')
      return true
    }
    const { shop: fields, problems } = readValues(values)
    setErrors(Object.fromEntries(problems.map(({ field, message }) => [field, message])))
    focusWrong()
    if (problems.length > 0 || busy) return false
    setBusy(true)
    const markSaved = whenSaved()
    try {
      const answer = shop
        ? await ask('shops.update', { siteId, id, version: shop.version, ...changes })
        : await ask('shops.add', { siteId, id, ...fields })
      adopt(answer.shop)
      if (shop) setNote('Saved')
      else tell(`${fields.name} is added.`)
      markSaved()
      return true
    } catch (failure) {
      await tellProblem(problemOf(failure))
      return false
    } finally {
      setBusy(false)
    }
  }
  const putToUse = async (now: Shop, active: boolean) => {
    begin()
    try {
      const { shop: changed } = await ask('shops.update', { siteId, id, version: now.version, active })
      adopt(changed)
      tell(
        active
          ? `${changed.name} is in use again.`
          : `${changed.name} is out of use: no new visit goes there.`,
        { words: 'Undo', onClick: () => void putToUse(changed, !active) },
      )
    } catch (failure) {
      await tellProblem(problemOf(failure))
    }
  }
  const remove = async () => {
    setAsking(false)
    begin()
    const markSaved = whenSaved()
    try {
      await ask('shops.remove', { siteId, id })
      tell(`${saved.name} is deleted.`)
      markSaved()
      onDeleted()
    } catch (failure) {
      setProblem(asSentence(problemOf(failure)))
    }
  }
  useFormGuard(dirty, save, () => {
    setValues(saved)
    setErrors({})
    setProblem(null)
    setNews('')
  })
  return (
    <SidePanel label="Shop">
      <form
        ref={form}
        aria-label="Shop"
        noValidate
        className="flex min-h-0 flex-1 flex-col"
        onSubmit={(event) => {
          event.preventDefault()
          // A dialog of the panel has a form of its own.
          if (event.target === event.currentTarget) void save()
        }}
      >
        <PanelHead
          title={shop ? saved.name : 'New shop'}
          badge={shop && <ShopStatePill active={shop.active} />}
          onClose={onClose}
        />
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">
          {!online && (
            <Notice tone="warn" className="mb-3.5">
              Shops are kept on the server. Changes can be saved once you are online.
            </Notice>
          )}
          <ShopFieldSet
            values={values}
            errors={errors}
            autoFocus={focus || !first}
            onChange={(typed) => {
              setValues({ ...values, ...typed })
              setErrors(withoutErrors(errors, typed))
              setNote('')
            }}
          />
          {shop && (
            <div className="mt-6 flex flex-wrap gap-2 border-t border-line pt-4">
              <Button disabled={!online} onClick={() => void putToUse(shop, !shop.active)}>
                {shop.active ? 'Take out of use' : 'Use again'}
              </Button>
              <Button look="danger" disabled={!online} onClick={() => setAsking(true)}>
                Delete…
              </Button>
            </div>
          )}
        </div>
        <PanelFooter
          save={shop ? 'Save' : 'Add'}
          busy={busy}
          news={news}
          problem={problem}
          note={note}
          onClose={onClose}
        />
      </form>
      <Ask
        open={asking}
        title={`Delete ${saved.name}?`}
        no="Keep it"
        onNo={() => setAsking(false)}
        actions={
          <Button look="danger-solid" onClick={() => void remove()}>
            Delete
          </Button>
        }
      >
        <p>
          It is gone from {site.name} for everybody. A shop that was visited, or is in a call cycle, can only
          be taken out of use.
        </p>
      </Ask>
    </SidePanel>
  )
}

export const ShopStatePill = ({ active }: { active: boolean }) => (
  <span className="flex shrink-0">
    <Pill tone={active ? 'green' : 'plain'}>{active ? 'In use' : 'Out of use'}</Pill>
  </span>
)
