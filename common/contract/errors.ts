import Type, { type Static } from 'typebox'
import { Closed } from './primitives.ts'

/** Every way a request can fail, and the HTTP status that says so. Clients branch on the code, never on the text. */
export const errorStatus = {
  VALIDATION_ERROR: 400,
  AUTHENTICATION_ERROR: 401,
  AUTHORIZATION_ERROR: 403,
  PASSWORD_CHANGE_REQUIRED: 403,
  RESOURCE_NOT_FOUND: 404,
  CONFLICT: 409,
  ACCOUNT_LOCKED: 423,
  RATE_LIMITED: 429,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const

export type ErrorCode = keyof typeof errorStatus

export const FieldProblem = Closed({ field: Type.String(), message: Type.String() })
export type FieldProblem = Static<typeof FieldProblem>

export const ErrorBody = Closed({
  status: Type.Literal('error'),
  error: Closed({
    code: Type.Enum(Object.keys(errorStatus) as ErrorCode[]),
    message: Type.String(),
    requestId: Type.String(),
    details: Type.Optional(Type.Array(FieldProblem)),
    current: Type.Optional(Type.Unknown({ description: 'With CONFLICT: the record as it is now' })),
  }),
})
export type ErrorBody = Static<typeof ErrorBody>

/**
 * With SERVICE_UNAVAILABLE, among the details: the server answers reads and can write nothing for now. Apps that do not
 * know it try again later, as with every other reason.
 */
export const readOnlyField = 'readOnly'
export const isReadOnly = ({ code, details }: { code: string; details?: FieldProblem[] | undefined }) =>
  code === 'SERVICE_UNAVAILABLE' && details?.some(({ field }) => field === readOnlyField) === true

/** A failure a person can be told about. `message` is shown as it is; `details` names the fields at fault. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: FieldProblem[] | undefined
  readonly current: unknown

  constructor(code: ErrorCode, message: string, more: { details?: FieldProblem[]; current?: unknown } = {}) {
    super(message)
    this.name = 'AppError'
    this.code = code
    this.details = more.details
    this.current = more.current
  }
}
