/** A way to break the product: a change of its text, made while it is loaded. */
export interface Bug {
  name: string
  /** What goes wrong with it. */
  what: string
  file: string
  /** Occurs in the file exactly once. */
  search: string
  replace: string
  /** The part of the harness that has to notice. */
  caughtBy: string
  /** For a part other than the simulation: how much of it. */
  options?: Record<string, string>
  /** The simulation looks only at histories on disk, where a process can end in the middle of a step. */
  onDisk?: true
}

const simulated = (bugs: Omit<Bug, 'caughtBy'>[]): Bug[] =>
  bugs.map((bug) => ({ ...bug, caughtBy: 'simulation' }))

export const bugs: readonly Bug[] = [
  ...simulated([
    {
      name: 'cursor before rows',
      what: 'The cursor is stored ahead of the rows it stands for.',
      file: 'desktop/main/store/cache.ts',
      search: `  store(page: PullPage): Set<string> {\n`,
      replace: `  store(page: PullPage): Set<string> {\n    this.#write('cursor', page.cursor)\n`,
      onDisk: true,
    },
    {
      name: 'retry on next write',
      what: 'After a failure nothing is tried until somebody saves.',
      file: 'desktop/main/sync/pacer.ts',
      search: `if (!this.#stopped && !this.#paused) this.#later(delay)`,
      replace: `if (!this.#stopped && !this.#paused && this.#failures === 0) this.#later(delay)`,
    },
    {
      name: 'clock decides',
      what: 'The next try waits for a time of day, so that a clock set back by years stops sync.',
      file: 'desktop/main/sync/pacer.ts',
      search: `    this.#cancelTimer = this.#options.clock.after(delay, () => {\n`,
      replace: `    const { clock } = this.#options
    const due = clock.now() + delay
    this.#cancelTimer = clock.after(delay, () => {
      if (clock.now() < due) return this.#later(due - clock.now())\n`,
    },
    {
      name: 'never resumes',
      what: 'Signing in again does not end the pause that the end of the session began.',
      file: 'desktop/main/sync/pacer.ts',
      search: `  resume(): void {\n    this.#paused = false\n`,
      replace: `  resume(): void {\n`,
    },
    {
      name: 'own edit reverted by a pull',
      what: 'An acknowledged edit leaves the screen before the copy that holds it has arrived.',
      file: 'desktop/main/store/local-store.ts',
      search: `const applied = current ? this.#queue.forgetApplied`,
      replace: `const applied = page ? this.#queue.forgetApplied`,
    },
    {
      name: 'forgotten when acknowledged',
      what: 'An edit leaves the queue with the answer, and the screen shows the old copy until the next pull.',
      file: 'desktop/main/store/queue.ts',
      search: `if (entry.state === 'resending' && result.status === 'duplicate')`,
      replace: `if (result.status === 'applied' || result.status === 'duplicate')`,
    },
    {
      name: 'acknowledged edits not laid on top',
      what: 'The screen shows an edit only while it waits.',
      file: 'desktop/main/outbox/present.ts',
      search: `    if (!mutation) continue\n`,
      replace: `    if (!mutation || state === 'applied') continue\n`,
    },
    {
      name: 'deleted under an edit',
      what: 'When somebody else deletes a record, the edit of it that waits here vanishes from the screen.',
      file: 'desktop/main/store/local-store.ts',
      search: `record ?? (chain.length > 0 ? lastSeen : null)`,
      replace: `record`,
    },
    {
      name: 'deleted row reappears',
      what: 'Removals are passed over, so that what was deleted stays.',
      file: 'desktop/main/store/cache.ts',
      search: `if (entity === 'interaction') this.#remove(id, changed)`,
      replace: `if (entity === 'interaction') void changed`,
    },
    {
      name: 'no tombstones',
      what: 'The server does not say what was deleted.',
      file: 'desktop/main/test/server-model.ts',
      search: `else page.removals.push(`,
      replace: `else [].push as unknown; void (`,
    },
    {
      name: "another person's token",
      what: 'Everybody on a computer has the same file and key.',
      file: 'desktop/main/session/account.ts',
      search: '.update(`${server}\\n${userId}`)',
      replace: '.update(server)',
    },
    {
      name: 'refusal taken for success',
      what: 'A 400 or 409 for an edit ends it as if the server had it.',
      file: 'desktop/main/sync/engine.ts',
      search: `            status: 'rejected',\n`,
      replace: `            status: 'applied',\n`,
    },
    {
      name: 'conflict taken for success',
      what: 'A conflict ends the edit as if the server had it.',
      file: 'desktop/main/store/queue-rows.ts',
      search: `if (result.conflict) return ['conflict', result.conflict, null]`,
      replace: `if (result.conflict) return ['applied', null, null]`,
    },
    {
      name: 'deleted although sending failed',
      what: 'Edits leave the queue when they are handed to the network.',
      file: 'desktop/main/store/queue.ts',
      search: `'UPDATE outbox SET sent = 1 WHERE mutation_id = ? AND sent = 0'`,
      replace: `'DELETE FROM outbox WHERE mutation_id = ?'`,
    },
    {
      name: 'not marked as sent',
      what: 'An edit that may be on the server already can be discarded.',
      file: 'desktop/main/store/queue.ts',
      search: `'UPDATE outbox SET sent = 1 WHERE mutation_id = ? AND sent = 0'`,
      replace: `'UPDATE outbox SET sent = 0 WHERE mutation_id = ?'`,
    },
    {
      name: 'discard without asking the server',
      what: 'What was sent, and not answered yet, can be discarded.',
      file: 'desktop/main/outbox/amend.ts',
      search: `remove.some((other) => !neverApplied(other) && other.state !== 'unreadable')`,
      replace: `remove.some((other) => !neverApplied(other) && other.state === 'applied')`,
    },
    {
      name: 'settling loses what builds on it',
      what: 'Edits on top of a conflict are gone once it is settled.',
      file: 'desktop/main/outbox/amend.ts',
      search: `...again(descendants, ids, context, root)]`,
      replace: `...again(descendants.slice(1), ids, context, root)]`,
    },
    {
      name: 'restore unnoticed',
      what: 'The device does not look whether the server was restored from a backup.',
      file: 'desktop/main/store/local-store.ts',
      search: `const restored = page.reset || (epoch !== page.epoch && !isNew)`,
      replace: `const restored = page.epoch === ''`,
    },
    {
      name: 'restore unnoticed by the server',
      what: 'A cursor from before the restore is taken as if it were of this database.',
      file: 'desktop/main/test/server-model.ts',
      search: `(given.epoch !== this.#state.epoch || feedIds`,
      replace: `(feedIds`,
    },
    {
      name: 'acknowledged work not sent again',
      what: 'After a restore what the server has lost stays lost.',
      file: 'desktop/main/store/queue.ts',
      search: `      this.#past.putBack()\n      this.#sql.run(`,
      replace: `      this.#sql.run(`,
    },
    {
      name: 'copies kept through a reset',
      what: 'After a restore the copies of before stay beside those of now.',
      file: 'desktop/main/store/cache.ts',
      search: `if (page.reset) this.#clear(changed)`,
      replace: `void page.reset`,
    },
    {
      name: 'copies of a lost site kept',
      what: 'What a site held stays on the disk after it was taken away.',
      file: 'desktop/main/store/cache.ts',
      search: `'SELECT site, id FROM sites WHERE id NOT IN (SELECT value FROM json_each(?))'`,
      replace: `'SELECT site, id FROM sites WHERE id NOT IN (SELECT value FROM json_each(?)) AND false'`,
    },
    {
      name: 'last seen of a lost site kept',
      what: 'What was remembered for an edit stays on the disk after its site was taken away.',
      file: 'desktop/main/store/last-seen.ts',
      search: '`DELETE FROM last_seen WHERE ${outside}`',
      replace: '`DELETE FROM last_seen WHERE false AND ${outside}`',
    },
    {
      name: 'their values of a lost site kept',
      what: 'A conflict keeps what others wrote after its site was taken away.',
      file: 'desktop/main/store/queue.ts',
      search: `WHERE state = 'conflict' AND \${outside}`,
      replace: `WHERE state = 'conflict' AND false AND \${outside}`,
    },
    {
      name: 'deleted pages readable',
      what: 'What is deleted is neither overwritten nor left behind in an old file.',
      file: 'desktop/main/store/cache.ts',
      search: `this.#db.pragma('secure_delete = ON')`,
      replace: `this.compact = () => {}`,
    },
    {
      name: 'one bad edit stops all',
      what: 'A batch the server refuses is sent again as it is, for ever.',
      file: 'desktop/main/sync/engine.ts',
      search: `      if (verdict?.kind === 'refused') {\n`,
      replace: `      if (verdict?.kind === 'refused') {\n        if (smaller > 0) throw error\n`,
    },
    {
      name: 'one bad edit damns its batch',
      what: 'The first edit of a batch the server refuses is blamed, whichever it was.',
      file: 'desktop/main/sync/engine.ts',
      search: `if (verdict?.kind === 'refused' && others.length === 0) {`,
      replace: `if (verdict?.kind === 'refused') {`,
    },
    {
      name: 'rate limit taken for a refusal',
      what: 'An edit that met a busy server is put before the person as refused.',
      file: 'desktop/main/sync/verdict.ts',
      search: `[400, 403, 409].includes(error.status)`,
      replace: `[400, 403, 409, 429].includes(error.status)`,
    },
    {
      name: 'descendants not held back',
      what: 'What builds on a stopped edit is sent, and comes back, for ever.',
      file: 'desktop/main/outbox/entry.ts',
      search: `mutation?.dependsOn.some((id) => stoppedIds.has(id)) ?? false`,
      replace: `mutation === undefined`,
    },
    {
      name: 'newer shapes sent',
      what: 'An edit written by a later version of the app is sent by one that cannot read it.',
      file: 'desktop/main/store/queue.ts',
      search: `(mutation === null) !== (state === 'unreadable')`,
      replace: `mutation !== null && state === 'unreadable'`,
      onDisk: true,
    },
    {
      name: 'older shapes not raised',
      what: 'What the app wrote before it was upgraded can no longer be read.',
      file: 'common/rules/upcast.ts',
      search: `const raised = steps.slice(Number(version) - 1).reduce(`,
      replace: `const raised = steps.slice(Number(version)).reduce(`,
    },
    {
      name: 'last writer wins',
      what: 'What both sides changed is overwritten without a word.',
      file: 'common/rules/merge.ts',
      search: `if (conflicts.length > 0) return`,
      replace: `if (conflicts.length > 99) return`,
    },
    {
      name: 'a moment in pieces',
      what: 'Start, end and time zone are merged one by one.',
      file: 'common/rules/merge.ts',
      search: `? [...new Set([...changed, ...together])]`,
      replace: `? changed`,
    },
    {
      name: 'edit of what is on screen',
      what: 'An edit is compared with the newest copy and not with what its author had before them.',
      file: 'desktop/main/outbox/compose.ts',
      search: `  const edit = difference(opened, fields)\n`,
      replace: `  const edit = difference({ ...opened, ...shown }, fields)\n`,
    },
    {
      name: 'deletion of what nobody saw',
      what: 'A deletion takes changes its author had not seen.',
      file: 'desktop/main/test/server-model.ts',
      search: `if (unseen) return conflict(current, [])`,
      replace: `void unseen`,
    },
    {
      name: 'no receipts',
      what: 'The same edit sent twice has its effect twice.',
      file: 'desktop/main/test/server-model.ts',
      search: `    if (earlier) {\n`,
      replace: `    if (earlier?.userId === '') {\n`,
    },
    {
      name: 'imported edits under another device',
      what: 'An outbox taken along is sent as the new device, so that receipts do not match.',
      file: 'desktop/main/store/queue.ts',
      search: `const device = edit.deviceId === deviceId ? null : edit.deviceId`,
      replace: `const device = null`,
    },
    {
      name: 'rows hidden by what is gone',
      what: 'Row numbers that come to name others hide them on screen.',
      file: 'desktop/main/store/local-store.ts',
      search: `if (inBulk) this.#fromCache((cache) => cache.uncoverAll())`,
      replace: `void inBulk`,
    },
  ]),
  {
    name: 'sequence cursor',
    what: 'Feed numbers come from a sequence, so that a later number may commit first.',
    file: 'server/modules/journal/journal.repository.ts',
    search: `DO UPDATE SET seq = feed_heads.seq + :by
     RETURNING seq, audit_count, audit_hash\`,
    { tenantId: scope.tenantId, feedId, by },`,
    replace: `DO UPDATE SET seq = greatest(feed_heads.seq, :taken)
     RETURNING :taken::bigint AS seq, audit_count, audit_hash\`,
    { tenantId: scope.tenantId, feedId, by, taken: (globalThis.taken = (globalThis.taken ?? 1e6) + by) },`,
    caughtBy: 'cursor',
    options: { count: '400' },
  },
  {
    name: 'receipt in a second transaction',
    what: 'The receipt commits apart from the effect, so that a crash leaves one without the other.',
    file: 'server/modules/sync/push.service.ts',
    search: `      await repository.keepReceipt(`,
    replace: `      const keepReceipt = (...receipt: Parameters<typeof repository.keepReceipt>) =>
        transact(scopeOf(actor, belongs ? mutation.siteId : null), (other) =>
          createSyncRepository(other).keepReceipt(...receipt),
        ).catch(() => undefined)
      void keepReceipt(`,
    caughtBy: 'kill',
    options: { of: 'push', count: '12' },
  },
  {
    name: 'NORMAL sync',
    what: 'The queue is not pressed onto the disk with each save.',
    file: 'desktop/main/store/database.ts',
    search: 'db.pragma(`synchronous = ${synchronous}`)',
    replace: 'db.pragma(`synchronous = NORMAL`)',
    caughtBy: 'power-loss',
    options: { count: '250' },
  },
]
