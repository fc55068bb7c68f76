// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Digests of model files, each computed once per version of the file. */
export class ModelDigests {
  readonly #known = new Map<string, string>();

  /**
   * `sha256:<64 hex>` of the file an engine has loaded; undefined when the file cannot be read here.
   *
   * A path told by an engine on another machine means another file, so only loopback engines are believed (ORCH-4304).
   */
  async of(path: string, engineUrl: string, signal: AbortSignal): Promise<string | undefined> {
    if (!LOOPBACK.test(new URL(engineUrl).hostname)) return undefined;
    try {
      const { size, mtimeMs, ino } = await stat(path);
      const version = `${path}\n${size}\n${mtimeMs}\n${ino}`;
      const digest = this.#known.get(version) ?? (await digestFile(path, signal));
      this.#known.set(version, digest);
      return digest;
    } catch (error) {
      if (signal.aborted) throw error;
      // Not readable from here, for instance in the engine's container: then the digest is not known.
      return undefined;
    }
  }
}

async function digestFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1_048_576 }), hash, { signal });
  return `sha256:${hash.digest('hex')}`;
}
