// SPDX-License-Identifier: MIT
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect } from 'vitest';
import { findLlamaServer } from './find-llama-server.ts';
import { verifies } from './verifies.ts';

verifies('ORCH-1515', 'a llama-server is found by name, on the path, or not at all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'llama-server-'));
  try {
    const [empty, plain, runnable] = ['empty', 'plain', 'runnable'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const path of [empty, plain, runnable]) await mkdir(path);
    await writeFile(join(plain, 'llama-server'), '');
    await writeFile(join(runnable, 'llama-server'), '');
    await chmod(join(runnable, 'llama-server'), 0o700);
    const path = [empty, plain, runnable].join(delimiter);
    expect(findLlamaServer({ PATH: path })).toBe(join(runnable, 'llama-server'));
    expect(findLlamaServer({ PATH: path, LLAMA_SERVER: '/named' })).toBe('/named');
    expect(findLlamaServer({ PATH: [empty, plain].join(delimiter), LLAMA_SERVER: '' })).toBeUndefined();
    expect(findLlamaServer({})).toBeUndefined();
  } finally {
    await rm(folder, { recursive: true });
  }
});
