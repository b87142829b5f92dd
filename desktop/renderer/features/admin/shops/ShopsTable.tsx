import type { Shop } from '#common/contract/shops'
import { stepThrough } from '../../../ui/step-through.ts'
import { cell, head } from '../../../ui/table.ts'
import { coordinatesWords } from './shop-values.ts'
import { ShopStatePill } from './ShopPanel.tsx'

export const shopRowId = (id: string) => `shop-${id}`

/** Beside an open shop fewer columns are kept, rather than cutting all of them short. */
const roomy = '@max-[52rem]:hidden'

export function ShopsTable({
  shops,
  opened,
  showsState,
  onOpen,
}: {
  shops: readonly Shop[]
  opened: string | undefined
  /** Not all of them are in the same. */
  showsState: boolean
  onOpen: (shop: Shop, focus: boolean) => void
}) {
  const column = `${head} sticky top-0 bg-surface`
  return (
    <div className="@container">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">Shops</caption>
        <thead>
          <tr>
            <th scope="col" className={`${column} w-[32%]`}>
              Name
            </th>
            <th scope="col" className={column}>
              Address
            </th>
            <th scope="col" className={`${column} w-32 ${roomy}`}>
              Reference
            </th>
            <th scope="col" className={`${column} w-44 ${roomy}`}>
              Coordinates
            </th>
            {showsState && (
              <th scope="col" className={`${column} w-28`}>
                State
              </th>
            )}
          </tr>
        </thead>
        <tbody onKeyDown={stepThrough}>
          {shops.map((shop) => {
            const { id, name, address, reference, active } = shop
            return (
              <tr
                key={id}
                className={`cursor-pointer ${id === opened ? 'bg-accent-soft [&_.pill]:bg-surface' : 'hover:bg-surface-2'}`}
                onClick={(event) => onOpen(shop, event.detail === 0)}
              >
                <th scope="row" className={`${cell} text-left font-[550]`}>
                  <button
                    type="button"
                    id={shopRowId(id)}
                    aria-current={id === opened ? 'true' : undefined}
                    className="block w-full truncate rounded-sm text-left"
                    title={name}
                  >
                    {name}
                  </button>
                </th>
                <td className={`${cell} truncate text-muted`} title={address}>
                  {address}
                </td>
                <td className={`${cell} truncate text-muted ${roomy}`} title={reference ?? undefined}>
                  {reference}
                </td>
                <td className={`${cell} truncate text-muted tabular-nums ${roomy}`}>
                  {coordinatesWords(shop) || <span className="italic">Not known</span>}
                </td>
                {showsState && (
                  <td className={cell}>
                    <ShopStatePill active={active} />
                  </td>
                )}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
