import { X } from 'lucide-react'
import { useId } from 'react'
import { organisationRoles } from '#common/contract/users'
import { type SiteRole, siteRoles } from '#common/contract/sites'
import { Button } from '../../../ui/Button.tsx'
import { Field, FieldNotes } from '../../../ui/Field.tsx'
import { capital } from '../../../ui/field-rows.ts'
import { tenantRoleWords } from '../../../ui/role-words.ts'
import type { PersonErrors, PersonValues } from './person-values.ts'
import { roleMeans } from './person-words.ts'

export interface PersonFieldsProps {
  values: PersonValues
  errors: PersonErrors
  onChange: (changes: Partial<PersonValues>) => void
}

/** Who it is. */
export function NameFields({
  values,
  errors,
  onChange,
  autoFocus = false,
  emailHint,
}: PersonFieldsProps & { autoFocus?: boolean; emailHint?: string }) {
  return (
    <>
      <Field label="Name" error={errors.displayName}>
        {(control) => (
          <input
            type="text"
            {...control}
            autoFocus={autoFocus}
            autoComplete="off"
            maxLength={100}
            value={values.displayName}
            onChange={(event) => onChange({ displayName: event.target.value })}
          />
        )}
      </Field>
      <Field label="User name" error={errors.username}>
        {(control) => (
          <input
            type="text"
            {...control}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={64}
            value={values.username}
            onChange={(event) => onChange({ username: event.target.value })}
          />
        )}
      </Field>
      <Field label="E-mail" error={errors.email} hint={emailHint}>
        {(control) => (
          <input
            type="email"
            {...control}
            autoComplete="off"
            spellCheck={false}
            maxLength={254}
            value={values.email}
            onChange={(event) => onChange({ email: event.target.value })}
          />
        )}
      </Field>
    </>
  )
}

export interface SiteName {
  id: string
  name: string
  active: boolean
}

/** In which sites somebody works, and as what. */
export function SitesField({
  values,
  errors,
  onChange,
  sites,
}: PersonFieldsProps & { sites: readonly SiteName[] }) {
  const id = useId()
  const given = sites.filter((site) => values.sites[site.id])
  const others = sites.filter((site) => site.active && !values.sites[site.id])
  const put = (siteId: string, role: SiteRole | undefined) => {
    const { [siteId]: _, ...rest } = values.sites
    onChange({ sites: role ? { ...rest, [siteId]: role } : rest })
  }
  const toAdd = () => document.getElementById(id)
  return (
    <fieldset>
      <legend className="mb-1 font-[550]">Sites</legend>
      {given.length > 0 && (
        <ul aria-label="Sites of the person" className="mb-1.5 space-y-1.5">
          {given.map((site) => (
            <li key={site.id} className="flex items-center gap-1.5">
              <span className="min-w-0 flex-1 truncate" title={site.name}>
                {site.name}
                {!site.active && <span className="text-sm text-muted"> · out of use</span>}
              </span>
              <RoleSelect
                label={`Role in ${site.name}`}
                value={values.sites[site.id]!}
                onChange={(role) => put(site.id, role)}
              />
              <Button
                look="icon"
                aria-label={`Remove ${site.name}`}
                title={`Remove ${site.name}`}
                onClick={() => {
                  put(site.id, undefined)
                  toAdd()?.focus()
                }}
              >
                <X aria-hidden size={14} />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <select
        id={id}
        className="control"
        aria-label="Add a site"
        aria-invalid={Boolean(errors.sites)}
        aria-describedby={errors.sites ? `${id}-error` : undefined}
        disabled={others.length === 0}
        value=""
        onChange={(event) => put(event.target.value, 'editor')}
      >
        <option value="">{others.length === 0 ? 'No other site' : 'Add a site…'}</option>
        {others.map((site) => (
          <option key={site.id} value={site.id}>
            {site.name}
          </option>
        ))}
      </select>
      <FieldNotes
        id={id}
        error={errors.sites}
        hint={
          values.roles.includes('admin')
            ? 'An organisation admin is administrator of every site; these count again once they are none.'
            : undefined
        }
      />
    </fieldset>
  )
}

export function RoleSelect({
  label,
  value,
  onChange,
  disabled = false,
}: {
  label: string
  value: SiteRole
  onChange: (role: SiteRole) => void
  disabled?: boolean
}) {
  return (
    <select
      className="control w-36 shrink-0"
      aria-label={label}
      disabled={disabled}
      value={value}
      onChange={(event) => onChange(event.target.value as SiteRole)}
    >
      {siteRoles.map((role) => (
        <option key={role} value={role}>
          {capital(role)}
        </option>
      ))}
    </select>
  )
}

/** What somebody may do beyond their sites. */
export function RolesField({ values, errors, onChange }: PersonFieldsProps) {
  const id = useId()
  return (
    <fieldset aria-describedby={errors.roles ? `${id}-error` : undefined}>
      <legend className="mb-0.5 font-[550]">In the organisation</legend>
      <p className="mb-1 text-sm text-muted">On top of what their sites allow; may be left empty.</p>
      <ul>
        {organisationRoles.map((role) => (
          <li key={role}>
            <label className="flex items-start gap-2 py-1">
              <input
                type="checkbox"
                className="mt-[2px] size-[15px] shrink-0 accent-accent"
                aria-labelledby={`${id}-${role}`}
                aria-describedby={`${id}-${role}-means`}
                aria-invalid={Boolean(errors.roles)}
                checked={values.roles.includes(role)}
                onChange={(event) =>
                  onChange({
                    roles: event.target.checked
                      ? [...values.roles, role]
                      : values.roles.filter((other) => other !== role),
                  })
                }
              />
              <span>
                <span id={`${id}-${role}`} className="block">
                  {tenantRoleWords[role]}
                </span>
                <span id={`${id}-${role}-means`} className="block text-sm text-muted">
                  {roleMeans[role]}
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      <FieldNotes id={id} error={errors.roles} />
    </fieldset>
  )
}
