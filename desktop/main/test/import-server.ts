import type { Import, ImportInput } from '#common/contract/imports'
import { ServerError } from '../api/failures.ts'
import { alice, siteA } from './device.ts'
import type { WebModel, WebRequest } from './web-model.ts'

/** Takes rows as the server does, in order and each part once; what becomes of them a test says. */
export class ImportServer {
  readonly imports = new Map<string, Import>()
  readonly rows: string[][] = []
  /** Requests, as `PUT 1000`; `from` where there is one. */
  readonly log: string[] = []
  /** Called before each part is taken; may throw. */
  before: (from: number) => void = () => {}

  constructor(web: WebModel) {
    web.answer = (request) => (request.path.startsWith('/imports') ? this.#answer(request) : undefined)
  }

  get only(): Import {
    return [...this.imports.values()][0]!
  }

  move(change: Partial<Import>): void {
    this.imports.set(this.only.id, { ...this.only, ...change })
  }

  #answer({ method, path, body }: WebRequest): unknown {
    const [, , id, step] = path.split('/')
    const found = id ? this.imports.get(id) : undefined
    const answer = () => ({ success: true, import: this.only })
    const from = step === 'rows' ? ` ${body.from as number}` : ''
    this.log.push(`${method}${step ? ` ${step}` : ''}${from}`)
    if (!id && method === 'GET') return { imports: [...this.imports.values()] }
    if (!id) {
      const input = body as ImportInput
      if (!this.imports.has(input.id!)) this.imports.set(input.id!, begun(input))
      return answer()
    }
    if (!found) {
      throw new ServerError(
        404,
        {
          status: 'error',
          error: { code: 'RESOURCE_NOT_FOUND', message: 'There is no such import.', requestId: 'r1' },
        },
        undefined,
      )
    }
    if (method === 'DELETE') return (this.imports.delete(id), { success: true })
    if (step === 'rows') {
      this.before(body.from as number)
      if (body.from === found.received) {
        this.rows.push(...(body.rows as string[][]))
        this.move({ received: this.rows.length })
      }
      return { success: true, received: this.only.received }
    }
    if (step === 'check')
      this.move({ state: 'checking', options: (body.options ?? this.only.options) as Import['options'] })
    if (step === 'run') this.move({ state: 'running' })
    if (step === 'undo') this.move({ state: 'undoing' })
    if (step === 'problems')
      return { problems: [{ row: 3, title: null, reason: 'No' }], total: 1, hasMore: false }
    if (step === 'file') return 'file'
    return step ? answer() : { import: found }
  }
}

const begun = ({ id, fileName, digest, rows, headers, options }: ImportInput): Import => ({
  id: id!,
  siteId: siteA,
  state: 'receiving',
  fileName,
  ...(digest !== undefined && { digest }),
  headers,
  options,
  rows,
  received: 0,
  progress: 0,
  checked: null,
  result: null,
  undone: null,
  createdAt: '2026-05-01T08:00:00.000Z',
  createdBy: alice,
  endedAt: null,
  problem: null,
})
