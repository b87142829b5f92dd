import type { InteractionField } from '../contract/interactions.ts'

/** What the fields of an interaction are called, everywhere. */
export const fieldLabels: Record<InteractionField, string> = {
  title: 'Title',
  type: 'Type',
  lead: 'Lead',
  startDateTime: 'Start',
  endDateTime: 'End',
  timezone: 'Time zone',
  location: 'Location',
  description: 'Description',
  notes: 'Notes',
  status: 'Status',
}

/** The name of a field in a problem; one that people do not know is left as it is. */
export const fieldLabel = (field: string): string => fieldLabels[field as InteractionField] ?? field
