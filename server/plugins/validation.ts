import fp from 'fastify-plugin'
import { IsInteger, IsObject, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { AppError } from '#common/contract/errors'
import { describeErrors } from '#common/contract/sentences'

const parts: Record<string, string> = {
  body: 'The request body is not valid',
  querystring: 'The query is not valid',
  params: 'The address is not valid',
  headers: 'A header is not valid',
}

/**
 * Requests are checked against the contract as they are: a body is neither coerced nor stripped. Only what arrives as
 * text by nature (query, path, headers) is read as the whole number the schema asks for. Answers are checked
 * too: one that does not keep the contract is not sent.
 */
export const validation = fp(async (app) => {
  // Fastify reads plain text too; here a body is JSON.
  app.removeContentTypeParser('text/plain')

  app.setValidatorCompiler<TSchema>(({ schema, httpPart = 'body' }) => {
    const compiled = Compile(schema)
    return (value: unknown) => {
      const read = httpPart === 'body' ? value : withNumbers(schema, value)
      if (compiled.Check(read)) return { value: read }
      const details = describeErrors(compiled.Errors(read)).map(({ field, message }) => ({
        field: field || httpPart,
        message,
      }))
      return {
        error: new AppError('VALIDATION_ERROR', parts[httpPart] ?? 'The request is not valid', { details }),
      }
    }
  })

  app.setSerializerCompiler<TSchema>(({ schema, method, url }) => {
    const compiled = Compile(schema)
    return (answer: unknown) => {
      if (compiled.Check(answer)) return JSON.stringify(answer)
      const fields = describeErrors(compiled.Errors(answer)).map(({ field }) => field)
      throw new Error(`The answer of ${method} ${url} does not keep its contract at ${fields.join(', ')}`)
    }
  })
})

/** The properties that the schema wants as whole numbers, read from their digits; what is none stays as it came. */
function withNumbers(schema: TSchema, value: unknown): unknown {
  if (!IsObject(schema)) return value
  const read = Object.entries(value as Record<string, unknown>).map(([name, text]) => {
    const wanted = schema.properties[name]
    return [name, wanted && IsInteger(wanted) && /^-?\d{1,15}$/.test(String(text)) ? Number(text) : text]
  })
  return Object.fromEntries(read)
}
