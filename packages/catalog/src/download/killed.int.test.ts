// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { propertyRun, verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { soundModel } from '../__fixtures__/gguf-file.ts';
import { digestOf, rangeOf, startModelServer } from '../__fixtures__/model-server.ts';

const REFERENCE = 'hf:org/repo/m.gguf';
const MODEL = soundModel(3 * 2 ** 20);
const SLICE_BYTES = 8_192;
/** `CATALOG_KILLS=500` for a long round. */
const KILLS = Number(process.env['CATALOG_KILLS'] ?? 6);
const PULL_MAIN = fileURLToPath(new URL('../__fixtures__/pull-main.ts', import.meta.url));

interface Pull {
  readonly process: ChildProcess;
  readonly output: Promise<string>;
}

function startPull(folder: string, origin: string): Pull {
  const args = ['--conditions=@llama-orch/source', '--no-warnings', PULL_MAIN, folder, origin, REFERENCE];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  return { process: child, output: once(child, 'close').then(() => text) };
}

verifies(
  ['ORCH-1610', 'ORCH-1611'],
  'a pull that is killed at any byte goes on, and installs the file whole or not at all',
  async () => {
    await using server = await startModelServer();
    const folder = await mkdtemp(join(tmpdir(), 'llama-orch-killed-'));
    let random = propertyRun.seed;
    const draw = (below: number): number => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    let sentBytes = 0;
    let killAtBytes = Infinity;
    let running: Pull | undefined;
    server.script = (_request, response, seen) => {
      const { head, body } = rangeOf(MODEL, seen);
      response.writeHead(head.status, head.headers);
      const send = (from: number): void => {
        sentBytes += Math.min(SLICE_BYTES, body.length - from);
        if (sentBytes >= killAtBytes) running?.process.kill('SIGKILL');
        const next = from + SLICE_BYTES;
        if (next >= body.length) response.end(body.subarray(from));
        else response.write(body.subarray(from, next), (error) => (error ? undefined : send(next)));
      };
      send(0);
      return true;
    };
    try {
      let [killed, resumed] = [0, 0];
      for (let round = 0; round < KILLS; round += 1) {
        killAtBytes = sentBytes + draw(MODEL.length / 2);
        const asked = server.requests.length;
        running = startPull(folder, server.origin);
        const digest = await running.output;
        if (digest === '') killed += 1;
        if (server.requests[asked]?.ifRange !== undefined) resumed += 1;
        const installed = await readdir(join(folder, 'downloads')).catch(() => []);
        expect(installed.every((name) => name === `${digestOf(MODEL).slice(7)}.gguf`)).toBe(true);
        if (digest !== '') await rm(folder, { recursive: true, force: true });
      }
      expect(killed).toBeGreaterThan(0);
      expect(resumed).toBeGreaterThan(0);
      killAtBytes = Infinity;
      running = startPull(folder, server.origin);
      expect(await running.output).toBe(digestOf(MODEL));
    } finally {
      running?.process.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  },
);
