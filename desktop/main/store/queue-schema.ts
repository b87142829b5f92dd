/** `queue.db`, one step per version of it. Steps already shipped never change. */
export const queueSteps: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    mutation_id TEXT NOT NULL UNIQUE,
    entity_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    op TEXT NOT NULL,
    mutation TEXT NOT NULL,
    title TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    state TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    conflict TEXT,
    problem TEXT
  );
  CREATE INDEX outbox_entity ON outbox (entity_id, seq);
  CREATE INDEX outbox_state ON outbox (state, seq);
  CREATE TABLE last_seen (entity_id TEXT PRIMARY KEY, site_id TEXT NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    removed_at TEXT NOT NULL,
    mutation TEXT NOT NULL,
    state TEXT NOT NULL,
    conflict TEXT
  );
  `,
  // What is over is kept to look at and, should the server lose it, to be sent again.
  `
  ALTER TABLE outbox ADD COLUMN device_id TEXT;
  CREATE TABLE past (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    seq INTEGER NOT NULL,
    mutation_id TEXT NOT NULL UNIQUE,
    entity_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    op TEXT NOT NULL,
    mutation TEXT NOT NULL,
    title TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    device_id TEXT
  );
  INSERT OR IGNORE INTO past
    SELECT NULL, seq, mutation ->> 'mutationId', mutation ->> 'entityId', mutation ->> 'siteId', mutation ->> 'op',
      mutation, coalesce(mutation ->> '$.patch.title', ''), mutation ->> 'deviceTime', removed_at, 'replaced', NULL
    FROM history WHERE json_valid(mutation) ORDER BY seq;
  DROP TABLE history;
  `,
  // What a person keeps for themselves: texts not saved yet, how they like this device, and their views of the Finder.
  `
  CREATE TABLE drafts (
    site_id TEXT NOT NULL,
    record_id TEXT NOT NULL,
    draft TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    PRIMARY KEY (site_id, record_id)
  ) WITHOUT ROWID;
  CREATE TABLE preferences (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE views (
    id TEXT PRIMARY KEY,
    site_id TEXT NOT NULL,
    view TEXT NOT NULL,
    state TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  // Files that were written from what is here, until the server has heard of them.
  `
  CREATE TABLE export_notes (id TEXT PRIMARY KEY, site_id TEXT NOT NULL, report TEXT NOT NULL) WITHOUT ROWID;
  `,
  // Visits and photos, beside interactions, and which photos' bytes are here.
  `
  ALTER TABLE outbox ADD COLUMN entity TEXT NOT NULL DEFAULT 'interaction';
  ALTER TABLE outbox ADD COLUMN visit_id TEXT;
  CREATE INDEX outbox_root ON outbox (coalesce(visit_id, entity_id), seq);
  ALTER TABLE past ADD COLUMN entity TEXT NOT NULL DEFAULT 'interaction';
  ALTER TABLE past ADD COLUMN visit_id TEXT;
  ALTER TABLE last_seen RENAME TO last_seen_before;
  CREATE TABLE last_seen (
    entity TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (entity, entity_id)
  ) WITHOUT ROWID;
  INSERT INTO last_seen SELECT 'interaction', entity_id, site_id, record FROM last_seen_before;
  DROP TABLE last_seen_before;
  CREATE INDEX last_seen_visit ON last_seen (record ->> 'visitId') WHERE record ->> 'visitId' IS NOT NULL;
  CREATE TABLE pictures (
    id TEXT PRIMARY KEY,
    visit_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    received INTEGER NOT NULL DEFAULT 0,
    restarts INTEGER NOT NULL DEFAULT 0,
    problem TEXT,
    thumbnail BLOB NOT NULL,
    thumbnail_sent INTEGER NOT NULL DEFAULT 0,
    added_at TEXT NOT NULL,
    stored_at TEXT
  );
  CREATE INDEX pictures_visit ON pictures (visit_id);
  CREATE INDEX pictures_state ON pictures (state, added_at);
  `,
  // Why visits of call cycles were not made, until the server has taken it.
  `
  CREATE TABLE miss_notes (
    cycle_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    period TEXT NOT NULL,
    slot INTEGER NOT NULL,
    reason TEXT,
    saved_at TEXT NOT NULL,
    problem TEXT,
    PRIMARY KEY (cycle_id, location_id, period, slot)
  ) WITHOUT ROWID;
  `,
]

/**
 * Whoever goes back one version of the app keeps working on the same queue: from this version of it on steps only add
 * tables, indexes, and columns that may be left out. A step that must do more raises this number, and the release with
 * it cannot be taken back by an update.
 */
export const queueReadableFrom = 6
