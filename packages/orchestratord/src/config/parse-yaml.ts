// SPDX-License-Identifier: MIT
import { LineCounter, parseAllDocuments } from 'yaml';
import { ConfigError, type ConfigFault } from './config-fault.ts';

/** Aliases that one file may expand to; a small file could else become a huge one. */
const MAX_ALIASES = 100;

/**
 * YAML text as plain data; an empty file is an empty mapping.
 *
 * @throws ConfigError naming line and column; ORCH-5003.
 */
export function parseYaml(text: string): unknown {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { uniqueKeys: true, strict: true, version: '1.2', lineCounter });
  if (!Array.isArray(documents) || documents.length === 0) return {};
  if (documents.length > 1) throw new ConfigError([{ path: '$', expected: 'one document', actual: 'several' }]);
  const [document] = documents;
  const faults = [...(document?.errors ?? []), ...(document?.warnings ?? [])].map(({ code, pos }): ConfigFault => {
    const { line, col } = lineCounter.linePos(pos[0]);
    return { path: `line ${line}, column ${col}`, expected: 'plain YAML with unique keys', actual: code };
  });
  if (faults.length > 0) throw new ConfigError(faults);
  try {
    return document?.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch {
    // The only fault left after a clean parse: aliases that expand too far.
    throw new ConfigError([{ path: '$', expected: `at most ${MAX_ALIASES} aliases`, actual: 'more' }]);
  }
}
