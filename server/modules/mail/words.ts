/** The mails there are. One with a code lets whoever has it choose a password, once. */
export const mailKinds = {
  passwordReset: { code: true, hours: 1 },
  invitation: { code: true, hours: 7 * 24 },
  passwordChanged: { code: false, hours: 24 },
  report: { code: false, hours: 24 },
} as const satisfies Record<string, { code: boolean; hours: number }>
export type MailKind = keyof typeof mailKinds

/** What a mail tells of beside the person, where its kind has that. */
export interface MailAbout {
  report: string
  /** The days it tells of, `YYYY-MM-DD`. */
  from: string
  to: string
  /** As whom it was made. */
  owner: string
  isEmpty: boolean
}

export interface MailFacts {
  kind: MailKind
  displayName: string
  username: string
  /** Their organisation. */
  tenantName: string
  /** Where its code ends to count, or when what it tells of happened. */
  at: Date
  code: string | null
  about: MailAbout | null
  /** Where the server is reached, if it knows. */
  publicUrl: string | null
}

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })

const daysOf = ({ from, to }: MailAbout) =>
  from === to ? date.format(new Date(from)) : date.formatRange(new Date(from), new Date(to))

/** The words of a mail, as plain text. */
export function mailWords(facts: MailFacts): { subject: string; text: string } {
  const { kind, displayName, username, tenantName, code, about, publicUrl } = facts
  const at = `${dateTime.format(facts.at)} UTC`
  const account = `“${username}” at ${tenantName}`
  const server = publicUrl ? `\n\nThe address of the server, should the app ask for it: ${publicUrl}` : ''
  const mail = (subject: string, ...paragraphs: string[]) => ({
    subject,
    text: `Hello ${displayName},\n\n${paragraphs.join('\n\n')}\n`,
  })
  switch (kind) {
    case 'passwordReset':
      return mail(
        'Choose a new password for Fieldbook',
        `somebody, you most likely, asked for a new password for the account ${account}. Open Fieldbook, choose “I have a code” under the sign-in form, and paste this one:`,
        `    ${code}`,
        `It works once, until ${at}.${server}`,
        `If you did not ask for it, you need do nothing: your password stays as it is.`,
      )
    case 'invitation':
      return mail(
        `You are invited to Fieldbook at ${tenantName}`,
        `you have an account in Fieldbook: ${account}. Open Fieldbook, choose “I have a code” under the sign-in form, paste this one and choose your password:`,
        `    ${code}`,
        `It works once, until ${at}. After that ask an administrator for another.${server}`,
      )
    case 'passwordChanged':
      return mail(
        'Your Fieldbook password was changed',
        `the password of the account ${account} was changed on ${at}, and it was signed out everywhere else.`,
        `If that was not you, choose another at once with “Forgot your password?” and tell an administrator.`,
      )
    case 'report': {
      const { report, owner, isEmpty } = about!
      return mail(
        `${report}: ${daysOf(about!)}`,
        `the report “${report}” of ${tenantName} is with this mail, for ${daysOf(about!)}, as ${owner} sees it.`,
        ...(isEmpty ? ['There was nothing to tell of in that time.'] : []),
        `${owner} has it sent to you. Should you not want it any more, tell them or an administrator.`,
      )
    }
  }
}
