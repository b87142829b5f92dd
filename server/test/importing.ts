import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type {
  Import,
  ImportInput,
  ImportOptions,
  ImportProblem,
  ImportTarget,
} from '#common/contract/imports'
import type { Answer, Client } from './app.ts'

/** Options under which these columns are all a row needs beside its defaults. */
export const importOptions = (
  columns: (ImportTarget | null)[],
  more: Partial<ImportOptions> = {},
): ImportOptions => ({
  columns,
  defaults: { type: 'Meeting', lead: 'Ana Jones', timezone: 'Europe/Berlin' },
  dateOrder: 'dmy',
  startTime: '09:00',
  endTime: '10:00',
  existing: 'update',
  ...more,
})

export interface ProblemPage {
  problems: ImportProblem[]
  total: number
  hasMore: boolean
}

const accepted = (answer: Answer<unknown>) => expect(answer.status, answer.text).toBeLessThan(300)

/** What an administrator asks for importing. What is to become of an import needs a server that works on jobs. */
export function createImporter(client: Client) {
  const ask = (id: string, what: string, body: object = {}) =>
    client.post<{ import: Import }>(`/imports/${id}/${what}`, body)
  const read = async (id: string) => (await client.get<{ import: Import }>(`/imports/${id}`)).body.import
  const start = (input: ImportInput) => client.post<{ import: Import }>('/imports', input)
  const send = (id: string, from: number, rows: string[][]) =>
    client.put<{ received: number }>(`/imports/${id}/rows`, { from, rows })

  /** Once it is in one of these states, as it is then. */
  async function until(id: string, ...states: Import['state'][]): Promise<Import> {
    await expect
      .poll(async () => (await read(id)).state, { timeout: 120_000, interval: 50 })
      .toSatisfy((state: Import['state']) => states.includes(state))
    return read(id)
  }

  /** A table that is all there. */
  async function receive(
    rows: string[][],
    options: ImportOptions,
    headers: string[] = options.columns.map((name) => name ?? ''),
  ): Promise<string> {
    const id = randomUUID()
    accepted(await start({ id, fileName: 'table.csv', rows: rows.length, headers, options }))
    for (let from = 0; from < rows.length; from += 1000) {
      accepted(await send(id, from, rows.slice(from, from + 1000)))
    }
    return id
  }

  async function checked(...table: Parameters<typeof receive>): Promise<Import> {
    const id = await receive(...table)
    accepted(await ask(id, 'check'))
    return until(id, 'checked', 'failed')
  }

  return {
    start,
    send,
    read,
    until,
    receive,
    checked,
    check: (id: string, options?: ImportOptions) => ask(id, 'check', options ? { options } : {}),
    run: (id: string) => ask(id, 'run'),
    undo: (id: string) => ask(id, 'undo'),
    cancel: (id: string) => client.delete(`/imports/${id}`),
    file: (id: string) => client.get(`/imports/${id}/file`),
    problems: async (id: string, query = '') =>
      (await client.get<ProblemPage>(`/imports/${id}/problems${query}`)).body,

    async ran(...table: Parameters<typeof receive>): Promise<Import> {
      const { id } = await checked(...table)
      accepted(await ask(id, 'run'))
      return until(id, 'done', 'failed')
    },

    async undone(id: string): Promise<Import> {
      accepted(await ask(id, 'undo'))
      return until(id, 'undone', 'failed')
    },
  }
}
