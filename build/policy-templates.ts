import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { type PolicyName, policyNames, policySettings } from '#desktop/bridge/policy'

/**
 * What IT loads into its tools, made from the app's own table of settings: templates for group policies, a
 * configuration profile, a file, and the table of the guide. `--write` writes them.
 */

const project = resolve(import.meta.dirname, '..')
const folder = 'deploy/policies'
export const guide = 'docs/it-guide.md'
const [tableBegins, tableEnds] = ['<!-- settings: from desktop/bridge/policy.ts -->', '<!-- /settings -->']

interface Plain {
  type?: string
  enum?: string[]
  minimum?: number
  maximum?: number
  maxLength?: number
}

const schemaOf = (name: PolicyName): Plain => policySettings[name].schema

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** The same name throughout: of the policy, of its value, of its words. */
function policyOf(name: PolicyName): string {
  const { type, enum: choices, minimum, maximum, maxLength } = schemaOf(name)
  const isSwitch = type === 'boolean'
  const head = `<policy name="${name}" class="Both" displayName="$(string.${name})" explainText="$(string.${name}_about)" key="Software\\Policies\\Fieldbook"`
  const about = `
      <parentCategory ref="Fieldbook" />
      <supportedOn ref="Supported" />`
  if (isSwitch)
    return `${head} valueName="${name}">${about}
      <enabledValue><decimal value="1" /></enabledValue>
      <disabledValue><decimal value="0" /></disabledValue>
    </policy>`
  const element = choices
    ? `<enum id="${name}" valueName="${name}" required="true">${choices
        .map(
          (choice) =>
            `\n          <item displayName="$(string.${name}_${choice})"><value><string>${choice}</string></value></item>`,
        )
        .join('')}
        </enum>`
    : type === 'integer'
      ? `<decimal id="${name}" valueName="${name}" required="true" minValue="${minimum}" maxValue="${maximum}" />`
      : `<text id="${name}" valueName="${name}" required="true" maxLength="${maxLength ?? 100}" />`
  return `${head} presentation="$(presentation.${name})">${about}
      <elements>
        ${element}
      </elements>
    </policy>`
}

const admx = () => `<?xml version="1.0" encoding="utf-8"?>
<policyDefinitions xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions" revision="1.0" schemaVersion="1.0">
  <policyNamespaces>
    <target prefix="fieldbook" namespace="Fieldbook.Policies" />
    <using prefix="windows" namespace="Microsoft.Policies.Windows" />
  </policyNamespaces>
  <resources minRequiredRevision="1.0" />
  <supportedOn>
    <definitions>
      <definition name="Supported" displayName="$(string.Supported)" />
    </definitions>
  </supportedOn>
  <categories>
    <category name="Fieldbook" displayName="$(string.Fieldbook)" />
  </categories>
  <policies>
    ${policyNames.map(policyOf).join('\n    ')}
  </policies>
</policyDefinitions>
`

function adml(): string {
  const strings = [
    ['Fieldbook', 'Fieldbook'],
    ['Supported', 'Fieldbook 0.1 and later, on Windows 10 and later'],
    ...policyNames.flatMap((name) => {
      const { title, about, example } = policySettings[name]
      return [
        [name, title],
        [`${name}_about`, `${about} Example: ${JSON.stringify(example)}.`],
        ...(schemaOf(name).enum ?? []).map((choice) => [`${name}_${choice}`, choice]),
      ]
    }),
  ]
  const presentation = (name: PolicyName) => {
    const { type, enum: choices } = schemaOf(name)
    const title = escaped(policySettings[name].title)
    const control = choices
      ? `<dropdownList refId="${name}">${title}</dropdownList>`
      : type === 'integer'
        ? `<decimalTextBox refId="${name}" defaultValue="${String(policySettings[name].example)}">${title}</decimalTextBox>`
        : `<textBox refId="${name}"><label>${title}</label></textBox>`
    return `      <presentation id="${name}">${control}</presentation>`
  }
  return `<?xml version="1.0" encoding="utf-8"?>
<policyDefinitionResources xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions" revision="1.0" schemaVersion="1.0">
  <displayName>Fieldbook</displayName>
  <description>Settings of the Fieldbook app</description>
  <resources>
    <stringTable>
${strings.map(([id, text]) => `      <string id="${id!}">${escaped(text!)}</string>`).join('\n')}
    </stringTable>
    <presentationTable>
${policyNames
  .filter((name) => schemaOf(name).type !== 'boolean')
  .map(presentation)
  .join('\n')}
    </presentationTable>
  </resources>
</policyDefinitionResources>
`
}

function plistValue(value: unknown): string {
  if (typeof value === 'boolean') return `<${String(value)}/>`
  return typeof value === 'number'
    ? `<integer>${value}</integer>`
    : `<string>${escaped(String(value))}</string>`
}

/** Somebody's own profile has identifiers of its own; `uuidgen` makes them. */
const mobileconfig = () => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadIdentifier</key><string>com.example.fieldbook</string>
  <key>PayloadUUID</key><string>4C7B6D0E-6C0B-4A53-9C0F-2E0C1F0A7B11</string>
  <key>PayloadDisplayName</key><string>Fieldbook</string>
  <key>PayloadScope</key><string>System</string>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadType</key><string>com.fieldbook.app</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>com.example.fieldbook.settings</string>
      <key>PayloadUUID</key><string>A1B3C7A2-58C5-4E6B-8F0E-0B9D4C1B7F22</string>
${policyNames.map((name) => `      <key>${name}</key>${plistValue(policySettings[name].example)}`).join('\n')}
    </dict>
  </array>
</dict>
</plist>
`

const json = () =>
  `${JSON.stringify(Object.fromEntries(policyNames.map((name) => [name, policySettings[name].example])), null, 2)}\n`

function valuesOf(name: PolicyName): string {
  const { type, enum: choices, minimum, maximum } = schemaOf(name)
  if (choices) return choices.map((choice) => `\`${choice}\``).join(', ')
  if (type === 'boolean') return '`true`, `false`'
  return type === 'integer' ? `${minimum} to ${maximum}` : 'text'
}

function table(): string {
  const rows = policyNames.map((name) => {
    const { about, example, ifBad } = policySettings[name]
    const registry =
      schemaOf(name).type === undefined || schemaOf(name).type === 'string' ? 'REG_SZ' : 'REG_DWORD'
    const instead = Object.entries(ifBad).map(([other, value]) => `\`${other}\`: \`${String(value)}\``)
    return `| \`${name}\` | ${about} | ${valuesOf(name)} | \`${JSON.stringify(example)}\` | ${registry} | ${instead.join(', ') || 'as if it were not set'} |`
  })
  return [
    '| setting | what it does | values | example | in the registry | where its value cannot be used |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

/** Each file by its path in the project, with what it should hold. */
export async function policyTemplates(): Promise<Record<string, string>> {
  const text = readFileSync(join(project, guide), 'utf8')
  const [before, rest = ''] = text.split(tableBegins)
  const after = rest.split(tableEnds)[1]
  if (after === undefined) throw new Error(`${guide} has no place for the table of settings`)
  const options = await resolveConfig(join(project, guide))
  const whole = `${before}${tableBegins}\n\n${table()}\n\n${tableEnds}${after}`
  return {
    [`${folder}/windows/Fieldbook.admx`]: admx(),
    [`${folder}/windows/en-US/Fieldbook.adml`]: adml(),
    [`${folder}/macos/fieldbook.mobileconfig`]: mobileconfig(),
    [`${folder}/linux/policy.json`]: json(),
    [guide]: await format(whole, { ...options, parser: 'markdown' }),
  }
}

if (import.meta.main && process.argv.includes('--write'))
  for (const [path, text] of Object.entries(await policyTemplates())) writeFileSync(join(project, path), text)
