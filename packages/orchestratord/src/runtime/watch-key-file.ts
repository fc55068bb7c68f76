// SPDX-License-Identifier: MIT
import { unwatchFile, watchFile } from 'node:fs';
import type { Logger } from '@llama-orch/orchestrator-core';
import { ConfigError } from '../config/config-fault.ts';
import { loadKeyFile, type KeyRing } from '../config/key-file.ts';

const DEFAULT_INTERVAL_MS = 2_000;

/** What is watched. */
export interface KeyFileWatchOptions {
  /** Absolute path; undefined: nothing is watched. */
  readonly file: string | undefined;
  /** What it held at the start. */
  readonly keys: KeyRing | undefined;
  /** Pools that keys may name. */
  readonly poolIds: () => readonly string[];
  readonly logger: Logger;
  /** The file holds other keys. */
  readonly onChange: (keys: KeyRing) => void;
  /** How often the file is looked at, in milliseconds; default 2,000. */
  readonly intervalMs?: number;
}

/** The keys that may call now. */
export interface KeyFileWatch {
  readonly keys: () => KeyRing | undefined;
  stop(): void;
}

/** Reads a key file again whenever it changes; a file that cannot be used changes nothing, and is told in the log. */
export function watchKeyFile(options: KeyFileWatchOptions): KeyFileWatch {
  const { file, poolIds, logger, onChange, intervalMs: interval = DEFAULT_INTERVAL_MS } = options;
  let { keys } = options;
  if (file === undefined) return { keys: () => undefined, stop: () => undefined };
  const read = (): void => {
    try {
      keys = loadKeyFile(file, poolIds());
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      logger.log('error', 'The key file cannot be used; the keys stay as they were.', { reason: error.message });
      return;
    }
    logger.log('info', 'The key file was read again.', { count: keys.entries.length });
    onChange(keys);
  };
  // By looking, not by events: editors replace files, and some file systems tell nothing.
  watchFile(file, { interval, persistent: false }, read);
  return { keys: () => keys, stop: () => unwatchFile(file, read) };
}
