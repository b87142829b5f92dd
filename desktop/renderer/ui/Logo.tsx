export function Logo({ size = 18 }: { size?: number }) {
  return (
    <svg aria-hidden width={size} height={size} viewBox="0 0 18 18" className="shrink-0">
      <rect width="18" height="18" rx="5" className="fill-accent" />
      <path d="M6.2 4.6h6.1v1.9H8.3v2h3.5v1.8H8.3v3.1H6.2z" className="fill-on-accent" />
    </svg>
  )
}
