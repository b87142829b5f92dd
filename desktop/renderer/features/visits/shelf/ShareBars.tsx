import type { Brand } from '#common/contract/brands'
import { brandOf, type Shares, shareWords } from './shares.ts'

/** How the shelf is shared, in bars; in words for who does not see them. */
export function ShareBars({
  shares: { brands: shares, unmarked },
  brands,
}: {
  shares: Shares
  brands: ReadonlyMap<string, Brand>
}) {
  if (shares.length === 0) return <p className="text-muted">Nothing is marked on this photo yet.</p>
  return (
    <ul aria-label="Shares" className="space-y-3">
      {shares.map(({ brandId, share }) => {
        const { name, colour } = brandOf(brands, brandId)
        return <Bar key={brandId} name={name} share={share} colour={colour} />
      })}
      {unmarked !== null && <Bar name="Not marked" share={unmarked} colour="var(--faint)" />}
    </ul>
  )
}

const Bar = ({ name, share, colour }: { name: string; share: number; colour: string }) => (
  <li>
    <span className="flex justify-between gap-3">
      <span className="truncate font-[550]">{name}</span>
      <span className="tabular-nums">{shareWords(share)}</span>
    </span>
    <span aria-hidden className="mt-1 block h-2 overflow-hidden rounded-full bg-surface-2">
      <span className="block h-full rounded-full" style={{ width: `${share}%`, background: colour }} />
    </span>
  </li>
)
