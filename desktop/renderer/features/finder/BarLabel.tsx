/** What a button of the list's bar says; beside an open record there is room for its sign alone. */
export const BarLabel = ({ children }: { children: string }) => (
  <span className="@max-[52rem]/bar:sr-only">{children}</span>
)
