// SPDX-License-Identifier: MIT
import type { LogFields, Logger, LogLevel } from '@llama-orch/orchestrator-core';
import { createLogger as createWinston, format, transports } from 'winston';
import { placeOfStack } from './place-of.ts';

/** How log lines are written. */
export interface LogOptions {
  /** Least important level that is written. */
  readonly level: LogLevel;
  /** JSON lines, or a form for people. */
  readonly format: 'json' | 'pretty';
  /** Where they go; the service uses standard output. */
  readonly stream: NodeJS.WritableStream;
  /** Texts that must never appear, such as the token: the last line of defense. */
  readonly secrets: readonly string[];
}

/** ORCH-6101: every field a log line may have, in the order of reading. */
export const LOG_FIELDS = [
  'code',
  'reason',
  'state',
  'task_id',
  'job_id',
  'session_id',
  'pool_id',
  'replica_id',
  'artifact_id',
  'priority',
  'attempt',
  'engine',
  'engine_version',
  'model_id',
  'queue_position',
  'predicted_start_ms',
  'queue_time_ms',
  'tokens_in',
  'tokens_out',
  'decode_time_ms',
  'finish_reason',
  'kv_warmth',
  'method',
  'route',
  'status',
  'duration_ms',
  'address',
  'version',
  'signal',
  'count',
  'fault',
  'identity',
  'correlation_id',
] as const;

const LEVELS: Record<LogLevel, number> = { error: 0, warn: 1, info: 2, debug: 3 };
/** Longest text of one field; ids and names are shorter. */
const MAX_TEXT_LENGTH = 1_024;

/** A winston logger behind the port of the core. Fields outside {@link LOG_FIELDS} are left out. */
export function createLogger({ level, format: form, stream, secrets }: LogOptions): Logger {
  const line = form === 'json' ? jsonLine : prettyLine;
  const winston = createWinston({
    level,
    levels: LEVELS,
    format: format.printf((info) => line(info['record'] as LogRecord)),
    transports: [new transports.Stream({ stream, eol: '\n' })],
  });
  return {
    log(lineLevel, human, fields) {
      if (LEVELS[lineLevel] > LEVELS[level]) return;
      const record = { at: new Date().toISOString(), level: lineLevel, human, fields: known(fields) };
      winston.log(lineLevel, '', { record: redacted(record, secrets) });
    },
  };
}

interface LogRecord {
  readonly at: string;
  readonly level: LogLevel;
  readonly human: string;
  readonly fields: LogFields;
}

function known(fields: LogFields): LogFields {
  const { cause } = fields;
  const all: LogFields = typeof cause === 'string' ? { fault: placeOfStack(cause), ...fields } : fields;
  return Object.fromEntries(
    LOG_FIELDS.filter((name) => all[name] !== undefined).map((name) => {
      const value = all[name];
      return [name, typeof value === 'string' ? value.slice(0, MAX_TEXT_LENGTH) : value];
    }),
  );
}

function redacted(record: LogRecord, secrets: readonly string[]): LogRecord {
  const clean = (text: string): string => secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
  const fields = Object.entries(record.fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? clean(value) : value,
  ]);
  return { ...record, human: clean(record.human), fields: Object.fromEntries(fields) as LogFields };
}

function jsonLine({ at, level, human, fields }: LogRecord): string {
  return oneLine(JSON.stringify({ at, level, human, ...fields }));
}

function prettyLine({ at, level, human, fields }: LogRecord): string {
  const pairs = Object.entries(fields).map(([name, value]) => {
    const text = String(value);
    return `${name}=${/^[\w.:/-]+$/.test(text) ? text : JSON.stringify(text)}`;
  });
  return oneLine([at.slice(11, 23), level.padEnd(5), human, ...pairs].join(' '));
}

/** ORCH-6104: JSON leaves some characters that terminals and readers take for line ends or commands. */
function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
