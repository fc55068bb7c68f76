// SPDX-License-Identifier: MIT
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '@llama-orch/client';
import { verifies } from '@llama-orch/test-kit';
import { tinyModelDigest, tinyModelPath } from '@llama-orch/tiny-model';
import { expect } from 'vitest';
import { createFakeHost } from '../__fixtures__/fake-host.ts';
import { makeStateFolder } from '../__fixtures__/state-folder.ts';
import { runCli } from '../run-cli.ts';
import { findFreePort } from '../service/look-at-port.ts';
import { startService } from '../service/start-service.ts';

const configFile = join(import.meta.dirname, '../__fixtures__/mock-service.yaml');

verifies(
  'ORCH-1634',
  'a model is pulled, listed, verified and removed; a pull that failed succeeds when called again',
  async () => {
    using state = makeStateFolder();
    const port = await findFreePort('127.0.0.1');
    await using service = await startService({ configFile, port, env: state.env, readyTimeoutMs: 60_000 });
    const llamaOrch = async (...args: readonly string[]): Promise<{ code: number; document: unknown }> => {
      const host = { ...createFakeHost(), fetch: (request: Request) => fetch(request) };
      const code = await runCli(['--url', service.url, '--json', ...args], host);
      return { code, document: JSON.parse(host.written.stdout) as unknown };
    };
    expect(await llamaOrch('models', 'pull', 'tiny.gguf')).toMatchObject({
      code: 5,
      document: { error: { code: 'NOT_FOUND' } },
    });
    const folder = join(state.env['XDG_STATE_HOME'] ?? '', 'llama-orch', 'models');
    await mkdir(folder, { recursive: true });
    await copyFile(tinyModelPath, join(folder, 'tiny.gguf'));
    const pulled = await llamaOrch('models', 'pull', 'tiny.gguf', '--digest', tinyModelDigest);
    expect(pulled).toMatchObject({ code: 0, document: { status: 'installed', digest: tinyModelDigest } });
    const { model_id: id } = pulled.document as Model;
    expect(await llamaOrch('models', 'ls')).toMatchObject({ document: { models: [{ model_id: id }] } });
    expect(await llamaOrch('models', 'info', 'tiny.gguf')).toMatchObject({ document: { context_tokens: 512 } });
    expect(await llamaOrch('models', 'verify', id)).toMatchObject({ code: 0, document: { verdict: 'match' } });
    expect((await llamaOrch('models', 'rm', 'file:tiny.gguf')).code).toBe(0);
    expect(await llamaOrch('models', 'ls')).toEqual({ code: 0, document: { models: [] } });
  },
);
