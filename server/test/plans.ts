/** A node of a plan, as `EXPLAIN (FORMAT JSON)` tells it. */
export interface PlanNode {
  'Node Type': string
  'Actual Rows'?: number
  'Actual Loops'?: number
  'Rows Removed by Filter'?: number
  'Relation Name'?: string
  'Index Name'?: string
  Plans?: PlanNode[]
}

/** The plan and all that is in it. */
export const nodes = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)]
export const kinds = (plan: PlanNode[]) => plan.map((node) => node['Node Type'])
export const relations = (plan: PlanNode[]) => [
  ...new Set(plan.flatMap((node) => node['Relation Name'] ?? [])),
]
export const indexes = (plan: PlanNode[]) => plan.flatMap((node) => node['Index Name'] ?? [])
