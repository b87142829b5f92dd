import fp from 'fastify-plugin'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
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
 * text by nature (query, path, headers) is read as the number or boolean the schema asks for. Answers are checked
 * too: one that does not keep the contract is not sent.
 */
export const validation = fp(async (app) => {
  app.setValidatorCompiler<TSchema>(({ schema, httpPart = 'body' }) => {
    const compiled = Compile(schema)
    return (value: unknown) => {
      const read = httpPart === 'body' ? value : Value.Convert(schema, value)
      if (compiled.Check(read)) return { value: read }
      const details = describeErrors(compiled.Errors(read))
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
