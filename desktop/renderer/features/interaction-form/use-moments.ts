import { useWatch } from 'react-hook-form'
import { type FormValues, momentFields, type MomentValues } from './form-values.ts'

/** Start and end as they are typed at the moment; follows no other field. */
export function useMoments(): MomentValues {
  const values = useWatch<FormValues, typeof momentFields>({ name: momentFields })
  return Object.fromEntries(
    momentFields.map((field, index) => [field, values[index]]),
  ) as unknown as MomentValues
}
