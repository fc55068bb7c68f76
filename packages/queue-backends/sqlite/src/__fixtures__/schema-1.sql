-- A database as the release with schema version 1 wrote it; never changed.
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO meta VALUES ('sequence', 0), ('lost_records', 0);

-- seq is the number of the journal record that admitted the task, end_seq of the one that ended it.
CREATE TABLE task (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  pool TEXT NOT NULL,
  priority TEXT NOT NULL,
  session TEXT,
  state TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  position INTEGER NOT NULL,
  epoch INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  runs TEXT,
  piece_count INTEGER,
  prefix_sha256 TEXT,
  end_seq INTEGER,
  ended_at INTEGER,
  settled_epoch INTEGER
) STRICT;
CREATE INDEX task_ended ON task (end_seq) WHERE end_seq IS NOT NULL;

CREATE TABLE request (seq INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE, body TEXT NOT NULL) STRICT;
CREATE TABLE admission (seq INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE, body TEXT NOT NULL) STRICT;
CREATE TABLE archive (
  seq INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE,
  result TEXT NOT NULL,
  transcript BLOB
) STRICT;

-- Ended tasks whose record is gone, in the order of their ends.
CREATE TABLE used_id (
  place INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  state TEXT NOT NULL,
  settled_epoch INTEGER
) STRICT;

CREATE TABLE session (id TEXT PRIMARY KEY, kept_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE statistics (pool TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;

PRAGMA user_version = 1;
INSERT INTO task (seq, id, pool, priority, session, state, fingerprint, position, epoch, attempts, piece_count, prefix_sha256, end_seq, ended_at, settled_epoch) VALUES (1, 'ended', 'haiku', 'interactive', NULL, 'completed', 'print-ended', 0, 1, 1, NULL, NULL, 7, 1700000000000, 1);
INSERT INTO request VALUES (1, '{"id":"ended","jobId":"job-ended","poolId":"haiku","priority":"interactive","input":{"workload":"completion","prompt":"p"},"maxTokens":32,"determinism":"strict","samplerProfileVersion":"default-1","sampling":{"seed":1,"temperature":0,"topP":1,"topK":0,"minP":0,"repeatPenalty":1,"presencePenalty":0,"frequencyPenalty":0,"stop":[]},"kvHint":"reuse","outputMode":"text","metadata":{},"fingerprint":"print-ended","sizeBytes":100,"identity":"anonymous","correlationId":"c","acceptedAtMs":0,"createdAt":1700000000000}');
INSERT INTO task (seq, id, pool, priority, session, state, fingerprint, position, epoch, attempts, piece_count, prefix_sha256, end_seq, ended_at, settled_epoch) VALUES (2, 'first', 'haiku', 'interactive', NULL, 'queued', 'print-first', 0, 0, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO request VALUES (2, '{"id":"first","jobId":"job-first","poolId":"haiku","priority":"interactive","input":{"workload":"completion","prompt":"p"},"maxTokens":32,"determinism":"strict","samplerProfileVersion":"default-1","sampling":{"seed":1,"temperature":0,"topP":1,"topK":0,"minP":0,"repeatPenalty":1,"presencePenalty":0,"frequencyPenalty":0,"stop":[]},"kvHint":"reuse","outputMode":"text","metadata":{},"fingerprint":"print-first","sizeBytes":100,"identity":"anonymous","correlationId":"c","acceptedAtMs":0,"createdAt":1700000000000}');
INSERT INTO task (seq, id, pool, priority, session, state, fingerprint, position, epoch, attempts, piece_count, prefix_sha256, end_seq, ended_at, settled_epoch) VALUES (3, 'ran', 'haiku', 'interactive', NULL, 'running', 'print-ran', 0, 2, 1, 3, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL, NULL, NULL);
INSERT INTO request VALUES (3, '{"id":"ran","jobId":"job-ran","poolId":"haiku","priority":"interactive","input":{"workload":"completion","prompt":"p"},"maxTokens":32,"determinism":"strict","samplerProfileVersion":"default-1","sampling":{"seed":1,"temperature":0,"topP":1,"topK":0,"minP":0,"repeatPenalty":1,"presencePenalty":0,"frequencyPenalty":0,"stop":[]},"kvHint":"reuse","outputMode":"text","metadata":{},"fingerprint":"print-ran","sizeBytes":100,"identity":"anonymous","correlationId":"c","acceptedAtMs":0,"createdAt":1700000000000}');
INSERT INTO task (seq, id, pool, priority, session, state, fingerprint, position, epoch, attempts, piece_count, prefix_sha256, end_seq, ended_at, settled_epoch) VALUES (4, 'second', 'haiku', 'interactive', NULL, 'queued', 'print-second', 0, 0, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO request VALUES (4, '{"id":"second","jobId":"job-second","poolId":"haiku","priority":"interactive","input":{"workload":"completion","prompt":"p"},"maxTokens":32,"determinism":"strict","samplerProfileVersion":"default-1","sampling":{"seed":1,"temperature":0,"topP":1,"topK":0,"minP":0,"repeatPenalty":1,"presencePenalty":0,"frequencyPenalty":0,"stop":[]},"kvHint":"reuse","outputMode":"text","metadata":{},"fingerprint":"print-second","sizeBytes":100,"identity":"anonymous","correlationId":"c","acceptedAtMs":0,"createdAt":1700000000000}');
INSERT INTO archive VALUES (1, '{"timings":{"createdAt":1700000000000},"attempts":1,"pieceCount":2,"endedAt":1700000000000}', x'7801AB562AC84C4D4E2D56B25288564A54D251504A528AAD05004E7E065F');
INSERT INTO used_id VALUES (1, 'gone', 'print', 'canceled', NULL);
INSERT INTO session VALUES ('talk', 1700000000000, '{"id":"talk","turns":1,"ttlMsRemaining":600000,"usedTokens":5}');
INSERT INTO statistics VALUES ('haiku', '{}');
UPDATE meta SET value = 7 WHERE key = 'sequence';
