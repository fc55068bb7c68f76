// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { EventLog } from '../stream/event-log.ts';
import { buildTask, sha256Digest } from '../testkit/index.ts';
import type { PoolId, SessionId } from './ids.ts';
import type { TaskRecord } from './task-record.ts';
import { TaskTable } from './task-table.ts';
import type { Task } from './task.ts';

function openTable(endedTasks = 5_000, transcriptBytes = 1_000_000): TaskTable {
  const makeLog = (): EventLog => new EventLog({ maxBytes: 1_000, digest: sha256Digest });
  return new TaskTable({ retention: { endedTasks, transcriptBytes }, makeLog });
}

function add(table: TaskTable, fields: Partial<Task> = {}): TaskRecord {
  const record = table.ensure(buildTask(fields));
  const { id, jobId, poolId } = record.task;
  record.admission = { taskId: id, jobId, poolId, state: 'queued', queuePosition: 0, backoffMs: 0, seed: 1 };
  return record;
}

function end(table: TaskTable, record: TaskRecord): void {
  record.state = 'completed';
  table.retire(record);
}

verifies('ORCH-3484', 'a page goes on where the last one ended, whatever came and went', () => {
  const table = openTable();
  const records = Array.from({ length: 6 }, () => add(table));
  const first = table.list({ limit: 2 });
  expect(first.records).toEqual([records[5], records[4]]);
  for (const gone of [records[4], records[3]]) if (gone !== undefined) table.remove(gone);
  add(table);
  const second = table.list({ limit: 2, cursor: first.nextCursor ?? '' });
  expect(second.records).toEqual([records[2], records[1]]);
  const third = table.list({ limit: 2, cursor: second.nextCursor ?? '' });
  expect(third).toEqual({ records: [records[0]] });
});

verifies('ORCH-3484', 'a list holds what fits the filter', () => {
  const table = openTable();
  const plain = add(table);
  const batch = add(table, { priority: 'batch' });
  const pooled = add(table, { poolId: 'other' as PoolId });
  const talk = add(table, { sessionId: 'talk' as SessionId });
  table.ensure(buildTask());
  end(table, plain);
  expect(table.list({ limit: 9 }).records).toEqual([talk, pooled, batch, plain]);
  expect(table.list({ limit: 9, state: 'completed' }).records).toEqual([plain]);
  expect(table.list({ limit: 9, priority: 'batch' }).records).toEqual([batch]);
  expect(table.list({ limit: 9, poolId: 'other' as PoolId }).records).toEqual([pooled]);
  expect(table.list({ limit: 9, sessionId: 'talk' as SessionId }).records).toEqual([talk]);
});

verifies('ORCH-3484', 'pages stay whole through many removals', () => {
  const table = openTable(10);
  const records = Array.from({ length: 5_000 }, () => add(table));
  for (const record of records.slice(0, 4_900)) end(table, record);
  const seen: TaskRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = table.list({ limit: 7, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.records);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(records.slice(4_890).reverse());
});

verifies('ORCH-3482', 'what ended tasks were asked counts against the bound in bytes', () => {
  const table = openTable(100, 1_000);
  const records = Array.from({ length: 5 }, () => add(table, { sizeBytes: 300 }));
  for (const record of records) end(table, record);
  expect(table.list({ limit: 9 }).records).toEqual(records.slice(2).reverse());
});

verifies('ORCH-3482', 'texts count against the bound in bytes, vectors too', () => {
  const table = openTable(100, 40);
  const long = add(table, { sizeBytes: 0 });
  long.log.append(['x'.repeat(30)]);
  end(table, long);
  const vectors = add(table, { sizeBytes: 0 });
  vectors.products = { embeddings: [[1, 2]], scores: [3] };
  end(table, vectors);
  expect([table.get(long.task.id), table.get(vectors.task.id)]).toEqual([undefined, vectors]);
});
