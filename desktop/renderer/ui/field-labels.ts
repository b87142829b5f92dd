export { fieldLabel, fieldLabels } from '#common/rules/field-labels'
