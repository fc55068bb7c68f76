// SPDX-License-Identifier: MIT
import { Writable } from 'node:stream';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { createLogger, LOG_FIELDS, type LogOptions } from './log.ts';
import { placeOf } from './place-of.ts';

function record(options: Partial<LogOptions> = {}): { logger: ReturnType<typeof createLogger>; lines: string[] } {
  const lines: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      lines.push(line);
      done();
    },
  });
  return { logger: createLogger({ level: 'debug', format: 'json', stream, secrets: [], ...options }), lines };
}

verifies(['ORCH-6100', 'ORCH-6101'], 'a line is one JSON object with the named fields and no others', () => {
  const { logger, lines } = record();
  const known = Object.fromEntries(LOG_FIELDS.map((name) => [name, 'x']));
  logger.log('info', 'All is well.', { ...known, prompt: 'never', authorization: 'never', password: 'never' });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith('}\n')).toBe(true);
  const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  expect(line['at']).toMatch(/^\d{4}-.*Z$/);
  expect(Object.keys(line)).toEqual(['at', 'level', 'human', ...LOG_FIELDS]);
  expect(line).toMatchObject({ level: 'info', human: 'All is well.' });
});

verifies('ORCH-6101', 'the fields that operators are promised have seats', () => {
  const promised =
    'job_id task_id session_id engine engine_version pool_id replica_id model_id queue_position predicted_start_ms ' +
    'queue_time_ms tokens_in tokens_out decode_time_ms kv_warmth correlation_id identity';
  expect(LOG_FIELDS).toEqual(expect.arrayContaining(promised.split(' ')));
});

verifies('ORCH-6100', 'lines below the level are not written', () => {
  const { logger, lines } = record({ level: 'warn' });
  for (const level of ['debug', 'info', 'warn', 'error'] as const) logger.log(level, level, {});
  expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['warn', 'error']);
});

verifies('ORCH-6104', 'no text can begin a line of its own, in either form', () => {
  for (const format of ['json', 'pretty'] as const) {
    const { logger, lines } = record({ format });
    const attack = 'a\n{"level":"error"}\r\u2028\u0085\u001b[31mb\u007f';
    logger.log('info', attack, { reason: attack });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  }
});

verifies('ORCH-6100', 'the form for people has the same fields on one line', () => {
  const { logger, lines } = record({ format: 'pretty' });
  logger.log('warn', 'The pool is slow.', { pool_id: 'haiku', reason: 'two words' });
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}The pool is slow\. reason="two words" pool_id=haiku\n$/);
});

verifies('ORCH-6102', 'a secret that got into a field is taken out', () => {
  const { logger, lines } = record({ secrets: ['canary-token'] });
  logger.log('error', 'Bearer canary-token was here.', { reason: 'x canary-token y' });
  expect(lines.join('')).not.toContain('canary-token');
});

verifies('ORCH-6103', 'a fault is told by kind and place, without its message', () => {
  const cause = Object.assign(new RangeError('canary prompt'), { code: 'E_CANT' });
  const place = placeOf(new Error('canary prompt', { cause }));
  expect(place).toMatch(/^Error at .*log\.unit\.test\.ts.* caused by E_CANT RangeError at /);
  expect(place).not.toContain('canary');
  const ring = new Error('a');
  ring.cause = ring;
  expect(placeOf(ring).split('caused by')).toHaveLength(4);
  const { logger, lines } = record();
  logger.log('error', 'It broke.', { cause: cause.stack });
  expect(lines[0]).toContain('"fault":"RangeError at ');
  expect(lines[0]).not.toContain('canary');
});
