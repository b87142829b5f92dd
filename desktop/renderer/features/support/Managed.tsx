import { useManagedSettings } from '../../app/managed.ts'
import { Notice } from '../../ui/Notice.tsx'
import { SetByIt } from '../../ui/SetByIt.tsx'

/** What IT prescribes here, where it says so, and what of it cannot be used. */
export function Managed() {
  const { settings, problems } = useManagedSettings()
  return (
    <div className="space-y-3">
      {problems.length > 0 && (
        <Notice tone="warn">
          <div>
            <p>
              Some of it cannot be used. What it was meant to restrict is restricted all the same; tell your
              IT.
            </p>
            <ul className="mt-1 list-disc pl-5 select-text">
              {problems.map(({ source, setting, message }) => (
                <li key={`${source} ${setting}`} className="break-words">
                  {setting === null ? source : `${setting} in ${source}`}: {message}
                </li>
              ))}
            </ul>
          </div>
        </Notice>
      )}
      {settings.length === 0 ? (
        <p className="text-muted">Your organisation has set nothing on this computer.</p>
      ) : (
        <>
          <SetByIt />
          <dl className="grid grid-cols-[15rem_minmax(0,1fr)] gap-x-4 gap-y-1.5">
            {settings.map(({ name, title, value, source }) => (
              <div key={name} className="contents">
                <dt className="text-muted" title={name}>
                  {title}
                </dt>
                <dd className="min-w-0 select-text">
                  <span className="break-words">{valueWords(value)}</span>
                  <span className="block truncate text-sm text-muted" title={source ?? undefined}>
                    {source ?? 'In place of a value that cannot be used'}
                  </span>
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </div>
  )
}

function valueWords(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'Yes' : 'No') : String(value)
}
